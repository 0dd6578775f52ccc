"""Campaigns by week and by month: one declaration for both."""

from __future__ import annotations

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
    ratios,
)
from lac_pipeline.warehouse.schema.view_sums import LOADED_DAYS, campaign_sums

_ROWS = """{sums}
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = c.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
{loaded}
CROSS JOIN LATERAL (
    SELECT daterange(m.{unit}, (m.{unit} + INTERVAL '1 {unit}')::date) AS days
) period
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(upper(part) - lower(part)), 0) AS days
    FROM unnest(loaded.days * datemultirange(period.days)) part
) read"""


def view_of_periods(name: str, unit: str, what: str) -> View:
    """Declare the view of campaigns by week or month.

    Args:
        name: of the view.
        unit: PostgreSQL's name of the period, `week` or `month`, which is also the column's.
        what: what the column holds.
    """
    return View(
        name=name,
        grain=f"One row per campaign and {unit} with activity: the sum of its days, with names as they are now; money "
        f"in the account's currency. {unit.capitalize()}s of which not every day is loaded have complete = false.",
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
            ViewColumn(unit, f"m.{unit}", what),
            ViewColumn("active_days", "m.active_days", f"Days of the {unit} on which the campaign had activity."),
            ViewColumn(
                "loaded_days",
                "read.days",
                f"Days of the {unit} that were read after they had ended, cost included; days before LAC_START_DATE, "
                "today and days still to come are not among them.",
            ),
            ViewColumn(
                "complete",
                "read.days = upper(period.days) - lower(period.days)",
                f"Whether all days of the {unit} are among loaded_days; compare periods only where it is true.",
            ),
            *columns_of(CampaignDailyMetric, "m", *CORE_METRICS),
            *ratios(CPL_OF_A_CAMPAIGN),
            SPEND_PER_LEAD,
            *columns_of(CampaignDailyMetric, "m", "updated_at", "stale_since"),
        ),
        rows=_ROWS.format(
            sums=campaign_sums(
                {
                    "account_id": "d.account_id",
                    "campaign_id": "d.campaign_id",
                    unit: f"date_trunc('{unit}', d.date)::date",
                },
                "active_days",
            ),
            loaded=LOADED_DAYS.format(account="m.account_id"),
            unit=unit,
        ),
    )
