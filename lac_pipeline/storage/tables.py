"""Every table of the warehouse, and which one each asset fills."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from lac_pipeline.storage.base import SCHEMA, Base
from lac_pipeline.storage.check_states import CheckStateRow
from lac_pipeline.storage.entities import Account, Campaign, CampaignGroup, Creative
from lac_pipeline.storage.facts import AudienceDemographic, CampaignDailyMetric, CreativeDailyMetric
from lac_pipeline.storage.history import HISTORIES
from lac_pipeline.storage.ledgers import ApiUsageDay, OAuthToken, RejectedRecord_, SyncLog, UrnName
from lac_pipeline.storage.reconciliation import ReconciliationRow
from lac_pipeline.storage.restatements import MetricRestatement
from lac_pipeline.storage.snapshots import AccountSnapshotRow

__all__ = [
    "ASSETS",
    "HISTORIES",
    "SCHEMA",
    "Account",
    "AccountSnapshotRow",
    "ApiUsageDay",
    "AudienceDemographic",
    "Base",
    "Campaign",
    "CampaignDailyMetric",
    "CampaignGroup",
    "CheckStateRow",
    "Creative",
    "CreativeDailyMetric",
    "MetricRestatement",
    "OAuthToken",
    "ReconciliationRow",
    "RejectedRecord_",
    "SyncLog",
    "UrnName",
    "table_of",
]

ASSETS: dict[str, type[Base]] = {
    model.__tablename__: model
    for model in (
        Account,
        CampaignGroup,
        Campaign,
        Creative,
        CampaignDailyMetric,
        CreativeDailyMetric,
        AudienceDemographic,
    )
}
"""Assets that are loaded from LinkedIn, by name, and their models."""


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, which SQLAlchemy types too widely."""
    return cast("Table", model.__table__)
