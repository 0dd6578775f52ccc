"""The last attempt at each asset of each account, as `stream_state` names it and `sync_log` describes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, and_, select

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.operational_tables import StreamState, SyncLog


class LastAttempt(NamedTuple):
    """How an asset of an account stands, and what its last attempt did.

    Attributes:
        account_id: ad account.
        asset: its name and table.
        synced_at: start of the fetch that last brought it up to date; None if never.
        status: how the last attempt ended, or `running`.
        failures: how many attempts in a row failed.
        started_at: when the last attempt began; this and what follows are None where `sync_log` no longer has it.
        finished_at: when it ended; None while it runs.
        fetched: how many records LinkedIn returned.
        inserted: how many rows were new.
        updated: how many rows changed.
        unchanged: how many rows were equal.
        pruned: how many rows LinkedIn no longer had.
        rejected: how many records failed validation.
        api_calls: how many requests were sent, retries included.
    """

    account_id: int
    asset: str
    synced_at: datetime | None
    status: str
    failures: int
    started_at: datetime | None
    finished_at: datetime | None
    fetched: int | None
    inserted: int | None
    updated: int | None
    unchanged: int | None
    pruned: int | None
    rejected: int | None
    api_calls: int | None


def last_attempts(engine: Engine, account_ids: Collection[int], assets: Collection[str]) -> list[LastAttempt]:
    """Read the last attempt at these assets of these accounts: key look-ups, however long the log is.

    Raises:
        StorageError: the query failed.
    """
    state = StreamState
    log = SyncLog
    same = and_(log.account_id == state.account_id, log.asset == state.asset, log.started_at == state.attempted_at)
    query = (
        select(
            state.account_id,
            state.asset,
            state.synced_at,
            state.status,
            state.failures,
            log.started_at,
            log.finished_at,
            log.rows_fetched,
            log.rows_inserted,
            log.rows_updated,
            log.rows_unchanged,
            log.rows_pruned,
            log.rows_rejected,
            log.api_calls_made,
        )
        .join_from(state, log, same, isouter=True)
        .where(state.account_id.in_(account_ids), state.asset.in_(assets))
        .order_by(state.account_id, state.asset)
    )
    with translating_errors(), engine.connect() as connection:
        return [LastAttempt._make(row) for row in connection.execute(query)]
