"""Every table of the warehouse, and which one each asset fills."""

from __future__ import annotations

from datetime import date
from typing import cast

from sqlalchemy import Column, Table

from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.schema.base import SCHEMA, Base
from lac_pipeline.warehouse.schema.breakdown_tables import CampaignDailyBreakdown
from lac_pipeline.warehouse.schema.content_tables import AdContentRow
from lac_pipeline.warehouse.schema.entities import Account, Campaign, CampaignGroup, Creative
from lac_pipeline.warehouse.schema.facts import AudienceDemographic, CampaignDailyMetric, CreativeDailyMetric
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.lead_tables import LeadForm
from lac_pipeline.warehouse.schema.operational_tables import (
    ApiUsageDay,
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

__all__ = [
    "HISTORIES",
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
    "Creative",
    "CreativeDailyMetric",
    "LeadForm",
    "MetricRestatement",
    "OAuthToken",
    "ReconciliationRow",
    "RejectedRecord_",
    "StreamState",
    "SyncLog",
    "UrnName",
    "account_of",
    "day_of",
    "stream_table",
    "table_of",
]


def stream_table(name: str) -> Table:
    """Return the table of a stream.

    Raises:
        KeyError: there is no stream of this name.
    """
    return Base.metadata.tables[f"{SCHEMA}.{stream_of(name).name}"]


def day_of(asset: str) -> Column[date] | None:
    """Return the column of an asset's table that holds the UTC day, or the month's first day; None without days."""
    name = stream_of(asset).day_column
    return None if name is None else stream_table(asset).c[name]


def account_of(asset: str) -> Column[int]:
    """Return the column of an asset's table that holds the ad account."""
    columns = stream_table(asset).c
    return columns.account_id if "account_id" in columns else columns.id


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, which SQLAlchemy types too widely."""
    return cast("Table", model.__table__)
