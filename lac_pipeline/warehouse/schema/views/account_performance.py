"""Accounts by day: the sums of their campaigns."""

from lac_pipeline.linkedin.vocabulary import ACCOUNT_STATUSES, listed
from lac_pipeline.warehouse.schema.tables import Account, CampaignDailyMetric
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
from lac_pipeline.warehouse.schema.view_sums import LEAD_GENERATION_SUMS, campaign_sums

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
        *LEAD_GENERATION_SUMS,
    ),
    rows=campaign_sums({"account_id": "d.account_id", "date": "d.date"}, "active_campaigns")
    + "\nLEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id",
)
