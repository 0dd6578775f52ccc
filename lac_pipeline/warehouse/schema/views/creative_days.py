"""Creatives by day, with names and status as they were on the day."""

from lac_pipeline.warehouse.schema.tables import Account, Creative, CreativeDailyMetric
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_NAME_COMMENT,
    CAMPAIGN_STATUS_COMMENT,
    CORE_METRICS,
    CPL_OF_A_CAMPAIGN,
    CREATIVE_NAME,
    CREATIVE_STATUS_COMMENT,
    END_OF_DAY,
    HISTORY_KNOWN_COMMENT,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    ratios,
    status_of_the_day,
    version_of_the_day,
)

_CREATIVE = ("name", "campaign_id", "intended_status", "review_status", "removed")
_CAMPAIGN = ("name", "status", "objective_type", "removed")

VIEW = View(
    name="creative_days",
    grain="One row per creative and UTC day with activity, with names and status as they were at the end of that day; "
    "money in the account's currency.",
    columns=(
        *columns_of(CreativeDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(Creative, "r", "campaign_id"),
        ViewColumn("campaign_name", "c.name", CAMPAIGN_NAME_COMMENT),
        ViewColumn("campaign_status", status_of_the_day("c"), CAMPAIGN_STATUS_COMMENT),
        *columns_of(CreativeDailyMetric, "m", "creative_id"),
        CREATIVE_NAME,
        ViewColumn("creative_status", status_of_the_day("r", "intended_status"), CREATIVE_STATUS_COMMENT),
        *columns_of(Creative, "r", "review_status"),
        ViewColumn("history_known", "COALESCE(r.known, false)", HISTORY_KNOWN_COMMENT),
        *columns_of(CreativeDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        *columns_of(CreativeDailyMetric, "m", *CORE_METRICS),
        *ratios(CPL_OF_A_CAMPAIGN),
        SPEND_PER_LEAD,
    ),
    rows="\n".join(
        (
            "FROM linkedin_ads.creative_daily_metrics m",
            END_OF_DAY,
            version_of_the_day("account_history", "a", "m.account_id", "name", "currency"),
            version_of_the_day("creative_history", "r", "m.creative_id", *_CREATIVE),
            version_of_the_day("campaign_history", "c", "r.campaign_id", *_CAMPAIGN),
        )
    ),
)
