"""The pictures that materializations of metrics show in the UI."""

from __future__ import annotations

from base64 import b64decode
from datetime import date, timedelta
from decimal import Decimal

from lac_pipeline.reporting.plots import LONGEST_LABEL, TOP, as_markdown, label, metrics_plot, table_preview

PNG = b"\x89PNG\r\n"


def sums(days: int = 90) -> list[tuple[date, Decimal, Decimal]]:
    """Spend and impressions by day."""
    return [(date(2026, 8, 1) + timedelta(days=day), Decimal(day % 7) / 3, Decimal(day * 100)) for day in range(days)]


def ranked(*names: str | None) -> list[tuple[int, str | None, Decimal]]:
    """Campaigns of these names, and what they cost."""
    return [(place, name, Decimal(100) / place) for place, name in enumerate(names, start=1)]


def test_a_plot_is_a_small_picture() -> None:
    """It goes into an event of Dagster's, so it stays under 40 KB."""
    png = metrics_plot(sums(), ranked(*(f"campaign {one}" for one in range(TOP))), entity="campaign_id", currency="EUR")
    assert png is not None
    assert png.startswith(PNG)
    assert len(png) < 40_000


def test_names_with_formulas_and_emoji_are_plotted() -> None:
    """A name is drawn as it is; nothing in it is taken for a formula, and what no font has is left out."""
    names = ("50 % off: $x_$ & $\\frac", "🚀", "日本", "two\nlines", "\x1b[31mred", None)
    assert metrics_plot(sums(3), ranked(*names), entity="campaign_id", currency=None) is not None


def test_a_label_is_the_drawable_part_of_the_name() -> None:
    """An emoji is left out; of a name without any known letter the id is shown."""
    assert label("Month end 🚀 blue", 1) == "Month end  blue"
    assert label("日本", 5) == "5"
    assert len(label("long " * 30, 1)) == LONGEST_LABEL


def test_nothing_is_plotted_of_nothing() -> None:
    """A window without activity has no picture."""
    assert metrics_plot([], [], entity="campaign_id", currency="EUR") is None


def test_the_picture_is_inside_the_markdown() -> None:
    """The UI shows it without fetching anything."""
    markdown = as_markdown(PNG, alt="spend")
    assert markdown.startswith("![spend](data:image/png;base64,")
    assert b64decode(markdown.partition("base64,")[2].rstrip(")")) == PNG


def test_a_preview_keeps_counts_as_numbers_and_money_exact() -> None:
    """Dagster's tables sort numbers; money stays the text of its digits."""
    row = {"date": date(2026, 8, 1), "campaign_id": 1, "cost_in_local_currency": Decimal(0), "impressions": 100}
    (record,) = table_preview([row, row], limit=1)
    assert record == {"date": "2026-08-01", "campaign_id": 1, "cost_in_local_currency": "0", "impressions": 100}
