"""Reconciliation from what is stored: the tables as they are now against LinkedIn's totals of an earlier run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, select

from lac_pipeline.warehouse.check_results import Check, CheckState, NotCompared
from lac_pipeline.warehouse.load import check_states
from lac_pipeline.warehouse.load.reconciliation import Comparison, Reconciled, keep_result, sums_by_day, total_of
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, SyncLog
from lac_pipeline.warehouse.schema.quality_tables import ReconciliationRow
from lac_pipeline.windows import DateWindow

NEVER = "LinkedIn's totals of these days are not stored"
LOADED_SINCE = "the days were loaded again after LinkedIn's totals were read"

_LOG = ReconciliationRow


def compare_again(connection: Connection, asset: str, account_id: int, *, run_id: str) -> list[CheckState]:
    """Compare the newest window again, and the days of failures before it; keep and return the results.

    The caller commits. Without a load of the account nothing is compared, and nothing returned.
    """
    loaded = _newest_load(connection, asset, account_id)
    if loaded is None:
        return []
    found = [_newest(connection, asset, account_id, loaded=loaded, run_id=run_id)]
    for failed in check_states.read(connection, [account_id], asset=asset, check=Check.RECONCILIATION):
        if failed.passed is False and failed.window is not None and failed.run_id != run_id:
            again = _days(connection, failed, failed.window, run_id)
            found += [again] if again else []
    return found


def _newest(connection: Connection, asset: str, account_id: int, *, loaded: DateWindow, run_id: str) -> CheckState:
    mine = and_(_LOG.account_id == account_id, _LOG.asset == asset)
    whole = select(_LOG.__table__).where(mine, _LOG.date.is_(None))
    newest = connection.execute(whole.order_by(_LOG.id.desc()).limit(1)).first()
    window = loaded if newest is None else DateWindow(newest.window_start, newest.window_end)
    if newest is None or _loaded_since(connection, newest, window):
        reason = NotCompared(NEVER if newest is None else LOADED_SINCE)
        state = CheckState(Check.RECONCILIATION, asset, account_id, None, reason, window, run_id)
        check_states.record(connection, [state])
        return state
    same = and_(_LOG.checked_at == newest.checked_at, _LOG.window_start == window.start, _LOG.run_id == newest.run_id)
    rows = connection.execute(select(_LOG.__table__).where(mine, same).order_by(_LOG.id)).all()
    return keep_result(connection, _compared(connection, rows, window), asset, run_id=run_id, covering=window)


def _days(connection: Connection, failed: CheckState, window: DateWindow, run_id: str) -> CheckState | None:
    """Compare again the days that differed; None where only their sum did, or they were loaded again meanwhile."""
    newest = (
        select(_LOG.__table__)
        .where(_LOG.account_id == failed.account_id, _LOG.asset == failed.asset, _LOG.passed.is_(False))
        .where(_LOG.date >= window.start, _LOG.date < window.end)
        .distinct(_LOG.date, _LOG.metric)
        .order_by(_LOG.date, _LOG.metric, _LOG.checked_at.desc())
    )
    rows = connection.execute(newest).all()
    if not rows or any(_loaded_since(connection, row, DateWindow.inclusive(row.date, row.date)) for row in rows):
        return None
    return keep_result(connection, _compared(connection, rows, window), failed.asset, run_id=run_id, covering=window)


def _compared(connection: Connection, rows: Sequence[Row[Any]], window: DateWindow) -> Reconciled:
    """Set the sums of the table beside the stored totals."""
    account_id, asset = rows[0].account_id, rows[0].asset
    metrics = list(dict.fromkeys(row.metric for row in rows))
    days = sums_by_day(connection, asset, account_id, window, metrics)

    def ours(day: date | None, metric: str) -> Decimal | None:
        return total_of(days.values() if day is None else [days.get(day, {})], metric)

    comparisons = (
        Comparison(asset, row.date, row.metric, row.linkedin_total, stored, row.tolerance)
        for row in rows
        if (stored := ours(row.date, row.metric)) is not None
    )
    return Reconciled(account_id, window, tuple(comparisons))


def _newest_load(connection: Connection, asset: str, account_id: int) -> DateWindow | None:
    query = (
        select(SyncLog.partition_start, SyncLog.partition_end)
        .where(_loads(asset, account_id), SyncLog.partition_end.is_not(None))
        .order_by(SyncLog.started_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else DateWindow(row.partition_start, row.partition_end)


def _loaded_since(connection: Connection, compared: Row[Any], window: DateWindow) -> bool:
    later = exists().where(
        _loads(compared.asset, compared.account_id),
        SyncLog.started_at > compared.checked_at,
        SyncLog.partition_start < window.end,
        SyncLog.partition_end > window.start,
    )
    return bool(connection.scalar(select(later)))


def _loads(asset: str, account_id: int) -> ColumnElement[bool]:
    return and_(SyncLog.asset == asset, SyncLog.account_id == account_id, SyncLog.status.in_(CONFIRMED))
