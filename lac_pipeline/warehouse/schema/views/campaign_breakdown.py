"""Campaigns' days by device and other breakdowns, with names and shares."""

from lac_pipeline.streams.breakdowns import CAMPAIGN_BREAKDOWNS
from lac_pipeline.warehouse.schema.tables import Account, Campaign, CampaignDailyBreakdown
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_NAME_COMMENT,
    CAMPAIGN_STATUS_COMMENT,
    CPL_OF_A_CAMPAIGN,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    fetched_at,
    quotient,
    ratios,
)

_METRICS = CAMPAIGN_BREAKDOWNS.report.metrics if CAMPAIGN_BREAKDOWNS.report is not None else ()


def _share(metric: str, what: str) -> ViewColumn:
    day = f"sum(m.{metric}) OVER (PARTITION BY m.account_id, m.campaign_id, m.date, m.breakdown)"
    return ViewColumn(
        f"share_of_{what}",
        quotient(f"m.{metric}::numeric", day),
        f"Part of the campaign's {what} of the day, from 0 to 1, among the values of the breakdown; for longer times "
        "divide sums. NULL where there are none.",
    )


VIEW = View(
    name="campaign_breakdown",
    grain="One row per campaign, UTC day, breakdown and value with activity, with names as they are now; money in the "
    "account's currency. Choose one breakdown before summing: each splits the same activity again.",
    columns=(
        *columns_of(CampaignDailyBreakdown, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(CampaignDailyBreakdown, "m", "campaign_id"),
        ViewColumn("campaign_name", "COALESCE(c.name, m.campaign_id::text)", CAMPAIGN_NAME_COMMENT),
        ViewColumn("campaign_status", "c.status", CAMPAIGN_STATUS_COMMENT),
        *columns_of(Campaign, "c", "objective_type"),
        *columns_of(CampaignDailyBreakdown, "m", "date"),
        *WEEK_AND_MONTH,
        *columns_of(CampaignDailyBreakdown, "m", "breakdown", "value"),
        _share("impressions", "impressions"),
        _share("cost_in_local_currency", "cost"),
        *columns_of(CampaignDailyBreakdown, "m", *(metric.column for metric in _METRICS)),
        *ratios(CPL_OF_A_CAMPAIGN),
        SPEND_PER_LEAD,
        *columns_of(CampaignDailyBreakdown, "m", "updated_at"),
        fetched_at("campaign_daily_breakdowns"),
        *columns_of(CampaignDailyBreakdown, "m", "stale_since"),
    ),
    rows="""
FROM linkedin_ads.campaign_daily_breakdowns m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
""",
)
