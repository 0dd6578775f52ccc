"""Creatives by day, with names as they are now."""

from lac_pipeline.warehouse.schema.tables import Account, Creative, CreativeDailyMetric
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_NAME_COMMENT,
    CORE_METRICS,
    CPL_OF_A_CAMPAIGN,
    CREATIVE_NAME,
    CREATIVE_STATUS_COMMENT,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    fetched_at,
    ratios,
)

VIEW = View(
    name="creative_performance",
    grain="One row per creative and UTC day with activity, with names as they are now; money in the account's "
    "currency.",
    columns=(
        *columns_of(CreativeDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(Creative, "r", "campaign_id"),
        ViewColumn("campaign_name", "c.name", CAMPAIGN_NAME_COMMENT),
        *columns_of(CreativeDailyMetric, "m", "creative_id"),
        CREATIVE_NAME,
        *columns_of(Creative, "r", "content_kind"),
        ViewColumn("creative_status", "r.intended_status", CREATIVE_STATUS_COMMENT),
        *columns_of(Creative, "r", "review_status"),
        *columns_of(CreativeDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        *columns_of(CreativeDailyMetric, "m", *CORE_METRICS),
        *ratios(CPL_OF_A_CAMPAIGN),
        *columns_of(CreativeDailyMetric, "m", "updated_at"),
        fetched_at("creative_daily_metrics"),
        SPEND_PER_LEAD,
    ),
    rows="""
FROM linkedin_ads.creative_daily_metrics m
LEFT JOIN linkedin_ads.creatives r ON r.id = m.creative_id
LEFT JOIN linkedin_ads.campaigns c ON c.id = r.campaign_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
""",
)
