"""Windows of UTC days: half-open inside this code, inclusive only in requests to LinkedIn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class DateWindow:
    """The UTC days from `start` up to, and without, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a window without a day in it."""
        if self.end <= self.start:
            raise ValueError(f"a window needs at least one day: {self.start} is not before {self.end}")

    @classmethod
    def inclusive(cls, first: date, last: date) -> DateWindow:
        """Make a window of both days and all between them."""
        return cls(first, last + ONE_DAY)

    @property
    def last(self) -> date:
        """The last day in the window, as LinkedIn's inclusive ranges need it."""
        return self.end - ONE_DAY

    @property
    def days(self) -> int:
        """How many days the window holds."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=n) for n in range(self.days))

    def __str__(self) -> str:
        """The first and the last day for a person, or the only one."""
        return f"{self.start}" if self.days == 1 else f"{self.start}..{self.last}"

    def chunks(self, days: int) -> Iterator[DateWindow]:
        """Cut into windows of at most this many days, in order."""
        start = self.start
        while start < self.end:
            end = min(start + timedelta(days=days), self.end)
            yield DateWindow(start, end)
            start = end


def month_of(day: date) -> DateWindow:
    """The calendar month that holds this day."""
    first = day.replace(day=1)
    return DateWindow(first, (first + timedelta(days=32)).replace(day=1))


def months_in(window: DateWindow) -> list[DateWindow]:
    """The calendar months that the window touches, whole, in order."""
    months = [month_of(window.start)]
    while months[-1].end < window.end:
        months.append(month_of(months[-1].end))
    return months


def contiguous(days: Iterable[date]) -> list[DateWindow]:
    """Fold days, in any order, into the fewest windows that hold exactly them."""
    windows: list[DateWindow] = []
    for day in sorted(set(days)):
        if windows and windows[-1].end == day:
            windows[-1] = DateWindow(windows[-1].start, day + ONE_DAY)
        else:
            windows.append(DateWindow(day, day + ONE_DAY))
    return windows
