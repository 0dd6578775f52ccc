"""Charts of daily metrics for Dagster's materializations: an SVG inside markdown, which its UI shows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from msgspec import Struct

from lac_pipeline.printable import one_line
from lac_pipeline.reporting.amounts import UNKNOWN, short
from lac_pipeline.reporting.charts import DailyChart, daily_chart
from lac_pipeline.reporting.rendering import template_environment
from lac_pipeline.windows import DateWindow

if TYPE_CHECKING:
    from jinja2 import Template

Row = Mapping[str, Any]

PREVIEW_ROWS = 10
"""How many rows a preview has."""
TOP = 6
"""How many campaigns or creatives are ranked."""
LONGEST_LABEL = 32
"""Characters of a name that fit beside its bar."""
INLINE = 999
"""Characters of the longest markdown that Dagster's UI shows in its place, and not behind a click."""
_STEP, _HEIGHT, _LINE, _WIDTH = 8, 48, 15, 320
"""The bars of a small picture, a line of the heading above them, and the whole, in pixels.

Beside keys and times, the page of an asset has hardly more room for it. A wider one widens the column, which then cuts
off the texts in it.
"""


class RankedBar(Struct, frozen=True):
    """A campaign or creative in the ranking by spend; `share` is its part of the largest spend, from 0 to 1."""

    label: str
    amount: str
    share: float


def metrics_plot(
    sums: Sequence[tuple[date, Decimal | None, int | None]],
    top: Sequence[tuple[int, str | None, Decimal | None]],
    *,
    entity: str,
    account: str,
    currency: str,
) -> str | None:
    """Draw spend and impressions by day, and the campaigns or creatives with the highest spend.

    Args:
        sums: spend and impressions of each day, in the order of the days; None where they are unknown.
        top: id, name if there is a name, and spend, the highest spend first; None where it is unknown.
        entity: the column of the ids: `campaign_id` or `creative_id`.
        account: what the ad account is called, for the title.
        currency: of the account, for the title.

    Returns:
        An SVG under 40 KB that needs no other file; None when there is no day to draw.
    """
    if not sums:
        return None
    window = DateWindow.inclusive(sums[0][0], sums[-1][0])
    spend = {day: amount for day, amount, _ in sums}
    impressions = {day: count for day, _, count in sums}
    largest = max((amount for _, _, amount in top if amount is not None), default=Decimal(0)) or Decimal(1)
    return plot(
        [
            daily_chart(spend, window, label=f"{label(account, 0)}: spend by day ({currency})", write=short),
            daily_chart(impressions, window, label="Impressions by day", write=short),
        ],
        f"Spend by {entity.removesuffix('_id')}",
        [
            RankedBar(
                label(name, entity_id),
                UNKNOWN if amount is None else short(amount),
                0.0 if amount is None else float(amount / largest),
            )
            for entity_id, name, amount in top
        ],
    )


def small_plot(
    sums: Sequence[tuple[date, Decimal | None, int | None]], window: DateWindow, *, account: str, currency: str
) -> str | None:
    """Draw spend by day so small that Dagster's UI shows it without a click.

    Args:
        sums: as of `metrics_plot`.
        window: the UTC days to draw, some thirty of them; a day without a sum has no bar.
        account: what the ad account is called, for the heading.
        currency: of the account, for the heading.

    Returns:
        Markdown of at most `INLINE` characters; None where nothing was spent.
    """
    spend = {day: amount for day, amount, _ in sums if amount is not None and amount > 0 and day in window}
    if not spend:
        return None
    highest = max(spend.values())
    heights = [max(round(_HEIGHT * spend[day] / highest), 1) if day in spend else 0 for day in window]
    bars = "".join(f"v-{height}m{_STEP} {height}" if height else f"m{_STEP} 0" for height in heights)
    days = " to ".join(f"{day.day} {day:%b}" for day in (window.start, window.last))
    legend = escape(f"Spend by day in {currency}, {days}, at most {short(highest)}")
    base = 2 * _LINE + 4 + _HEIGHT
    for longest in (45, LONGEST_LABEL, LONGEST_LABEL // 2):
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{base}">'
            f'<g font-family="sans-serif" font-size="11" fill="gray"><text y="12">{escape(shortened(account, longest))}'
            f'</text><text y="{12 + _LINE}">{legend}</text></g>'
            f'<path d="M4 {base}{bars}" stroke="#0a66c2" stroke-width="6"/></svg>'
        )
        markdown = as_markdown(svg, alt="spend by day")
        if len(markdown) <= INLINE:
            return markdown
    return None


def plot(daily_charts: Sequence[DailyChart], ranking_label: str, ranking: Sequence[RankedBar]) -> str:
    """Draw charts by day, and a ranking below them where it has bars, as an SVG that needs no other file."""
    return plot_template().render(daily_charts=daily_charts, ranking_label=ranking_label, ranking=ranking)


def as_markdown(svg: str, *, alt: str) -> str:
    """Embed an SVG in markdown as a data URI."""
    return f"![{alt}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def table_preview(rows: Iterable[Row]) -> list[dict[str, str | int | None]]:
    """The first rows as records of Dagster's tables: counts stay numbers, all else becomes exact text."""
    return [
        {
            name: value if value is None or isinstance(value, int) else one_line(str(value))
            for name, value in row.items()
        }
        for row in islice(rows, PREVIEW_ROWS)
    ]


def label(name: str | None, entity_id: int) -> str:
    """A name on one line, shortened; the id where there is no name."""
    return shortened(name or "", LONGEST_LABEL) or str(entity_id)


def shortened(text: str, longest: int) -> str:
    """A text on one line, with an ellipsis where it had to be cut to so many characters."""
    line = one_line(" ".join(text.split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


@cache
def plot_template() -> Template:
    """The template of a plot, with those that it includes; compiling them takes longer than drawing a plot."""
    environment = template_environment()
    for included in ("charts.css", "charts.html.j2"):
        environment.get_template(included)
    return environment.get_template("plot.svg.j2")
