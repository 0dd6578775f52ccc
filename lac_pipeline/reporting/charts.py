"""Charts as inline SVG: sizes in the units of the view box, colours from the page's style, no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from lac_pipeline.reporting.html import Html, element, join
from lac_pipeline.windows import DateWindow

WIDTH, HEIGHT = 560, 200
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 10, 6, 24
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
AVERAGE_DAYS = 7

Number = Decimal | int


def daily_bars(
    values: Mapping[date, Number], window: DateWindow, *, label: str, write: Callable[[Decimal], str]
) -> Html:
    """Draw a bar for each day of the window and a line for the average of the seven days up to it."""
    top, ticks = scale(max(values.values(), default=0))
    days = list(window)
    step = _INNER_WIDTH / len(days)
    bars = [
        _bar(
            _LEFT + n * step,
            float(values[day] / top),
            width=step,
            title=f"{day:%a %d %b %Y}: {write(Decimal(values[day]))}",
        )
        for n, day in enumerate(days)
        if values.get(day)
    ]
    average = _average_line(values, days, top=top, step=step)
    return element(
        "svg",
        element("title", label),
        *(_grid_line(tick / top, write(tick)) for tick in ticks),
        *bars,
        average,
        *_day_labels(days, step),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        class_="chart",
    )


def share_bar(share: Decimal | float, *, title: str) -> Html:
    """Draw a share from 0 to 1 as a bar in a table's cell."""
    width = round(100 * min(max(float(share), 0.0), 1.0), 2)
    return element(
        "svg",
        element("title", title),
        element("rect", x=0, y=0, width=100, height=8, rx=1, class_="track"),
        element("rect", x=0, y=0, width=width, height=8, rx=1, class_="bar"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        role="img",
        class_="share",
    )


def scale(highest: Number) -> tuple[Decimal, list[Decimal]]:
    """Choose round numbers for an axis from zero: its end, and at most six ticks up to it."""
    if highest <= 0:
        return Decimal(1), [Decimal(0)]
    raw = Decimal(highest) / 4
    size = Decimal(1).scaleb(raw.adjusted())
    step = next(size * nice for nice in _STEPS if size * nice >= raw)
    count = int((Decimal(highest) / step).to_integral_value(ROUND_CEILING))
    return step * count, [step * n for n in range(count + 1)]


def _bar(x: float, share: float, *, width: float, title: str) -> Html:
    height = max(share * _INNER_HEIGHT, 0.5)
    return element(
        "rect",
        element("title", title),
        x=round(x + width * 0.12, 2),
        y=round(_TOP + _INNER_HEIGHT - height, 2),
        width=round(width * 0.76, 2),
        height=round(height, 2),
        class_="bar",
    )


def _grid_line(share: Decimal, label: str) -> Html:
    y = round(_TOP + _INNER_HEIGHT * (1 - float(share)), 2)
    return join(
        element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_="grid-line"),
        element("text", label, x=_LEFT - 6, y=y + 3.5, text_anchor="end", class_="tick"),
    )


def _average_line(values: Mapping[date, Number], days: Sequence[date], *, top: Decimal, step: float) -> Html | None:
    points = []
    for n, day in enumerate(days[AVERAGE_DAYS - 1 :], start=AVERAGE_DAYS - 1):
        week = sum((Decimal(values.get(day - timedelta(days=back), 0)) for back in range(AVERAGE_DAYS)), Decimal(0))
        y = _TOP + _INNER_HEIGHT * (1 - float(week / AVERAGE_DAYS / top))
        points.append(f"{_LEFT + (n + 0.5) * step:.1f} {y:.1f}")
    return element("path", d=f"M{' L'.join(points)}", class_="average") if points else None


def _day_labels(days: Sequence[date], step: float) -> list[Html]:
    """Label Mondays, and as few of them as leave room for each."""
    mondays = [(n, day) for n, day in enumerate(days) if day.weekday() == 0]
    every = -(-len(mondays) // 6) or 1
    return [
        element("text", f"{day:%d %b}".lstrip("0"), x=round(_LEFT + (n + 0.5) * step, 1), y=HEIGHT - 6,
                text_anchor="middle", class_="tick")
        for n, day in mondays[::every]
    ]  # fmt: skip
