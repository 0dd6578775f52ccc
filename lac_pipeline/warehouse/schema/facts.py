"""Tables of what LinkedIn reports: metrics by campaign and day, by creative and day, by audience segment and month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Index,
    Numeric,
    Text,
    column,
)

from lac_pipeline.linkedin.metrics import CATALOGUE, Kind, Metric
from lac_pipeline.warehouse.schema.base import Base, LoadedTimes
from lac_pipeline.warehouse.schema.declaring import table_column


def give_columns(mixin: type, metrics: Iterable[Metric]) -> None:
    """Give the tables that a class is mixed into a nullable column for each metric, such as those a report declares."""
    types = {Kind.COUNT: BigInteger, Kind.MONEY: Numeric, Kind.RATE: Numeric}
    for position, metric in enumerate(metrics):
        column = table_column(types[metric.kind](), comment=metric.description, sort_order=100 + position)
        setattr(mixin, metric.column, column)


class Metrics:
    """One nullable column for each metric of the catalogue; NULL when it was not requested or not returned."""


class MemberMetrics:
    """One nullable column for each metric that LinkedIn gives for MEMBER_* pivots."""


give_columns(Metrics, CATALOGUE)
give_columns(MemberMetrics, (metric for metric in CATALOGUE if metric.members))


def stale_index(table: str, day: str = "date") -> Index:
    """Find the few rows that could not be brought up to date, among millions that could."""
    return Index(f"ix_{table}_stale", "account_id", day, postgresql_where=column("stale_since").is_not(None))


class CampaignDailyMetric(Metrics, LoadedTimes, Base):
    """A campaign's metrics of one UTC day."""

    __tablename__ = "campaign_daily_metrics"
    __table_args__ = (
        Index(None, "account_id", "date"),
        stale_index("campaign_daily_metrics"),
        {
            "comment": "One row per campaign and UTC day with activity. Do not add to creative_daily_metrics, which "
            "holds the same activity again; reach, rates and averages must not be summed.",
        },
    )

    campaign_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Campaign (campaigns.id; it may be gone there)."
    )
    date: Column[date] = table_column(primary_key=True, comment="UTC day of the activity.")
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")


class CreativeDailyMetric(Metrics, LoadedTimes, Base):
    """A creative's metrics of one UTC day."""

    __tablename__ = "creative_daily_metrics"
    __table_args__ = (
        Index(None, "account_id", "date"),
        stale_index("creative_daily_metrics"),
        {
            "comment": "One row per creative and UTC day with activity. Do not add to campaign_daily_metrics, which "
            "holds the same activity again; reach, rates and averages must not be summed.",
        },
    )

    creative_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Creative (creatives.id; it may be gone there)."
    )
    date: Column[date] = table_column(primary_key=True, comment="UTC day of the activity.")
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")


WHOLE_MONTHS = "Months are whole; of the month of LAC_START_DATE the daily tables may have only the later days."
SEGMENT_COST = (
    "LinkedIn does not adjust a segment's cost for over-delivery, so the sum may exceed the spend: do not use it as "
    "spend."
)
"""Source: LinkedIn's page on Ads Reporting, and accounts whose segments cost three times their spend."""


class CustomReport(LoadedTimes, Base):
    """The metrics of one combination of pivot values in a report that `LAC_REPORTS` declares, of one day or month."""

    __tablename__ = "custom_reports"
    __table_args__ = (
        stale_index("custom_reports"),
        {
            "comment": "One row per report, account, day or month, and combination of pivot values. The view "
            "report_<name> of each report has its columns by name, with their types: read that. Rows of a report that "
            "is no longer declared, or had other pivots before, stay; `lac reports` lists them. Two reports may hold "
            "the same activity: never add them up.",
        },
    )

    report: Column[str] = table_column(primary_key=True, comment="Its name in the file that LAC_REPORTS names.")
    account_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Ad account (accounts.id), which names the currency."
    )
    date: Column[date] = table_column(
        primary_key=True, comment="UTC day of the activity; of a MONTHLY report the first day of the whole month."
    )
    pivot_values: Column[list[str]] = table_column(
        ARRAY(Text),
        primary_key=True,
        comment="The values of the pivots, in their order, as LinkedIn sends them, mostly URNs; (unknown) if empty.",
    )
    granularity: Column[str] = table_column(primary_key=True, comment="DAILY or MONTHLY: what a row is about.")
    pivots: Column[str] = table_column(
        primary_key=True, comment="LinkedIn's pivots in the order of pivot_values, with commas between."
    )
    metrics: Column[dict[str, Any]] = table_column(
        comment="The metrics that were read, by the names that they have as columns elsewhere, as exact numbers; null "
        "where LinkedIn gave none."
    )


class AudienceDemographic(MemberMetrics, LoadedTimes, Base):
    """The metrics of one segment of an account's audience in one month."""

    __tablename__ = "audience_demographics"
    __table_args__ = (
        stale_index("audience_demographics", "month"),
        {
            "comment": "One row per account, month, pivot type and segment. Do not sum over pivot types: each splits "
            "the same activity. LinkedIn leaves out segments under 3 events, so counts mostly add up to less than the "
            f"account's, and each may differ from the true number by up to 3. {WHOLE_MONTHS} {SEGMENT_COST}",
        },
    )

    account_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Ad account (accounts.id), which names the currency."
    )
    month: Column[date] = table_column(primary_key=True, comment=f"First UTC day of the month. {WHOLE_MONTHS}")
    pivot_type: Column[str] = table_column(primary_key=True, comment="What it is split by, such as MEMBER_INDUSTRY.")
    segment: Column[str] = table_column(primary_key=True, comment="The segment as LinkedIn sends it, mostly a URN.")


class CampaignDemographic(MemberMetrics, LoadedTimes, Base):
    """The metrics of one segment of a campaign's audience in one month."""

    __tablename__ = "campaign_demographics"
    __table_args__ = (
        Index(None, "account_id", "month"),
        stale_index("campaign_demographics", "month"),
        {
            "comment": "One row per campaign, month, pivot type and segment, for campaigns with at least 300 "
            "impressions in the month; LinkedIn returns nothing for others. Never sum it to a campaign or an account, "
            "nor over pivot types: LinkedIn adds noise to each metric, leaves out segments under 3 events, and does so "
            f"for each campaign by itself, so sums differ from audience_demographics. {WHOLE_MONTHS} {SEGMENT_COST}",
        },
    )

    campaign_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Campaign (campaigns.id; it may be gone there)."
    )
    month: Column[date] = table_column(primary_key=True, comment=f"First UTC day of the month. {WHOLE_MONTHS}")
    pivot_type: Column[str] = table_column(primary_key=True, comment="What it is split by, such as MEMBER_INDUSTRY.")
    segment: Column[str] = table_column(
        primary_key=True, comment="The segment as LinkedIn sends it, mostly a URN; urn_names has its name."
    )
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")
