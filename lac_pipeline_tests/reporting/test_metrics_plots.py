"""The pictures that materializations of metrics show in the UI."""

from __future__ import annotations

from base64 import b64decode
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from lac_pipeline.reporting.amounts import UNKNOWN
from lac_pipeline.reporting.plots import (
    INLINE,
    LONGEST_LABEL,
    PREVIEW_ROWS,
    TOP,
    as_markdown,
    label,
    metrics_plot,
    small_plot,
    table_preview,
)
from lac_pipeline.windows import DateWindow

SVG = "{http://www.w3.org/2000/svg}"


def plotted(
    days: int, top: list[tuple[int, str | None, Decimal | None]], *, currency: str | None = "EUR"
) -> tuple[str, ET.Element]:
    """The SVG of this many days and this ranking, as text and parsed."""
    svg = metrics_plot(
        sums(days), top, entity="campaign_id", account="Northwind (1)", currency=currency or "local currency"
    )
    assert svg is not None
    return svg, ET.fromstring(svg)  # noqa: S314 - our own


def texts(root: ET.Element) -> list[str]:
    """What is written in the chart."""
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def sums(days: int = 90) -> list[tuple[date, Decimal | None, int | None]]:
    """Spend and impressions by day."""
    return [(date(2026, 8, 1) + timedelta(days=day), Decimal(day % 7) / 3, day * 100) for day in range(days)]


def ranked(*names: str | None) -> list[tuple[int, str | None, Decimal | None]]:
    """Campaigns of these names, and what they cost."""
    return [(place, name, Decimal(100) / place) for place, name in enumerate(names, start=1)]


def test_a_plot_of_a_year_is_small() -> None:
    """It is stored in an event of Dagster's, so it stays under 40 KB as a data URI."""
    svg, _ = plotted(366, ranked(*(f"campaign {place}" for place in range(TOP))))
    assert len(as_markdown(svg, alt="spend")) < 40_000


def test_each_day_with_a_number_has_a_bar() -> None:
    """Six of seven days have spend, and all but the first have impressions."""
    _, root = plotted(7, [])
    bars = [path.get("d", "").count("M") for path in root.iter(f"{SVG}path") if path.get("class") == "bar"]
    assert bars == [6, 6]


def test_campaigns_are_ranked_by_their_spend() -> None:
    """Each campaign has its name, its amount, and a bar as long as its part of the largest spend."""
    _, root = plotted(3, ranked("north", "south"))
    widths = [float(rect.get("width", 0)) for rect in root.iter(f"{SVG}rect") if rect.get("class") == "bar"]
    assert widths[1] == widths[0] / 2
    assert texts(root)[-4:] == ["north", "100", "south", "50"]


def test_what_is_unknown_is_a_gap_and_named() -> None:
    """A day without a sum has no bar, and the heading counts it; a campaign without one has no bar and no amount."""
    unknown = [(day, None if day.day == 3 else spend, count) for day, spend, count in sums(7)]
    svg = metrics_plot(
        unknown,
        [(1, "north", Decimal(5)), (2, "south", None)],
        entity="campaign_id",
        account="Northwind (1)",
        currency="EUR",
    )
    root = ET.fromstring(svg or "")  # noqa: S314 - our own
    bars = [path.get("d", "").count("M") for path in root.iter(f"{SVG}path") if path.get("class") == "bar"]
    assert bars == [5, 6]
    assert [text.rpartition("; ")[2] for text in texts(root) if "unknown" in text] == ["1 day is unknown"]
    assert texts(root)[-4:] == ["north", "5", "south", UNKNOWN]


def test_a_small_plot_is_shown_without_a_click() -> None:
    """It names the account, has a bar for each day with spend, and fits into what the UI shows at once."""
    window = DateWindow(date(2026, 8, 5), date(2026, 9, 4))
    markdown = small_plot(sums(), window, account="Northwind (1)", currency="EUR") or ""
    assert len(markdown) <= INLINE
    root = ET.fromstring(b64decode(markdown.partition("base64,")[2].rstrip(")")))  # noqa: S314 - our own
    assert texts(root) == ["Northwind (1)", "Spend by day in EUR, 5 Aug to 3 Sep, at most 2"]
    (path,) = root.iter(f"{SVG}path")
    assert path.get("d", "").count("v-") == sum(1 for day, spend, _ in sums() if day in window and spend)


@pytest.mark.parametrize("account", ["漢字 & <b>" * 40, "\x1b[31m" * 20, "a" * 1_000])
def test_a_small_plot_fits_whatever_the_account_is_called(account: str) -> None:
    """A name that is too long is cut, whichever script it is in, and markup in it is text."""
    window = DateWindow(date(2026, 8, 5), date(2026, 9, 4))
    spend = [(day, Decimal(10**9 + place * 10**7), None) for place, day in enumerate(window)]
    markdown = small_plot(spend, window, account=account, currency="local currency") or ""
    assert 0 < len(markdown) <= INLINE
    ET.fromstring(b64decode(markdown.partition("base64,")[2].rstrip(")")))  # noqa: S314 - our own


def test_a_small_plot_of_days_without_spend_is_none() -> None:
    """Days of which spend is unknown or nothing, and days outside of the window, have no bars."""
    window = DateWindow(date(2026, 8, 5), date(2026, 8, 7))
    spend = [(date(2026, 8, 1), Decimal(1), 1), (date(2026, 8, 5), None, 1), (date(2026, 8, 6), Decimal(0), 1)]
    assert small_plot(spend, window, account="Northwind", currency="EUR") is None


def test_any_name_leaves_the_chart_well_formed() -> None:
    """Markup, control characters and any script are shown as text; a campaign without a name shows its id."""
    _, root = plotted(3, ranked("<script>&amp;</script>", "🚀 日本", "two\nlines", "\x1b[31mred", None), currency=None)
    shown = texts(root)[-10::2]
    assert shown[:3] == ["<script>&amp;</script>", "🚀 日本", "two lines"]
    assert "\x1b" not in shown[3]
    assert shown[4] == "5"
    assert not list(root.iter(f"{SVG}script"))


def test_a_long_name_is_shortened() -> None:
    """The label has as many characters as fit beside the bar."""
    assert len(label("long " * 30, 1)) == LONGEST_LABEL


def test_nothing_is_plotted_of_nothing() -> None:
    """A window without activity has no picture."""
    assert metrics_plot([], [], entity="campaign_id", account="Northwind (1)", currency="EUR") is None


def test_the_picture_is_inside_the_markdown() -> None:
    """The UI shows it without fetching anything."""
    markdown = as_markdown("<svg>€</svg>", alt="spend")
    assert markdown.startswith("![spend](data:image/svg+xml;base64,")
    assert b64decode(markdown.partition("base64,")[2].rstrip(")")).decode() == "<svg>€</svg>"


def test_a_preview_keeps_counts_as_numbers_and_money_exact() -> None:
    """Dagster's tables sort numbers; money stays the text of its digits."""
    row = {"date": date(2026, 8, 1), "campaign_id": 1, "cost_in_local_currency": Decimal(0), "impressions": 100}
    records = table_preview([row] * (PREVIEW_ROWS + 1))
    assert len(records) == PREVIEW_ROWS
    assert records[0] == {"date": "2026-08-01", "campaign_id": 1, "cost_in_local_currency": "0", "impressions": 100}
