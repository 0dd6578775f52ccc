"""Rows of accounts, campaigns, days and loads as they stand in the tables, with times that a test chooses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select

from lac_pipeline.warehouse.schema.operational_tables import StreamState, SyncLog
from lac_pipeline.warehouse.schema.tables import Account, Base, Campaign, CampaignDailyMetric, table_of
from lac_pipeline.warehouse.schema.view import View
from lac_pipeline.windows import DateWindow

ASSET = "campaign_daily_metrics"


def put(connection: Connection, model: type[Base], *rows: dict[str, Any]) -> None:
    """Insert rows as they are."""
    for row in rows:
        connection.execute(insert(table_of(model)).values(**row))


def account(connection: Connection, account_id: int, currency: str) -> None:
    """Insert an account."""
    put(connection, Account, {"id": account_id, "name": f"Account {account_id}", "currency": currency})


def campaign(connection: Connection, campaign_id: int, account_id: int, **fields: Any) -> None:  # noqa: ANN401
    """Insert a campaign, with the columns that a test is about."""
    put(connection, Campaign, {"id": campaign_id, "account_id": account_id, "name": str(campaign_id), **fields})


def days(connection: Connection, campaign_id: int, account_id: int, costs: dict[date, str | None]) -> None:
    """Insert what a campaign cost by day."""
    for day, cost in costs.items():
        amount = None if cost is None else Decimal(cost)
        row = {"campaign_id": campaign_id, "account_id": account_id, "date": day, "cost_in_local_currency": amount}
        put(connection, CampaignDailyMetric, {**row, "impressions": 100, "clicks": 4})


def loaded(
    connection: Connection,
    account_id: int,
    window: DateWindow,
    at: datetime,
    *,
    status: str = "success",
    parts: Iterable[str] | None = None,
) -> None:
    """Log a load of campaign metrics, and keep it as the newest one if it reached its own day."""
    attempt = {"account_id": account_id, "asset": ASSET, "started_at": at, "finished_at": at, "status": status}
    span = {"partition_start": window.start, "partition_end": window.end, "parts": None if parts is None else [*parts]}
    put(connection, SyncLog, {**attempt, **span, "trigger": "on_demand", "run_id": str(at)})
    if status != "failed" and window.last >= at.astimezone(UTC).date():
        connection.execute(table_of(StreamState).delete().where(StreamState.account_id == account_id))
        state = {"account_id": account_id, "asset": ASSET, "synced_at": at, "attempted_at": at, "status": status}
        put(connection, StreamState, state)


def rows_of(connection: Connection, view: View, *order: str) -> list[dict[str, Any]]:
    """All rows of a view, in the order of some of its columns."""
    query = select(view.selectable).order_by(*(view.selectable.c[name] for name in order))
    return [dict(row) for row in connection.execute(query).mappings()]
