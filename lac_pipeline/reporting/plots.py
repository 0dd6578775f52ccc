"""Small pictures of daily metrics, for Dagster's materializations: a PNG inside markdown, which its UI shows."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from lac_pipeline.printable import one_line
from lac_pipeline.reporting.amounts import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Mapping[str, Any]

TOP = 6
"""How many campaigns or creatives are ranked."""
LONGEST_LABEL = 32
_BLUE, _ORANGE, _GRAY = "#2f6fb7", "#d9822b", "#5a6878"


def metrics_plot(
    sums: Sequence[tuple[date, Decimal, Decimal]],
    top: Sequence[tuple[int, str | None, Decimal]],
    *,
    entity: str,
    currency: str | None,
) -> bytes | None:
    """Plot spend and impressions by day, and the campaigns or creatives that cost most.

    Args:
        sums: spend and impressions of each day, the days in order.
        top: id, name if known, and spend of those that cost most, the dearest first.
        entity: the column that says whose they are: `campaign_id` or `creative_id`.
        currency: of the account, for the titles.

    Returns:
        A PNG under 40 KB; None when there is no day to plot.
    """
    if not sums:
        return None
    # Importing it takes longer than most processes of the pipeline run for, and few of them plot.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(9.6, 2.7), dpi=75, layout="constrained")
    spend, impressions, ranking = figure.subplots(1, 3, width_ratios=(3, 3, 4))
    days = [day for day, _, _ in sums]
    _bars(spend, days, [one for _, one, _ in sums], f"spend by day, {currency or 'local currency'}", _BLUE)
    _bars(impressions, days, [one for _, _, one in sums], "impressions by day", _ORANGE)
    _ranking(ranking, top, f"spend by {entity.removesuffix('_id')}")
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
        {
            name: value if value is None or isinstance(value, int) else one_line(str(value))
            for name, value in row.items()
        }
        for row, _ in zip(rows, range(limit), strict=False)
    ]


def _bars(axes: Axes, days: Sequence[date], values: Sequence[Decimal], title: str, colour: str) -> None:
    places = [day.toordinal() for day in days]
    # Floats are only drawn here; gaps between many bars would flicker at this size.
    axes.bar(places, [float(value) for value in values], width=0.8 if len(days) < 40 else 1.0, color=colour)
    axes.set_title(title, fontsize=9, loc="left")
    ticks = days[:: max(1, -(-len(days) // 4))]
    axes.set_xticks([day.toordinal() for day in ticks], [f"{day.day} {day:%b}" for day in ticks])
    _plainly(axes, lambda value, _: short(Decimal(str(value))))


def _ranking(axes: Axes, top: Sequence[tuple[int, str | None, Decimal]], title: str) -> None:
    upwards = top[::-1]
    axes.barh(range(len(top)), [float(spend) for _, _, spend in upwards], color=_BLUE)
    axes.set_yticks(range(len(top)), [label(name, one) for one, name, _ in upwards], parse_math=False)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xticks([])
    for place, (_, _, spend) in enumerate(upwards):
        axes.annotate(f" {short(spend)}", (float(spend), place), va="center", fontsize=7.5)
    axes.margins(x=0.18)
    _plainly(axes, None)


def _plainly(axes: Axes, write: Callable[[float, float], str] | None) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7.5, length=2, colors=_GRAY)
    if write is not None:
        axes.yaxis.set_major_formatter(write)


def label(name: str | None, entity_id: int) -> str:
    """A name as far as the plot's font can draw it, shortened; where nothing is left of it, the id."""
    drawn = "".join(char for char in one_line(" ".join((name or "").split())) if ord(char) in _drawable()).strip()
    return (drawn if len(drawn) <= LONGEST_LABEL else f"{drawn[: LONGEST_LABEL - 1]}…") or str(entity_id)


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415  as above

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
