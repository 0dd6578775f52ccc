"""The report's words: labels, values and changes as people read them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lac_pipeline.reporting.amounts import MINUS, count, money, percent

if TYPE_CHECKING:
    from lac_pipeline.linkedin.objectives import MeasureName
    from lac_pipeline.reporting.audience_document import Segment
    from lac_pipeline.reporting.snapshot_document import Trend

Kind = Literal["good", "bad"]
STEADY = Decimal("0.05")
"""Smaller changes are neither good nor bad."""
FEW = 20
"""Fewer results than these move by chance: their change is neither good nor bad."""
_SAME = Decimal("0.005")

_MORE_IS: dict[str, Kind] = {
    "impressions": "good",
    "clicks": "good",
    "one_click_leads": "good",
    "external_website_conversions": "good",
    "ctr": "good",
    "cpc": "bad",
    "cpm": "bad",
    "cpl": "bad",
}
"""What an increase means; more spend is neither good nor bad."""

LABELS = {
    "cost_in_local_currency": "Spend",
    "impressions": "Impressions",
    "clicks": "Clicks",
    "one_click_leads": "Leads",
    "external_website_conversions": "Website conversions",
    "ctr": "Click-through rate",
    "cpc": "Cost per click",
    "cpm": "Cost per 1,000 impressions",
    "cpl": "Cost per lead",
}

RESULTS: dict[MeasureName, str] = {
    "cpl": "lead",
    "cost_per_conversion": "conversion",
    "cost_per_view": "video view",
    "cpc": "click",
    "cpm": "1,000 impressions",
}
"""What each measure counts the cost of."""

CPL_EXPLANATION = "Cost per lead (CPL) is what lead generation campaigns cost, divided by their leads."


def words(value: str | None) -> str:
    """Write one of LinkedIn's constants for people: `LEAD_GENERATION` is `Lead generation`."""
    text = (value or "").replace("_", " ").capitalize()
    return re.sub(r"\blinkedin\b", "LinkedIn", text, flags=re.IGNORECASE)


def lead_cost_text(change: Decimal | None) -> str:
    """Write how the cost of a lead changed."""
    if change is None:
        return ""
    if abs(change) < _SAME:
        return " That was the same in the 30 days before."
    return f" That is {percent(abs(change), 0)} {'less' if change < 0 else 'more'} than in the 30 days before."


def format_value(name: str, trend: Trend, currency: str | None) -> str:
    """A metric or ratio of a period."""
    if name == "ctr":
        return percent(trend.ratios.ctr)
    if name in ("cpc", "cpm", "cpl"):
        return money(getattr(trend.ratios, name), currency)
    value = getattr(trend.metrics, name)
    return money(value, currency) if name == "cost_in_local_currency" else count(value)


class ChangeText(Struct, frozen=True):
    """A change in words, and whether it is good; None where it is neither."""

    text: str
    kind: Kind | None


def format_change(name: str, trend: Trend) -> ChangeText | None:
    """How a metric or ratio changed; None where it is unknown."""
    change: Decimal | None = getattr(trend.change, name)
    if change is None:
        return None
    more = _MORE_IS.get(name)
    opposite: dict[Kind | None, Kind | None] = {"good": "bad", "bad": "good"}
    kind = None if abs(change) < STEADY or _few(name, trend) else more if change > 0 else opposite.get(more)
    return ChangeText(relative_change(change), kind)


def relative_change(change: Decimal) -> str:
    """Write a relative change: `+2.5 %`."""
    return f"{'+' if change > 0 else MINUS if change < 0 else ''}{percent(abs(change), 1)}"


_COUNTED_BY = {"ctr": "clicks", "cpc": "clicks", "cpm": "impressions", "cpl": "one_click_leads"}
"""The results that a ratio rests on."""


def _few(name: str, trend: Trend) -> bool:
    """Whether a change rests on few results, now or in the period before."""
    counted = _COUNTED_BY.get(name, name)
    now = getattr(trend.lead_generation if name == "cpl" else trend.metrics, counted)
    change: Decimal | None = getattr(trend.change, counted)
    if now is None or change is None or change <= -1:
        return True
    return bool(now < FEW or now / (1 + change) < FEW)


def format_segment(segment: Segment) -> str:
    """A segment's name, a company size in words; without a name from LinkedIn, the URN in words."""
    return segment_words(segment.name)


def segment_words(name: str) -> str:
    """Write the name of a segment, or what LinkedIn sends in place of one, as `format_segment` does."""
    size = re.fullmatch(r"(?:urn:li:\w+:)?\((\d+),(\d+)\)", name)
    if size is not None:
        return _employees(int(size[1]), int(size[2]))
    urn = re.fullmatch(r"urn:li:(\w+):(.+)", name)
    return name if urn is None else f"{_BEFORE_CAPITAL.sub(' ', urn[1]).capitalize()} {urn[2]}"


def value_words(value: str) -> str:
    """Write a value of a pivot: one of LinkedIn's constants, or a URN that has no name."""
    return words(value) if value.isupper() else segment_words(value)


_BEFORE_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _employees(least: int, most: int) -> str:
    if least == most:
        return f"{least:,} employee{'s' if least != 1 else ''}"
    return f"{least:,} or more employees" if most > 10**6 else f"{least:,} to {most:,} employees"
