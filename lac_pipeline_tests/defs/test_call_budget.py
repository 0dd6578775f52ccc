"""What the default set costs in calls to adAnalytics: counted, not timed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.stream_calls import REFRESH, Measured, Shape, default_settings, measure
from lac_pipeline.clock import utc_now
from lac_pipeline.windows import DateWindow, months_in


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Every stream of the default set, read for an account of 40 campaigns, 160 creatives and 90 days."""
    return measure(Shape(), default_settings(Shape()))


def test_each_stream_takes_the_fewest_calls_possible(measured: Measured) -> None:
    """No page, window or metric is requested twice; rows that no response holds take what the planner promises."""
    for stream in (*measured.streams, measured.check):
        for calls in (stream.first, stream.refresh):
            assert calls.floor <= calls.made <= calls.budget, stream.name
    assert all(stream.first.rows > 0 and stream.refresh.rows > 0 for stream in measured.streams)


def test_the_default_set_stays_within_its_budget(measured: Measured) -> None:
    """A refresh with the check takes at most 8 calls; on average too, where what stays fresh for longer is counted."""
    assert measured.refresh <= REFRESH
    assert measured.on_average <= REFRESH
    assert measured.first_sync <= measured.first_budget


def test_the_documented_numbers_of_calls_are_those_of_today(measured: Measured) -> None:
    """The page states every call of a first sync, by how many months its days touch, and of a refresh."""
    today = utc_now().date()
    months = months_in(DateWindow.inclusive(today - timedelta(days=Shape().days), today))
    assert measured.first_sync == {3: 20, 4: 23}[len(months)]
    assert (measured.refresh, measured.refresh + measured.rarely) == (5, 17)
    page = " ".join(Path("docs/linkedin.md").read_text("utf-8").split())
    assert "takes 23 calls of adAnalytics at its first sync, 20 where its days touch three months" in page
    assert f"5 at a refresh, and 17 once a week: {measured.on_average:.1f} on average" in page
