"""Accounts by day: the sums of their campaigns."""

from sqlalchemy import BigInteger

from lac_pipeline.linkedin.objectives import LEAD_GENERATION
from lac_pipeline.linkedin.vocabulary import ACCOUNT_STATUSES, listed
from lac_pipeline.warehouse.schema.tables import Account, CampaignDailyMetric, table_of
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CORE_METRICS,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    fetched_at,
    quotient,
    ratios,
)

_LEAD_CAMPAIGNS = f" FILTER (WHERE c.objective_type = '{LEAD_GENERATION}')"


def _whole_sum(column: str, of: str = "") -> str:
    """Sum a metric; NULL as soon as one of the values is: it was not read, or LinkedIn did not give it."""
    total = f"sum(d.{column}){of}"
    if isinstance(table_of(CampaignDailyMetric).c[column].type, BigInteger):
        total = f"({total})::bigint"
    return f"CASE WHEN count(*){of} = count(d.{column}){of} THEN {total} END"


_SUMS = (
    "count(*) AS active_campaigns",
    *(f"{_whole_sum(column)} AS {column}" for column in CORE_METRICS),
    f"{_whole_sum('cost_in_local_currency', _LEAD_CAMPAIGNS)} AS lead_generation_cost",
    f"{_whole_sum('one_click_leads', _LEAD_CAMPAIGNS)} AS lead_generation_leads",
    "max(d.updated_at) AS updated_at",
    "min(d.stale_since) AS stale_since",
)
_DAYS = """
FROM (
    SELECT
        d.account_id,
        d.date,
        {sums}
    FROM linkedin_ads.campaign_daily_metrics d
    LEFT JOIN linkedin_ads.campaigns c ON c.id = d.campaign_id
    GROUP BY d.account_id, d.date
) m
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
"""

VIEW = View(
    name="account_performance",
    grain="One row per account and UTC day with activity: the sum of its campaigns; money in the account's currency.",
    columns=(
        *columns_of(CampaignDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        ViewColumn("account_status", "a.status", f"Status of the account: {listed(ACCOUNT_STATUSES)}."),
        *columns_of(Account, "a", "currency"),
        *columns_of(CampaignDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        ViewColumn("active_campaigns", "m.active_campaigns", "Campaigns with activity on the day."),
        *columns_of(CampaignDailyMetric, "m", *CORE_METRICS),
        *ratios(quotient("m.lead_generation_cost", "m.lead_generation_leads")),
        *columns_of(CampaignDailyMetric, "m", "updated_at"),
        fetched_at("campaign_daily_metrics"),
        SPEND_PER_LEAD,
        ViewColumn(
            "lead_generation_cost_in_local_currency",
            "m.lead_generation_cost",
            f"Cost of the campaigns with the objective {LEAD_GENERATION}, in the account's currency. CPL of several "
            "days is the sum of it divided by the sum of lead_generation_leads.",
        ),
        ViewColumn(
            "lead_generation_leads",
            "m.lead_generation_leads",
            f"Leads of the campaigns with the objective {LEAD_GENERATION}.",
        ),
    ),
    rows=_DAYS.format(sums=",\n        ".join(_SUMS)),
)
