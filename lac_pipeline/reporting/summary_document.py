"""The summary of the snapshot document: what a reader with room for 3 KB gets, and what moved the numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lac_pipeline.reporting.document_parts import Exact, Part
from lac_pipeline.reporting.periods import PeriodName

DriverMetric = Literal[
    "cost_in_local_currency",
    "impressions",
    "clicks",
    "one_click_leads",
    "external_website_conversions",
    "cpl",
    "cpc",
]
FindingCode = Literal[
    "change",
    "no_comparison",
    "pacing",
    "restated",
    "rejected_records",
    "failed_check",
    "days_not_loaded",
    "not_loaded",
    "sync",
    "freshness",
    "currency_unknown",
]


class Contribution(Part):
    """What one campaign contributed to a change."""

    campaign_id: int = Field(description="LinkedIn's id of the campaign.")
    campaign_name: str | None = Field(description="Its name.")
    points: Exact = Field(description="Its part of the change, as a share of the account's value before.")


class Driver(Part):
    """A change of the account, taken apart by campaign: `campaigns` and `others` add up to `change`, exactly.

    A count or spend moved by a campaign's own difference. Of a cost per result, a campaign contributes the change in
    what it spent, per result of the account, above what its results would have cost at the account's price before.
    """

    period: PeriodName = Field(description="The period whose change it is.")
    metric: DriverMetric = Field(description="The field of `metrics` or `ratios`.")
    change: Exact = Field(description="The change of that field, as in `performance`.")
    campaigns: list[Contribution] = Field(description="The five campaigns that moved it most, in that order.")
    others: Exact = Field(description="What all other campaigns contributed together.")


class Finding(Part):
    """One thing to know, in words and numbers."""

    code: FindingCode = Field(description="What kind of finding this is.")
    text: str = Field(description="The finding for people; names are shortened.")
    metric: str | None = Field(description="The field that it is about, of a change.")
    change: Exact | None = Field(description="The change of that field.")


class SummaryNumber(Part):
    """A number of the summary's period, and how it changed."""

    value: int | Exact | None = Field(description="null where it is unknown.")
    change: Exact | None = Field(description="null as in `change`.")


class Summary(Part):
    """The account in at most 3,000 bytes of JSON: begin here. Everything in it is in the document too."""

    headline: str = Field(description="The last 30 days in one or two sentences.")
    period: PeriodName = Field(
        description="What the findings are about: last_30_days, or last_7_days where only these can be compared."
    )
    currency: str | None = Field(description="ISO 4217 code of the amounts.")
    numbers: dict[str, SummaryNumber] = Field(description="The eight numbers of last_30_days, by field.")
    findings: list[Finding] = Field(
        description="Changes with the campaigns behind them, then pace, then what makes a number doubtful."
    )
    findings_left_out: int = Field(description="Findings of changes that had no room.")
