"""The table of campaigns' days split by where and how their ads were shown."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, Index

from lac_pipeline.streams.breakdowns import CAMPAIGN_BREAKDOWNS
from lac_pipeline.warehouse.schema.base import Base, LoadedTimes
from lac_pipeline.warehouse.schema.declaring import table_column
from lac_pipeline.warehouse.schema.facts import give_columns, stale_index


class BreakdownMetrics:
    """One nullable column for each metric that some breakdown reads."""


if CAMPAIGN_BREAKDOWNS.report is not None:
    give_columns(BreakdownMetrics, CAMPAIGN_BREAKDOWNS.report.metrics)


class CampaignDailyBreakdown(BreakdownMetrics, LoadedTimes, Base):
    """The metrics of one value of a breakdown, such as a device, of a campaign's UTC day."""

    __tablename__ = "campaign_daily_breakdowns"
    __table_args__ = (
        Index(None, "account_id", "date"),
        stale_index("campaign_daily_breakdowns"),
        {
            "comment": "One row per campaign, UTC day, breakdown and value with activity. Choose one breakdown before "
            "summing: each splits the same activity again. Devices add up to the campaign's day in "
            "campaign_daily_metrics (checked within 1 percent); for others LinkedIn does not promise it. A metric "
            "that LinkedIn does not give by the breakdown, such as conversions by device, is NULL.",
        },
    )

    campaign_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Campaign (campaigns.id; it may be gone there)."
    )
    date: Column[date] = table_column(primary_key=True, comment="UTC day of the activity.")
    breakdown: Column[str] = table_column(
        primary_key=True, comment="What the day is split by: a pivot of LinkedIn's, such as IMPRESSION_DEVICE_TYPE."
    )
    value: Column[str] = table_column(
        primary_key=True,
        comment="The part as LinkedIn sends it, such as MOBILE_APP; (unknown) where it sends an empty text. Of a "
        "message button, the message and the button's index, with a comma between.",
    )
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")
