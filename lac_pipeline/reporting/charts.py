"""Where the parts of the report's charts stand, in the units of an SVG's view box; `charts.html.j2` draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from msgspec import Struct

from lac_pipeline.windows import DateWindow

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
AVERAGE_DAYS = 7

Number = Decimal | int


class Frame(Struct, frozen=True):
    """The size of a chart, and the room around its bars: on the left for values, at the bottom for days."""

    width: int
    height: int
    left: int
    top: int = 10
    right: int = 24
    bottom: int = 24

    @property
    def inner_width(self) -> int:
        """The room for bars."""
        return self.width - self.left - self.right

    @property
    def inner_height(self) -> int:
        """The height of the highest bar."""
        return self.height - self.top - self.bottom

    def y(self, share: float) -> float:
        """Where a share of the axis stands."""
        return self.top + self.inner_height * (1 - share)


WIDE = Frame(560, 200, left=52)
NARROW = Frame(400, 180, left=48)
"""For a page that a phone shows too: its labels are readable at 340 pixels."""


class Bar(Struct, frozen=True):
    """A day's bar, with its tooltip."""

    x: float
    y: float
    width: float
    height: float
    title: str


class Label(Struct, frozen=True):
    """A text at a place along an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class DailyChart:
    """A bar for each day of a window, and a line for the average of the seven days up to it.

    The line comes in pieces: there is no average where one of the seven days is unknown. Of how many days of the window
    that is so is in `unknown`. `summary` is for who cannot see it.
    """

    label: str
    ticks: list[Label]
    bars: list[Bar]
    average: list[list[tuple[float, float]]]
    days: list[Label]
    unknown: int
    summary: str
    frame: Frame


def daily_chart(
    values: Mapping[date, Number | None],
    window: DateWindow,
    *,
    label: str,
    write: Callable[[Decimal], str],
    frame: Frame = WIDE,
) -> DailyChart:
    """Place a chart of the values of a window's days; `write` writes one for people.

    A day without a value counts as zero; a day whose value is None is unknown.
    """
    top, ticks = scale(max((value for value in values.values() if value is not None), default=0))
    days = list(window)
    step = frame.inner_width / len(days)
    bars = [
        _bar(
            frame,
            frame.left + n * step,
            float(value / top),
            width=step,
            title=f"{day:%a %d %b %Y}: {write(Decimal(value))}",
        )
        for n, day in enumerate(days)
        if (value := values.get(day))
    ]
    return DailyChart(
        label=label,
        ticks=[Label(round(frame.y(float(tick / top)), 2), write(tick)) for tick in ticks],
        bars=bars,
        average=_average(values, days, frame, top=top, step=step),
        days=_day_labels(days, frame, step),
        unknown=sum(values.get(day, 0) is None for day in days),
        summary=_summary(values, days, write),
        frame=frame,
    )


def bar_width(share: Decimal | float) -> float:
    """Return the width in percent of a bar that shows a share from 0 to 1."""
    return round(100 * min(max(float(share), 0.0), 1.0), 2)


def scale(highest: Number) -> tuple[Decimal, list[Decimal]]:
    """Choose round numbers for an axis from zero: its end, and at most six ticks up to it."""
    if highest <= 0:
        return Decimal(1), [Decimal(0)]
    raw = Decimal(highest) / 4
    size = Decimal(1).scaleb(raw.adjusted())
    step = next(size * nice for nice in _STEPS if size * nice >= raw)
    count = int((Decimal(highest) / step).to_integral_value(ROUND_CEILING))
    return step * count, [step * n for n in range(count + 1)]


def _summary(values: Mapping[date, Number | None], days: Sequence[date], write: Callable[[Decimal], str]) -> str:
    known = {day: Decimal(value) for day in days if (value := values.get(day, 0)) is not None}
    if not known:
        return "No day is known."
    most = max(known, key=lambda day: (known[day], day))
    mean = sum(known.values(), Decimal(0)) / len(known)
    span = f"{days[0]:%d %b %Y} to {days[-1]:%d %b %Y}"
    return f"{span}: on average {write(mean)} a day, most on {most:%d %b %Y} with {write(known[most])}."


def _bar(frame: Frame, x: float, share: float, *, width: float, title: str) -> Bar:
    height = max(share * frame.inner_height, 0.5)
    return Bar(
        x=round(x + width * 0.12, 2),
        y=round(frame.top + frame.inner_height - height, 2),
        width=round(width * 0.76, 2),
        height=round(height, 2),
        title=title,
    )


def _average(
    values: Mapping[date, Number | None], days: Sequence[date], frame: Frame, *, top: Decimal, step: float
) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for n, day in enumerate(days[AVERAGE_DAYS - 1 :], start=AVERAGE_DAYS - 1):
        week = [values.get(day - timedelta(days=back), 0) for back in range(AVERAGE_DAYS)]
        known = [Decimal(value) for value in week if value is not None]
        if len(known) < AVERAGE_DAYS:
            pieces.append([])
        else:
            share = float(sum(known, Decimal(0)) / AVERAGE_DAYS / top)
            pieces[-1].append((round(frame.left + (n + 0.5) * step, 1), round(frame.y(share), 1)))
    return [piece for piece in pieces if piece]


def _day_labels(days: Sequence[date], frame: Frame, step: float) -> list[Label]:
    """Label Mondays, and as few of them as leave room for each."""
    mondays = [(n, day) for n, day in enumerate(days) if day.weekday() == 0]
    every = -(-len(mondays) // 6) or 1
    return [Label(round(frame.left + (n + 0.5) * step, 1), f"{day:%d %b}".lstrip("0")) for n, day in mondays[::every]]
