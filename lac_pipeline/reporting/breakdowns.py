"""The report's breakdowns: the rows of its tables of campaigns and audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.ratios import ratio, rounded, total
from lac_pipeline.reporting.amounts import percent, plain
from lac_pipeline.reporting.ranking import metrics_of, spend_of
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, CampaignSnapshot, Metrics, Trend
from lac_pipeline.reporting.wording import RESULTS, format_segment, words

CAMPAIGNS_SHOWN = 12
SEGMENTS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign's last 30 days, and its share of what all campaigns spent, from 0 to 1."""

    campaign: CampaignSnapshot
    trend: Trend
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaigns that cost most in the last 30 days, and how many there were."""

    rows: list[CampaignRow]
    delivered: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A campaign judged by the cost of its result; without a result it is not `against` the average."""

    campaign: CampaignSnapshot
    metrics: Metrics
    result: str
    cost: Decimal | None
    against: str | None
    """How far from the average that is, in words."""


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment, its share of impressions, and that share against the largest segment's."""

    name: str
    share: Decimal | None
    of_largest: Decimal
    ctr: Decimal | None


@dataclass(frozen=True, slots=True)
class Split:
    """The largest segments of one split of the audience; all of one that has an order."""

    title: str
    rows: list[SegmentRow]


def campaigns(snapshot: AccountSnapshot) -> Campaigns:
    """Return the campaigns that cost most in the last 30 days."""
    active = sorted(
        (campaign for campaign in snapshot.campaigns if spend_of(campaign)),
        key=lambda campaign: (-spend_of(campaign), campaign.id),
    )
    spend = total(spend_of(campaign) for campaign in active)
    rows = [
        CampaignRow(row, row.performance.last_30_days, ratio(spend_of(row), spend))
        for row in active[:CAMPAIGNS_SHOWN]
        if row.performance is not None
    ]
    return Campaigns(rows, len(active))


def about_campaign(campaign: CampaignSnapshot) -> str:
    """Write a campaign's objective and status."""
    objective = words(campaign.settings.objective_type) if campaign.settings else ""
    status = "no longer at LinkedIn" if campaign.removed else words(campaign.status).lower()
    return " · ".join(part for part in (objective, status) if part)


def verdicts(judged: Sequence[CampaignSnapshot]) -> list[Verdict]:
    """Return how campaigns were judged."""
    return [
        Verdict(
            campaign,
            metrics_of(campaign),
            RESULTS[assessment.measure],
            assessment.cost,
            None if assessment.against_average is None else _against(assessment.against_average, assessment.compared),
        )
        for campaign in judged
        if (assessment := campaign.assessment) is not None
    ]


def _against(share: Decimal, compared: int) -> str:
    """Write a cost that is so many times the average of so many campaigns."""
    average = f"the average of {compared}"
    if share >= 2:
        return f"{plain(rounded(share, 1))} times {average}"
    return f"{percent(abs(share - 1), 0)} {'above' if share > 1 else 'below'} {average}"


def splits(snapshot: AccountSnapshot) -> list[Split]:
    """Return the splits of the audience that have segments."""
    shown = []
    ordered_first = sorted(snapshot.audience.demographics, key=lambda split: not pivot_of(split.pivot_type).ordered)
    for split in ordered_first:  # these are the longest, so they stand side by side
        pivot = pivot_of(split.pivot_type)
        largest = max((segment.share_of_impressions or Decimal(0) for segment in split.segments), default=Decimal(0))
        rows = [
            SegmentRow(
                format_segment(segment),
                segment.share_of_impressions,
                (segment.share_of_impressions or Decimal(0)) / (largest or Decimal(1)),
                segment.ctr,
            )
            for segment in (split.segments if pivot.ordered else split.segments[:SEGMENTS_SHOWN])
        ]
        if rows:
            shown.append(Split(pivot.title, rows))
    return shown
