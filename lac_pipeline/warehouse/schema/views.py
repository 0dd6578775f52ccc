"""The views for people: what each of their rows is, and their columns. Their SQL is in `migrations/views`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import TableClause, column, table

from lac_pipeline.linkedin.metrics import BY_NAME, CORE
from lac_pipeline.linkedin.objectives import LEAD_GENERATION
from lac_pipeline.linkedin.vocabulary import ACCOUNT_STATUSES, CREATIVE_STATUSES, listed
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.facts import SEGMENT_COST, WHOLE_MONTHS

RATIOS = {
    "ctr": "Clicks per impression; NULL without impressions.",
    "cpc": "Cost of a click in the account's currency; NULL without clicks.",
    "cpm": "Cost of a thousand impressions in the account's currency; NULL without impressions.",
    "cpl": f"CPL, cost per lead: what campaigns with the objective {LEAD_GENERATION} cost, divided by their leads, in "
    "the account's currency. NULL for other campaigns, without leads, and for segments, which have no objective.",
}
SPEND_PER_LEAD = "spend_per_lead"
COLUMN_COMMENTS = {
    **RATIOS,
    SPEND_PER_LEAD: "Cost of the row divided by its leads, whatever the campaigns are for, in the account's currency; "
    "this is not CPL. NULL without leads.",
    "lead_generation_cost_in_local_currency": f"Cost of the campaigns with the objective {LEAD_GENERATION}, in the "
    "account's currency. CPL of several days is the sum of it divided by the sum of lead_generation_leads.",
    "lead_generation_leads": f"Leads of the campaigns with the objective {LEAD_GENERATION}.",
    "account_name": "Name of the account.",
    "account_status": f"Status of the account: {listed(ACCOUNT_STATUSES)}.",
    "campaign_group_name": "Name of the campaign group.",
    "campaign_group_status": "Status of the campaign group.",
    "campaign_name": "Name of the campaign; its id where it is unknown.",
    "campaign_status": "Status of the campaign.",
    "creative_name": "Best name known of the creative; its id where it is unknown.",
    "creative_status": f"What the advertiser wants of the creative: {listed(CREATIVE_STATUSES)}.",
    "week": "Monday of the day's week (UTC).",
    "month": "First day of the month (UTC).",
    "active_campaigns": "Campaigns with activity on the day.",
    "segment_name": "Name of the segment; the segment as sent where LinkedIn does not tell it.",
    "fetched_at": "Start of the last fetch that covered the row, whether or not it changed; it stays behind while "
    "LinkedIn's record of the row is refused.",
    "history_known": "Whether names and status are of that day; else they are the oldest known.",
    "campaigns_fetched": "Campaigns that LinkedIn returned.",
    "creatives_fetched": "Creatives that LinkedIn returned.",
    "rows_changed": "Campaigns or creatives of which a number changed.",
    "values_changed": "Changes logged, one for each number and load that saw it changed.",
    "impressions_added": "Impressions after the changes less those before.",
    "clicks_added": "Clicks after the changes less those before.",
    "cost_in_local_currency_added": "Cost after the changes less that before, in the account's currency.",
    "external_website_conversions_added": "Website conversions after the changes less those before.",
    "one_click_leads_added": "Leads from lead forms after the changes less those before.",
    "first_seen_at": "When the first of the changes was seen.",
    "last_seen_at": "When the last of the changes was seen.",
}
"""What the columns are that no table has; the others mean what they mean in their table."""
_ACCOUNT = ("account_id", "account_name", "currency")
_DAYS = ("date", "week", "month")
_CORE = tuple(BY_NAME[name].column for name in CORE)
_MEMBER_CORE = tuple(BY_NAME[name].column for name in CORE if BY_NAME[name].members)
_ENDING = (*RATIOS, "updated_at", "fetched_at", SPEND_PER_LEAD)


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
    (
        *("account_id", "account_name", "account_status", "currency", *_DAYS, "active_campaigns", *_CORE, *_ENDING),
        *("lead_generation_cost_in_local_currency", "lead_generation_leads"),
    ),
)
AUDIENCE_BREAKDOWN = View(
    "audience_breakdown",
    f"One row per account, month, pivot type and segment. Do not sum over pivot types: each splits the same activity. "
    f"{WHOLE_MONTHS} {SEGMENT_COST}",
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
        SPEND_PER_LEAD,
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
        SPEND_PER_LEAD,
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
