"""From rows of sums to metrics, ratios and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lac_pipeline.linkedin.objectives import CPL, generates_leads
from lac_pipeline.ratios import change, ratio, total
from lac_pipeline.reporting.snapshot_document import Change, LeadGeneration, Metrics, Ratios, Trend

METRICS: tuple[str, ...] = tuple(Metrics.model_fields)
MEMBER_METRICS = ("impressions", "clicks", "cost_in_local_currency", "one_click_leads")
COST = "cost_in_local_currency"

Row = Mapping[str, Any]

NOTHING: Row = dict.fromkeys(METRICS, 0)
"""The sums over days without activity."""


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """Sums over a period.

    Attributes:
        row: of everything that is summed.
        leads: of those among its campaigns that generate leads, which CPL is about.
    """

    row: Row = field(default_factory=lambda: NOTHING)
    leads: Row = field(default_factory=lambda: NOTHING)

    @classmethod
    def of_campaign(cls, row: Row, objective: str | None) -> PeriodSums:
        """The sums of a single campaign, or of a part of it."""
        return cls(row, row if generates_leads(objective) else NOTHING)


def add(rows: Iterable[Row]) -> Row:
    """Add rows of sums; a metric that one of them does not know is unknown in the total."""
    added = [NOTHING, *rows]
    return {name: _sum([row[name] for row in added]) for name in METRICS}


def _sum(values: Sequence[Decimal | int | None]) -> Decimal | int | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    whole = total(known)
    return whole if any(isinstance(value, Decimal) for value in known) else int(whole)


def metrics(row: Row) -> Metrics:
    """The metrics of a row of sums."""
    return Metrics(**{name: row[name] for name in METRICS})


def ratios(sums: PeriodSums) -> Ratios:
    """The ratios of sums; CPL divides what the lead-generation campaigns among them cost by those campaigns' leads."""
    row, leads = sums.row, sums.leads
    cost, impressions = row[COST], row["impressions"]
    return Ratios(
        ctr=ratio(row["clicks"], impressions),
        cpc=ratio(cost, row["clicks"]),
        cpm=ratio(cost, impressions, 1000),
        cpl=ratio(leads[COST], leads[CPL.metric]),
        spend_per_lead=ratio(cost, row[CPL.metric]),
    )


def trend(now: PeriodSums, before: PeriodSums, *, comparable: bool) -> Trend:
    """Metrics and ratios now, and how they changed where all days of both periods are loaded."""
    values = [{**sums.row, **dict(ratios(sums))} for sums in (now, before)]
    changes = {name: change(values[0][name], values[1][name]) if comparable else None for name in Change.model_fields}
    return Trend(
        metrics=metrics(now.row),
        ratios=ratios(now),
        change=Change(**changes),
        lead_generation=LeadGeneration(**{name: now.leads[name] for name in LeadGeneration.model_fields}),
    )
