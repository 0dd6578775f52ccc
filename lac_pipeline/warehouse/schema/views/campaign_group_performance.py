"""Campaign groups by day: the sums of the campaigns that are in them now."""

from lac_pipeline.linkedin.vocabulary import CAMPAIGN_GROUP_STATUSES, listed
from lac_pipeline.warehouse.schema.tables import Account, CampaignDailyMetric, CampaignGroup
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import (
    ACCOUNT_NAME,
    CAMPAIGN_GROUP_NAME,
    CORE_METRICS,
    SPEND_PER_LEAD,
    WEEK_AND_MONTH,
    fetched_at,
    quotient,
    ratios,
)
from lac_pipeline.warehouse.schema.view_sums import LEAD_GENERATION_SUMS, campaign_sums

VIEW = View(
    name="campaign_group_performance",
    grain="One row per campaign group and UTC day with activity: the sum of the campaigns that are in it now; money in "
    "the account's currency.",
    columns=(
        *columns_of(CampaignDailyMetric, "m", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Account, "a", "currency"),
        ViewColumn(
            "campaign_group_id",
            "m.campaign_group_id",
            "Campaign group (campaign_groups.id); NULL for the campaigns whose group is not known.",
        ),
        CAMPAIGN_GROUP_NAME,
        ViewColumn(
            "campaign_group_status", "g.status", f"Status of the campaign group: {listed(CAMPAIGN_GROUP_STATUSES)}."
        ),
        *columns_of(CampaignGroup, "g", "daily_budget_amount", "total_budget_amount"),
        *columns_of(CampaignDailyMetric, "m", "date"),
        *WEEK_AND_MONTH,
        ViewColumn("active_campaigns", "m.active_campaigns", "Campaigns of the group with activity on the day."),
        *columns_of(CampaignDailyMetric, "m", *CORE_METRICS),
        *ratios(quotient("m.lead_generation_cost", "m.lead_generation_leads")),
        SPEND_PER_LEAD,
        *LEAD_GENERATION_SUMS,
        *columns_of(CampaignDailyMetric, "m", "updated_at"),
        fetched_at("campaign_daily_metrics"),
    ),
    rows=campaign_sums(
        {"account_id": "d.account_id", "campaign_group_id": "c.campaign_group_id", "date": "d.date"},
        "active_campaigns",
    )
    + """
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = m.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id""",
)
