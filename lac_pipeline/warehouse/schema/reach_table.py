"""The table of how many members a month's ads reached."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column

from lac_pipeline.streams.reach import REACH_BY_MONTH
from lac_pipeline.warehouse.schema.base import Base, LoadedTimes
from lac_pipeline.warehouse.schema.declaring import table_column
from lac_pipeline.warehouse.schema.facts import give_columns, stale_index

NEVER_SUMMED = (
    "Never sum reach: a member who is reached by two campaigns or in two months counts in both, but once in the reach "
    "of the account or of a longer period. Choose one level. For periods longer than a month there is no reach here."
)


class ReachMetrics:
    """One nullable column for each metric that the report reads."""


if REACH_BY_MONTH.report is not None:
    give_columns(ReachMetrics, REACH_BY_MONTH.report.metrics)


class ReachByMonth(ReachMetrics, LoadedTimes, Base):
    """The reach of an account, campaign group or campaign in one month."""

    __tablename__ = "reach_by_month"
    __table_args__ = (
        stale_index("reach_by_month", "month"),
        {
            "comment": "One row per account, month, level and entity with activity: LinkedIn's estimate of distinct "
            f"members. {NEVER_SUMMED} The current month contains only the days that were read; reach_and_frequency "
            "shows which."
        },
    )

    account_id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="Ad account (accounts.id).")
    month: Column[date] = table_column(primary_key=True, comment="First UTC day of the month; months are whole.")
    level: Column[str] = table_column(
        primary_key=True, comment="What the row is about: account, campaign_group or campaign."
    )
    entity_id: Column[int] = table_column(
        primary_key=True,
        autoincrement=False,
        comment="Its id: in accounts, campaign_groups or campaigns, by level; it may be gone there.",
    )
