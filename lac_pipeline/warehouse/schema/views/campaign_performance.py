"""Campaigns by day, with names as they are now."""

from lac_pipeline.warehouse.schema.tables import Account, Campaign, CampaignDailyMetric
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_GROUP_NAME,
    CAMPAIGN_NAME_COMMENT,
    CAMPAIGN_STATUS_COMMENT,
    CORE_METRICS,
    CPL_OF_A_CAMPAIGN,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    fetched_at,
    ratios,
)

VIEW = View(
    name="campaign_performance",
    grain="One row per campaign and UTC day with activity, with names as they are now; money in the account's "
    "currency.",
    columns=(
        *columns_of(CampaignDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(Campaign, "c", "campaign_group_id"),
        CAMPAIGN_GROUP_NAME,
        *columns_of(CampaignDailyMetric, "m", "campaign_id"),
        ViewColumn("campaign_name", "COALESCE(c.name, m.campaign_id::text)", CAMPAIGN_NAME_COMMENT),
        ViewColumn("campaign_status", "c.status", CAMPAIGN_STATUS_COMMENT),
        *columns_of(Campaign, "c", "objective_type"),
        *columns_of(CampaignDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        *columns_of(CampaignDailyMetric, "m", *CORE_METRICS),
        *ratios(CPL_OF_A_CAMPAIGN),
        *columns_of(CampaignDailyMetric, "m", "updated_at"),
        fetched_at("campaign_daily_metrics"),
        SPEND_PER_LEAD,
    ),
    rows="""
FROM linkedin_ads.campaign_daily_metrics m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = c.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
""",
)
