"""The pictures that materializations of metrics show in the UI."""

from __future__ import annotations

from base64 import b64decode
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lac_pipeline.delivery.plots import LONGEST_LABEL, as_markdown, label, metrics_plot, table_preview

PNG = b"\x89PNG\r\n"


def rows(days: int = 90, campaigns: int = 12) -> list[dict[str, Any]]:
    """Rows of campaign_daily_metrics."""
    return [
        {
            "date": date(2026, 8, 1) + timedelta(days=day),
            "campaign_id": one,
            "cost_in_local_currency": Decimal(one * (day % 7)) / 3,
            "impressions": one * 100,
        }
        for day in range(days)
        for one in range(1, campaigns + 1)
    ]


def test_a_plot_is_a_small_picture() -> None:
    """It goes into an event of Dagster's, so it stays under 40 KB."""
    png = metrics_plot(rows(), entity="campaign_id", names={}, currency="EUR")
    assert png is not None
    assert png.startswith(PNG)
    assert len(png) < 40_000


def test_names_with_formulas_and_emoji_are_plotted() -> None:
    """A name is drawn as it is; nothing in it is taken for a formula, and what no font has is left out."""
    names = {12: "50 % off: $x_$ & $\\frac", 11: "🚀", 10: "日本", 9: "two\nlines"}
    assert metrics_plot(rows(days=3), entity="campaign_id", names=names, currency=None) is not None


def test_a_label_is_the_drawable_part_of_the_name() -> None:
    """An emoji is left out; of a name without any known letter the id is shown."""
    assert label("Month end 🚀 blue", 1) == "Month end  blue"
    assert label("日本", 5) == "5"
    assert len(label("long " * 30, 1)) == LONGEST_LABEL


def test_values_that_were_not_asked_for_count_as_nothing() -> None:
    """A plot is drawn of what there is."""
    for missing in (None, float("nan")):
        unknown = [{**row, "cost_in_local_currency": missing} for row in rows(days=2)]
        assert metrics_plot(unknown, entity="campaign_id", names={}, currency="EUR") is not None


def test_nothing_is_plotted_of_nothing() -> None:
    """A window without activity has no picture."""
    assert metrics_plot([], entity="campaign_id", names={}, currency="EUR") is None


def test_the_picture_is_inside_the_markdown() -> None:
    """The UI shows it without fetching anything."""
    markdown = as_markdown(PNG, alt="spend")
    assert markdown.startswith("![spend](data:image/png;base64,")
    assert b64decode(markdown.partition("base64,")[2].rstrip(")")) == PNG


def test_a_preview_keeps_counts_as_numbers_and_money_exact() -> None:
    """Dagster's tables sort numbers; money stays the text of its digits."""
    (record,) = table_preview(rows(days=2), limit=1)
    assert record == {"date": "2026-08-01", "campaign_id": 1, "cost_in_local_currency": "0", "impressions": 100}
