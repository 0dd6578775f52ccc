"""Which campaigns gave most for their money, and which least.

A campaign for leads is judged by the cost of a lead, every other one by the cost of a click, each against what the
account paid for the same thing in campaigns judged alike; so a cheap awareness campaign is not praised for its leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lac_pipeline.delivery.document import CampaignSnapshot, Metrics
from lac_pipeline.ratios import ratio, total

SHOWN = 5
LEAST_SHARE = Decimal("0.01")
"""Of the account's spend; less says little about value."""

_NEVER = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Judged:
    """A campaign and what its results cost.

    Attributes:
        campaign: the campaign.
        spend: what it cost in the period.
        wanted: `lead` or `click`.
        cost: of one of them; None when there was none.
        against: that cost as a multiple of the account's own; None when there was none.
    """

    campaign: CampaignSnapshot
    spend: Decimal
    wanted: str
    cost: Decimal | None
    against: Decimal | None


def judged(campaigns: Iterable[CampaignSnapshot]) -> list[Judged]:
    """Judge the campaigns that spent enough in the last 30 days; the best value first."""
    spent = [(campaign, spend) for campaign in campaigns if (spend := spend_of(campaign))]
    floor = LEAST_SHARE * total(spend for _, spend in spent)
    enough = [(campaign, spend) for campaign, spend in spent if spend >= floor]
    verdicts = [
        verdict
        for wanted in ("lead", "click")
        for verdict in _alike([one for one in enough if wanted_of(one[0]) == wanted], wanted)
    ]
    return sorted(
        verdicts, key=lambda one: (_NEVER if one.against is None else one.against, -one.spend, one.campaign.id)
    )


def best_and_weakest(campaigns: Iterable[CampaignSnapshot]) -> tuple[list[Judged], list[Judged]]:
    """Those better than the average, best first, and those worse, weakest first."""
    verdicts = judged(campaigns)
    best = [one for one in verdicts if one.against is not None and one.against < 1]
    weakest = [one for one in reversed(verdicts) if one.against is None or one.against > 1]
    return best[:SHOWN], weakest[:SHOWN]


def spend_of(campaign: CampaignSnapshot) -> Decimal:
    """What a campaign cost in the last 30 days."""
    return metrics_of(campaign).cost_in_local_currency or Decimal(0) if campaign.performance else Decimal(0)


def metrics_of(campaign: CampaignSnapshot) -> Metrics:
    """A campaign's metrics of the last 30 days; it must have delivered."""
    if campaign.performance is None:
        raise ValueError(f"campaign {campaign.id} delivered nothing")
    return campaign.performance.last_30_days.metrics


def wanted_of(campaign: CampaignSnapshot) -> str:
    """What the campaign's objective wants most, a lead or a click; where it is unknown, leads tell."""
    if campaign.settings is None or campaign.settings.objective_type is None:
        return "lead" if metrics_of(campaign).one_click_leads else "click"
    return "lead" if campaign.settings.objective_type == "LEAD_GENERATION" else "click"


def _alike(campaigns: Sequence[tuple[CampaignSnapshot, Decimal]], wanted: str) -> list[Judged]:
    results = {campaign.id: _results(campaign, wanted) for campaign, _ in campaigns}
    usual = ratio(total(spend for _, spend in campaigns), sum(results.values()))
    verdicts = []
    for campaign, spend in campaigns:
        cost = ratio(spend, results[campaign.id])
        verdicts.append(Judged(campaign, spend, wanted, cost, ratio(cost, usual)))
    return verdicts


def _results(campaign: CampaignSnapshot, wanted: str) -> int:
    metrics = metrics_of(campaign)
    return (metrics.one_click_leads if wanted == "lead" else metrics.clicks) or 0
