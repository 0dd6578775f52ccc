"""The periods of a snapshot: 7, 30 and 90 complete days, each beside the equally long one before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from lac_pipeline.windows import DateWindow, month_of, months_in

PeriodName = Literal["last_7_days", "last_30_days", "last_90_days"]
PERIODS: dict[PeriodName, int] = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90}
CREATIVES_PERIOD: PeriodName = "last_30_days"
ASSESSED_PERIOD: PeriodName = "last_30_days"
SHORTEST: PeriodName = "last_7_days"
LONGEST: PeriodName = "last_90_days"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period that ends with the snapshot's last day, and the equally long one that ends where it begins."""

    current: DateWindow
    previous: DateWindow


def comparisons(as_of: date) -> dict[PeriodName, Comparison]:
    """The periods that end with this UTC day, by name, the shortest first."""
    return {name: _comparison(as_of, days) for name, days in PERIODS.items()}


def _comparison(as_of: date, days: int) -> Comparison:
    current = DateWindow.inclusive(as_of - timedelta(days=days - 1), as_of)
    return Comparison(current, DateWindow(current.start - timedelta(days=days), current.start))


def windows(as_of: date) -> list[DateWindow]:
    """Every window that the comparisons need sums of."""
    return [window for pair in comparisons(as_of).values() for window in (pair.current, pair.previous)]


def audience_months(as_of: date) -> DateWindow:
    """The calendar month of this UTC day and the two before it."""
    months = months_in(DateWindow.inclusive(as_of - timedelta(days=100), as_of))[-3:]
    return DateWindow(months[0].start, month_of(as_of).end)
