"""The rows of the report's sections on groups, pace, reach, devices and restatements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.ratios import ratio, total
from lac_pipeline.reporting.activity_document import Breakdown, BreakdownValue, Pacing, Reach
from lac_pipeline.reporting.plots import shortened
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, CampaignGroupSnapshot, Trend
from lac_pipeline.reporting.wording import value_words, words

GROUPS_SHOWN = 10
PACES_SHOWN = 15
REACHED_GROUPS_SHOWN = 6
LONGEST_NAME = 80
"""Characters of a post's name, which may be a line of its text."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A campaign group's last 30 days, and its share of what all groups spent, from 0 to 1."""

    name: str
    about: str
    trend: Trend
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Reached:
    """The account's reach by month, the newest first, and that of its groups in the newest month that is complete."""

    months: Sequence[Reach]
    month: date | None
    groups: Sequence[Reach]


@dataclass(frozen=True, slots=True)
class Paces:
    """Active campaigns beside their budgets.

    Attributes:
        rows: those that spent most in 7 days.
        campaigns: how many there are.
        spend: what all of them with a daily budget spent in 7 days; None where a day is not loaded.
        budget: the daily budgets of these days.
        totals: whether it is known of one of the rows how much of a total budget it spent.
        unknown: of how many with a total budget it is not, as days since their start are not loaded.
    """

    rows: Sequence[Pacing]
    campaigns: int
    spend: Decimal | None
    budget: Decimal
    totals: bool
    unknown: int

    @property
    def share(self) -> Decimal | None:
        """The part of the daily budgets that was spent."""
        return ratio(self.spend, self.budget)


def groups(snapshot: AccountSnapshot) -> list[GroupRow]:
    """Return the campaign groups that cost most in the last 30 days, where there are several."""
    spent = {id(group): group.performance.last_30_days.metrics.cost_in_local_currency for group in
             snapshot.campaign_groups}  # fmt: skip
    whole = total(spend or 0 for spend in spent.values())
    active = [group for group in snapshot.campaign_groups if spent[id(group)]]
    active.sort(key=lambda group: (-(spent[id(group)] or 0), group.id or 0))
    if len(active) < 2:
        return []
    return [
        GroupRow(_group_name(group), _about(group), group.performance.last_30_days, ratio(spent[id(group)], whole))
        for group in active[:GROUPS_SHOWN]
    ]


def _group_name(group: CampaignGroupSnapshot) -> str:
    return group.name or ("No known group" if group.id is None else f"Group {group.id}")


def _about(group: CampaignGroupSnapshot) -> str:
    campaigns = f"{group.campaigns} campaign{'' if group.campaigns == 1 else 's'}"
    return f"{campaigns} · {words(group.status).lower()}" if group.status else campaigns


def paces(snapshot: AccountSnapshot) -> Paces:
    """Return the active campaigns with a budget."""
    rows = snapshot.pacing[:PACES_SHOWN]
    daily = [row for row in snapshot.pacing if row.week_budget is not None]
    spends = [row.week_spend for row in daily]
    return Paces(
        rows=rows,
        campaigns=len(snapshot.pacing),
        spend=None if None in spends else total(spend for spend in spends if spend is not None),
        budget=total(row.week_budget or 0 for row in daily),
        totals=any(row.share_of_budget is not None for row in rows),
        unknown=sum(row.total_budget is not None and row.spend_to_date is None for row in rows),
    )


def reached(snapshot: AccountSnapshot) -> Reached:
    """Return the months of the account's reach, and its groups in the newest complete month."""
    known = [row for row in snapshot.reach or () if row.approximate_member_reach is not None]
    months = [row for row in known if row.entity_id == snapshot.account.id]
    complete = next((row.month for row in months if row.complete), None)
    of_groups = [row for row in known if row.entity_id != snapshot.account.id and row.month == complete]
    of_groups.sort(key=lambda row: (-(row.approximate_member_reach or 0), row.entity_id))
    return Reached(months, complete, of_groups[:REACHED_GROUPS_SHOWN])


def breakdown_title(breakdown: Breakdown) -> str:
    """Return what people call what a breakdown splits by."""
    return pivot_of(breakdown.breakdown).title


def breakdown_values(breakdown: Breakdown) -> list[BreakdownValue]:
    """Return the values of a breakdown, the largest first; those with an order of their own, in that order."""
    pivot = pivot_of(breakdown.breakdown)
    return sorted(breakdown.values, key=lambda each: pivot.rank(each.value))


def breakdown_value(value: BreakdownValue) -> str:
    """Write a value of a breakdown as people know it: the name of a post, a constant in words, or a URN in words."""
    return shortened(value.name, LONGEST_NAME) if value.name else value_words(value.value)
