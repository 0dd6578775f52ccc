"""Windows of UTC days."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.windows import DateWindow, contiguous, month_of, months_in

DAYS = st.dates(date(2016, 1, 1), date(2030, 12, 31))
WINDOWS = st.builds(lambda first, days: DateWindow(first, first + timedelta(days=days)), DAYS, st.integers(1, 800))


def test_a_window_without_a_day_is_refused() -> None:
    """An empty or reversed window is a mistake of the caller, and refused at once."""
    with pytest.raises(ValueError, match="at least one day"):
        DateWindow(date(2026, 11, 21), date(2026, 11, 21))


def test_inclusive_and_half_open_meet() -> None:
    """The last requested day is the day before the window's end."""
    window = DateWindow.inclusive(date(2026, 10, 1), date(2026, 10, 31))
    assert (window.end, window.last, window.days, str(window)) == (
        date(2026, 11, 1),
        date(2026, 10, 31),
        31,
        "2026-10-01..2026-10-31",
    )


def test_a_single_day_is_shown_once() -> None:
    """A person reads one day, and not a range from the day to itself."""
    assert str(DateWindow.inclusive(date(2026, 11, 22), date(2026, 11, 22))) == "2026-11-22"


@given(WINDOWS, st.integers(1, 400))
def test_chunks_hold_every_day_once(window: DateWindow, size: int) -> None:
    """However a window is cut, its days are all there, in order, once."""
    chunks = list(window.chunks(size))
    assert [day for chunk in chunks for day in chunk] == list(window)
    assert all(chunk.days <= size for chunk in chunks)


@given(WINDOWS)
def test_months_cover_the_window(window: DateWindow) -> None:
    """The months of a window are whole, adjacent, and hold each of its days."""
    months = months_in(window)
    assert all(month == month_of(month.start) and month.start.day == 1 for month in months)
    assert all(left.end == right.start for left, right in itertools.pairwise(months))
    assert window.start in months[0]
    assert window.last in months[-1]


@given(st.sets(DAYS, min_size=1, max_size=60))
def test_folding_days_keeps_exactly_them(days: set[date]) -> None:
    """Folded windows hold the given days and no other, and no two of them touch."""
    windows = contiguous(days)
    assert {day for window in windows for day in window} == days
    assert all(left.end < right.start for left, right in itertools.pairwise(windows))
