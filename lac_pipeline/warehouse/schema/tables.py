"""Every table of the warehouse, and which one each asset fills."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, true

from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.schema.base import SCHEMA, Base
from lac_pipeline.warehouse.schema.breakdown_tables import CampaignDailyBreakdown
from lac_pipeline.warehouse.schema.content_tables import AdContentRow
from lac_pipeline.warehouse.schema.conversion_facts import ConversionDailyMetric
from lac_pipeline.warehouse.schema.conversion_tables import Conversion
from lac_pipeline.warehouse.schema.entities import Account, Campaign, CampaignGroup, Creative
from lac_pipeline.warehouse.schema.facts import (
    AudienceDemographic,
    CampaignDailyMetric,
    CreativeDailyMetric,
    CustomReport,
)
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.lead_tables import LeadAnswerRow, LeadForm, LeadFormResponse
from lac_pipeline.warehouse.schema.operational_tables import (
    ApiUsageDay,
    EntityRead,
    OAuthToken,
    RejectedRecord_,
    StreamState,
    SyncLog,
    UrnName,
)
from lac_pipeline.warehouse.schema.quality_tables import (
    AccountSnapshotRow,
    CheckStateRow,
    MetricRestatement,
    ReconciliationRow,
)
from lac_pipeline.warehouse.schema.reach_table import ReachByMonth

__all__ = [
    "HISTORIES",
    "METRICS",
    "SCHEMA",
    "Account",
    "AccountSnapshotRow",
    "AdContentRow",
    "ApiUsageDay",
    "AudienceDemographic",
    "Base",
    "Campaign",
    "CampaignDailyBreakdown",
    "CampaignDailyMetric",
    "CampaignGroup",
    "CheckStateRow",
    "Conversion",
    "ConversionDailyMetric",
    "Creative",
    "CreativeDailyMetric",
    "CustomReport",
    "EntityRead",
    "LeadAnswerRow",
    "LeadForm",
    "LeadFormResponse",
    "MetricRestatement",
    "OAuthToken",
    "ReachByMonth",
    "ReconciliationRow",
    "RejectedRecord_",
    "StreamState",
    "SyncLog",
    "UrnName",
    "account_of",
    "day_of",
    "rows_of",
    "stream_table",
    "table_of",
]


def stream_table(name: str) -> Table:
    """Return the table of a stream.

    Raises:
        KeyError: there is no stream of this name.
    """
    return Base.metadata.tables[f"{SCHEMA}.{stream_of(name).table}"]


METRICS = "metrics"
"""The column of a table of several reports that holds the metrics of a row."""


def rows_of(asset: str, table: FromClause | None = None) -> ColumnElement[bool]:
    """Say in SQL that a row of an asset's table, or of one with the same columns, is the asset's own.

    All are, unless the table holds rows of several reports.
    """
    report = stream_of(asset).report
    columns = (stream_table(asset) if table is None else table).c
    return and_(true(), *(columns[name] == value for name, value in (report.known_by if report else {}).items()))


def day_of(asset: str) -> Column[date] | None:
    """Return the column of an asset's table that holds the UTC day, or the month's first day; None without days."""
    name = stream_of(asset).day_column
    return None if name is None else stream_table(asset).c[name]


def account_of(asset: str) -> Column[int]:
    """Return the column of an asset's table that holds the ad account."""
    columns = stream_table(asset).c
    return columns.account_id if "account_id" in columns else columns.id


def table_of(model: type[Base]) -> Table:
    """Return the table that a class declares."""
    return model.__table__
