"""The campaigns with the lowest and the highest cost per result, among those with the same objective.

Campaigns are compared only within their objective, by the measure that fits it. A lead campaign is never compared with
an awareness campaign, whose impressions are cheap and which is not meant to bring leads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from lac_pipeline.linkedin.objectives import Measure, measure_of, objective_of
from lac_pipeline.ratios import ratio, total
from lac_pipeline.reporting.account_rows import Row
from lac_pipeline.reporting.snapshot_document import Assessment, CampaignSnapshot, Metrics
from lac_pipeline.reporting.sums import COST

SHOWN = 5
LEAST_SHARE = Decimal("0.01")
"""Of the account's spend; less says little about value."""

LEAST_ALIKE = 2
"""A campaign that is alone with its objective has nothing to be compared with."""

AVERAGE = Decimal("0.05")
"""Nearer to the average than this, a campaign is neither better nor worse."""

_NEVER = Decimal("Infinity")


def assess(rows: Mapping[int, Row], objectives: Mapping[int, str | None]) -> dict[int, Assessment]:
    """Assess the campaigns that spent enough.

    Args:
        rows: each campaign's sums over the period.
        objectives: each campaign's objective, as far as it is known.
    """
    floor = LEAST_SHARE * total(spend_in(row) for row in rows.values())
    alike: defaultdict[str, dict[int, Row]] = defaultdict(dict)
    for campaign_id, row in rows.items():
        objective = objective_of(objectives.get(campaign_id))
        if objective is not None and spend_in(row) and spend_in(row) >= floor:
            alike[objective][campaign_id] = row
    assessed: dict[int, Assessment] = {}
    for objective, campaigns in alike.items():
        measure = measure_of(objective)
        assessed |= {} if measure is None else _compare(campaigns, measure)
    return assessed


def spend_in(row: Row) -> Decimal:
    """The cost in a row of sums; 0 where it is unknown."""
    return row.get(COST) or Decimal(0)


def _compare(rows: Mapping[int, Row], measure: Measure) -> dict[int, Assessment]:
    known = {campaign_id: row for campaign_id, row in rows.items() if row[measure.metric] is not None}
    results = sum(row[measure.metric] for row in known.values())
    average = ratio(total(spend_in(row) for row in known.values()), results, measure.times)
    if len(known) < LEAST_ALIKE or not average:
        return {}
    costs = {
        campaign_id: ratio(spend_in(row), row[measure.metric], measure.times) for campaign_id, row in known.items()
    }
    return {
        campaign_id: Assessment(
            measure=measure.name,
            cost=cost,
            average=average,
            against_average=ratio(cost, average),
            compared=len(known),
        )
        for campaign_id, cost in costs.items()
    }


def best_and_weakest(campaigns: Iterable[CampaignSnapshot]) -> tuple[list[CampaignSnapshot], list[CampaignSnapshot]]:
    """Those better than the average of their like, best first, and those worse, weakest first."""
    known = [campaign for campaign in campaigns if campaign.assessment]
    assessed = sorted(known, key=lambda campaign: (_against(campaign), -spend_of(campaign), campaign.id))
    best = [campaign for campaign in assessed if _against(campaign) <= 1 - AVERAGE]
    weakest = [campaign for campaign in reversed(assessed) if _against(campaign) >= 1 + AVERAGE]
    return best[:SHOWN], weakest[:SHOWN]


def _against(campaign: CampaignSnapshot) -> Decimal:
    against = campaign.assessment.against_average if campaign.assessment else None
    return _NEVER if against is None else against


def spend_of(campaign: CampaignSnapshot) -> Decimal:
    """What a campaign cost in the last 30 days."""
    return metrics_of(campaign).cost_in_local_currency or Decimal(0) if campaign.performance else Decimal(0)


def metrics_of(campaign: CampaignSnapshot) -> Metrics:
    """A campaign's metrics of the last 30 days; it must have delivered."""
    if campaign.performance is None:
        raise ValueError(f"campaign {campaign.id} delivered nothing")
    return campaign.performance.last_30_days.metrics
