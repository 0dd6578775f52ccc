"""The table of conversions: by creative, rule and day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, Index

from lac_pipeline.streams.conversions import CONVERSION_METRICS
from lac_pipeline.warehouse.schema.base import Base, LoadedTimes
from lac_pipeline.warehouse.schema.declaring import table_column
from lac_pipeline.warehouse.schema.facts import give_columns, stale_index


class ConversionMetrics:
    """One nullable column for each metric that the report of conversions reads."""


give_columns(ConversionMetrics, CONVERSION_METRICS)


class ConversionDailyMetric(ConversionMetrics, LoadedTimes, Base):
    """The conversions of a creative by one rule on one UTC day."""

    __tablename__ = "conversion_daily_metrics"
    __table_args__ = (
        Index(None, "account_id", "date"),
        stale_index("conversion_daily_metrics"),
        {
            "comment": "One row per creative, conversion rule and UTC day with conversions. They are the conversions "
            "of creative_daily_metrics, split by rule: do not add the two. Days are those of the click or view that a "
            "conversion is credited to, so past days keep changing. Cost does not belong to a rule, so there is none.",
        },
    )

    creative_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Creative (creatives.id; it may be gone there)."
    )
    conversion_id: Column[int] = table_column(
        primary_key=True, autoincrement=False, comment="Conversion rule (conversions.id; it may be unknown there)."
    )
    date: Column[date] = table_column(
        primary_key=True, comment="UTC day of the click or view that the conversions are credited to."
    )
    account_id: Column[int] = table_column(comment="Ad account (accounts.id), which names the currency.")
