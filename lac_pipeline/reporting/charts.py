"""Where the parts of the report's charts stand, in the units of an SVG's view box; `charts.html.j2` draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from lac_pipeline.windows import DateWindow

WIDTH, HEIGHT = 560, 200
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 10, 6, 24
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
AVERAGE_DAYS = 7

Number = Decimal | int


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's bar, with its tooltip."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place along an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class DailyChart:
    """A bar for each day of a window, and a line for the average of the seven days up to it.

    The line comes in pieces: there is no average where one of the seven days is unknown. Of how many days of the window
    that is so is in `unknown`.
    """

    label: str
    ticks: list[Label]
    bars: list[Bar]
    average: list[list[tuple[float, float]]]
    days: list[Label]
    unknown: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def daily_chart(
    values: Mapping[date, Number | None], window: DateWindow, *, label: str, write: Callable[[Decimal], str]
) -> DailyChart:
    """Place a chart of the values of a window's days; `write` writes one for people.

    A day without a value counts as zero; a day whose value is None is unknown.
    """
    top, ticks = scale(max((value for value in values.values() if value is not None), default=0))
    days = list(window)
    step = _INNER_WIDTH / len(days)
    bars = [
        _bar(
            _LEFT + n * step,
            float(value / top),
            width=step,
            title=f"{day:%a %d %b %Y}: {write(Decimal(value))}",
        )
        for n, day in enumerate(days)
        if (value := values.get(day))
    ]
    return DailyChart(
        label=label,
        ticks=[Label(round(_height(float(tick / top)), 2), write(tick)) for tick in ticks],
        bars=bars,
        average=_average(values, days, top=top, step=step),
        days=_day_labels(days, step),
        unknown=sum(values.get(day, 0) is None for day in days),
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


def _height(share: float) -> float:
    return _TOP + _INNER_HEIGHT * (1 - share)


def _bar(x: float, share: float, *, width: float, title: str) -> Bar:
    height = max(share * _INNER_HEIGHT, 0.5)
    return Bar(
        x=round(x + width * 0.12, 2),
        y=round(_TOP + _INNER_HEIGHT - height, 2),
        width=round(width * 0.76, 2),
        height=round(height, 2),
        title=title,
    )


def _average(
    values: Mapping[date, Number | None], days: Sequence[date], *, top: Decimal, step: float
) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for n, day in enumerate(days[AVERAGE_DAYS - 1 :], start=AVERAGE_DAYS - 1):
        week = [values.get(day - timedelta(days=back), 0) for back in range(AVERAGE_DAYS)]
        known = [Decimal(value) for value in week if value is not None]
        if len(known) < AVERAGE_DAYS:
            pieces.append([])
        else:
            share = float(sum(known, Decimal(0)) / AVERAGE_DAYS / top)
            pieces[-1].append((round(_LEFT + (n + 0.5) * step, 1), round(_height(share), 1)))
    return [piece for piece in pieces if piece]


def _day_labels(days: Sequence[date], step: float) -> list[Label]:
    """Label Mondays, and as few of them as leave room for each."""
    mondays = [(n, day) for n, day in enumerate(days) if day.weekday() == 0]
    every = -(-len(mondays) // 6) or 1
    return [Label(round(_LEFT + (n + 0.5) * step, 1), f"{day:%d %b}".lstrip("0")) for n, day in mondays[::every]]
