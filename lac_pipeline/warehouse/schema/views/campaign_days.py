"""Campaigns by day, with names and status as they were on the day."""

from lac_pipeline.warehouse.schema.tables import Account, Campaign, CampaignDailyMetric
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_GROUP_NAME,
    CAMPAIGN_NAME_COMMENT,
    CAMPAIGN_STATUS_COMMENT,
    CORE_METRICS,
    CPL_OF_A_CAMPAIGN,
    END_OF_DAY,
    HISTORY_KNOWN_COMMENT,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    ratios,
    status_of_the_day,
    version_of_the_day,
)

_CAMPAIGN = ("name", "status", "campaign_group_id", "objective_type", "daily_budget_amount", "removed")

VIEW = View(
    name="campaign_days",
    grain="One row per campaign and UTC day with activity, with names and status as they were at the end of that day; "
    "money in the account's currency.",
    columns=(
        *columns_of(CampaignDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        *columns_of(Campaign, "c", "campaign_group_id"),
        CAMPAIGN_GROUP_NAME,
        ViewColumn("campaign_group_status", "g.status", "Status of the campaign group."),
        *columns_of(CampaignDailyMetric, "m", "campaign_id"),
        ViewColumn("campaign_name", "COALESCE(c.name, m.campaign_id::text)", CAMPAIGN_NAME_COMMENT),
        ViewColumn("campaign_status", status_of_the_day("c"), CAMPAIGN_STATUS_COMMENT),
        *columns_of(Campaign, "c", "objective_type", "daily_budget_amount"),
        ViewColumn("history_known", "COALESCE(c.known, false)", HISTORY_KNOWN_COMMENT),
        *columns_of(CampaignDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        *columns_of(CampaignDailyMetric, "m", *CORE_METRICS),
        *ratios(CPL_OF_A_CAMPAIGN),
        SPEND_PER_LEAD,
    ),
    rows="\n".join(
        (
            "FROM linkedin_ads.campaign_daily_metrics m",
            END_OF_DAY,
            version_of_the_day("account_history", "a", "m.account_id", "name", "currency"),
            version_of_the_day("campaign_history", "c", "m.campaign_id", *_CAMPAIGN),
            version_of_the_day("campaign_group_history", "g", "c.campaign_group_id", "name", "status"),
        )
    ),
)
