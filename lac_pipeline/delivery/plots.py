"""Small pictures of daily metrics, for Dagster's materializations: a PNG inside markdown, which its UI shows."""

from __future__ import annotations

import io
import math
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from lac_pipeline.delivery.amounts import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Mapping[str, Any]

TOP = 6
LONGEST_LABEL = 32
_COST = "cost_in_local_currency"
_BLUE, _ORANGE, _GRAY = "#2f6fb7", "#d9822b", "#5a6878"


def metrics_plot(rows: Iterable[Row], *, entity: str, names: Mapping[int, str], currency: str | None) -> bytes | None:
    """Plot spend and impressions by day, and the campaigns or creatives that cost most.

    Args:
        rows: rows of daily metrics, of any days and order.
        entity: the column that says whose they are: `campaign_id` or `creative_id`.
        names: names by id; an id without one is shown itself.
        currency: of the account, for the titles.

    Returns:
        A PNG under 40 KB; None when there is no row to plot.
    """
    by_day, by_entity = _sums(rows, entity)
    if not by_day:
        return None
    # Importing it takes longer than most processes of the pipeline run for, and few of them plot.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(9.6, 2.7), dpi=75, layout="constrained")
    spend, impressions, top = figure.subplots(1, 3, width_ratios=(3, 3, 4))
    days = sorted(by_day)
    _bars(spend, days, [by_day[day][0] for day in days], f"spend by day, {currency or 'local currency'}", _BLUE)
    _bars(impressions, days, [by_day[day][1] for day in days], "impressions by day", _ORANGE)
    _ranking(top, by_entity, names, f"spend by {entity.removesuffix('_id')}")
    picture = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def as_markdown(png: bytes, *, alt: str) -> str:
    """Put a picture into markdown, itself."""
    return f"![{alt}](data:image/png;base64,{b64encode(png).decode()})"


def table_preview(rows: Iterable[Row], *, limit: int = 10) -> list[dict[str, str | int | None]]:
    """The first rows as records of Dagster's tables: counts stay numbers, all else becomes exact text."""
    return [
        {name: value if value is None or isinstance(value, int) else str(value) for name, value in row.items()}
        for row, _ in zip(rows, range(limit), strict=False)
    ]


def _sums(rows: Iterable[Row], entity: str) -> tuple[dict[date, tuple[Decimal, Decimal]], dict[int, Decimal]]:
    spend: defaultdict[date, Decimal] = defaultdict(Decimal)
    impressions: defaultdict[date, Decimal] = defaultdict(Decimal)
    by_entity: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        spend[row["date"]] += _known(row[_COST])
        impressions[row["date"]] += _known(row["impressions"])
        by_entity[row[entity]] += _known(row[_COST])
    return {day: (spend[day], impressions[day]) for day in spend}, by_entity


def _known(value: Decimal | float | None) -> Decimal:
    """Zero for what was never asked for, which a DataFrame turns into NaN."""
    return Decimal(0) if value is None or (isinstance(value, float) and math.isnan(value)) else Decimal(value)


def _bars(axes: Axes, days: Sequence[date], values: Sequence[Decimal], title: str, colour: str) -> None:
    places = [day.toordinal() for day in days]
    # Floats are only drawn here; gaps between many bars would flicker at this size.
    axes.bar(places, [float(value) for value in values], width=0.8 if len(days) < 40 else 1.0, color=colour)
    axes.set_title(title, fontsize=9, loc="left")
    ticks = days[:: max(1, -(-len(days) // 4))]
    axes.set_xticks([day.toordinal() for day in ticks], [f"{day.day} {day:%b}" for day in ticks])
    _plainly(axes, lambda value, _: short(Decimal(str(value))))


def _ranking(axes: Axes, by_entity: Mapping[int, Decimal], names: Mapping[int, str], title: str) -> None:
    top = sorted(by_entity, key=lambda one: (-by_entity[one], one))[:TOP][::-1]
    axes.barh(range(len(top)), [float(by_entity[one]) for one in top], color=_BLUE)
    axes.set_yticks(range(len(top)), [label(names.get(one), one) for one in top], parse_math=False)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xticks([])
    for place, one in enumerate(top):
        axes.annotate(f" {short(by_entity[one])}", (float(by_entity[one]), place), va="center", fontsize=7.5)
    axes.margins(x=0.18)
    _plainly(axes, None)


def _plainly(axes: Axes, write: Callable[[float, float], str] | None) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7.5, length=2, colors=_GRAY)
    if write is not None:
        axes.yaxis.set_major_formatter(write)


def label(name: str | None, entity_id: int) -> str:
    """A name as far as the plot's font can draw it, shortened; where nothing is left of it, the id."""
    drawn = "".join(char for char in " ".join((name or "").split()) if ord(char) in _drawable()).strip()
    return (drawn if len(drawn) <= LONGEST_LABEL else f"{drawn[: LONGEST_LABEL - 1]}…") or str(entity_id)


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415  as above

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
