"""The views for people: what each of their rows is, and their columns. Their SQL is in `migrations/views`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import TableClause, column, table

from lac_pipeline.metrics import BY_NAME, CORE
from lac_pipeline.storage.base import SCHEMA

RATIOS = {
    "ctr": "Clicks per impression; NULL without impressions.",
    "cpc": "Cost of a click in the account's currency; NULL without clicks.",
    "cpm": "Cost of a thousand impressions in the account's currency; NULL without impressions.",
    "cpl": "Cost of a lead form's lead in the account's currency; NULL without leads.",
}
_ACCOUNT = ("account_id", "account_name", "currency")
_DAYS = ("date", "week", "month")
_CORE = tuple(BY_NAME[name].column for name in CORE)
_MEMBER_CORE = tuple(BY_NAME[name].column for name in CORE if BY_NAME[name].members)
_ENDING = (*RATIOS, "updated_at", "fetched_at")


@dataclass(frozen=True, slots=True)
class View:
    """A view of the schema.

    Attributes:
        name: without the schema.
        grain: what one row is, as the comment in the database says.
        columns: in their order.
    """

    name: str
    grain: str
    columns: tuple[str, ...]

    @property
    def selectable(self) -> TableClause:
        """The view as SQLAlchemy selects from it."""
        return table(self.name, *map(column, self.columns), schema=SCHEMA)


CAMPAIGN_PERFORMANCE = View(
    "campaign_performance",
    "One row per campaign and UTC day with activity, with names as they are now; money in the account's currency.",
    (
        *_ACCOUNT,
        "campaign_group_id",
        "campaign_group_name",
        "campaign_id",
        "campaign_name",
        "campaign_status",
        "objective_type",
        *_DAYS,
        *_CORE,
        *_ENDING,
    ),
)
CREATIVE_PERFORMANCE = View(
    "creative_performance",
    "One row per creative and UTC day with activity, with names as they are now; money in the account's currency.",
    (
        *_ACCOUNT,
        "campaign_id",
        "campaign_name",
        "creative_id",
        "creative_name",
        "content_kind",
        "creative_status",
        "review_status",
        *_DAYS,
        *_CORE,
        *_ENDING,
    ),
)
ACCOUNT_PERFORMANCE = View(
    "account_performance",
    "One row per account and UTC day with activity: the sum of its campaigns; money in the account's currency.",
    ("account_id", "account_name", "account_status", "currency", *_DAYS, "active_campaigns", *_CORE, *_ENDING),
)
AUDIENCE_BREAKDOWN = View(
    "audience_breakdown",
    "One row per account, month, pivot type and segment. Do not sum over pivot types: each splits the same activity.",
    (*_ACCOUNT, "month", "pivot_type", "segment", "segment_name", *_MEMBER_CORE, *_ENDING),
)
ACCOUNT_SYNCS = View(
    "account_syncs",
    "One row per account and run: the worst status of its attempts (failed, running, partial, success, skipped).",
    (
        "account_id",
        "run_id",
        "trigger",
        "started_at",
        "finished_at",
        "status",
        "campaigns_fetched",
        "creatives_fetched",
        "rows_fetched",
        "rows_inserted",
        "rows_updated",
        "rows_unchanged",
        "rows_pruned",
        "rows_rejected",
        "api_calls_made",
        "errors",
    ),
)
CAMPAIGN_DAYS = View(
    "campaign_days",
    "One row per campaign and UTC day with activity, with names and status as they were at the end of that day; money "
    "in the account's currency.",
    (
        *_ACCOUNT,
        "campaign_group_id",
        "campaign_group_name",
        "campaign_group_status",
        "campaign_id",
        "campaign_name",
        "campaign_status",
        "objective_type",
        "daily_budget_amount",
        "history_known",
        *_DAYS,
        *_CORE,
        *RATIOS,
    ),
)
CREATIVE_DAYS = View(
    "creative_days",
    "One row per creative and UTC day with activity, with names and status as they were at the end of that day; money "
    "in the account's currency.",
    (
        *_ACCOUNT,
        "campaign_id",
        "campaign_name",
        "campaign_status",
        "creative_id",
        "creative_name",
        "creative_status",
        "review_status",
        "history_known",
        *_DAYS,
        *_CORE,
        *RATIOS,
    ),
)
RESTATEMENTS_BY_DAY = View(
    "restatements_by_day",
    "One row per account, table and UTC day that LinkedIn changed after the fact: by how much its sums moved.",
    (
        *_ACCOUNT,
        "asset",
        "date",
        "rows_changed",
        "values_changed",
        "impressions_added",
        "clicks_added",
        "cost_in_local_currency_added",
        "external_website_conversions_added",
        "one_click_leads_added",
        "first_seen_at",
        "last_seen_at",
    ),
)
VIEWS = (
    CAMPAIGN_PERFORMANCE,
    CREATIVE_PERFORMANCE,
    ACCOUNT_PERFORMANCE,
    AUDIENCE_BREAKDOWN,
    ACCOUNT_SYNCS,
    RESTATEMENTS_BY_DAY,
    CAMPAIGN_DAYS,
    CREATIVE_DAYS,
)
