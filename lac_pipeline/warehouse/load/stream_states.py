"""The rows of `stream_state`, derived from the newest attempts of `sync_log`. The caller owns the transaction.

Only the attempts since the one that last brought the stream up to date are read, however long the log is. The result is
the same in whatever order attempts end.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import cast as sql_cast

from lac_pipeline.postgres.upserting import insert
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.schema.base import AHEAD
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, LONG_AGO, UNAVAILABLE, StreamState, SyncLog

_ACCOUNT, _ASSET = bindparam("of_account", type_=BigInteger), bindparam("of_asset", type_=Text)
_LOCK = (
    select(StreamState.asset).where(StreamState.account_id == _ACCOUNT, StreamState.asset == _ASSET).with_for_update()
)
_BEGAN = bindparam("began_at", type_=DateTime(timezone=True))
_RUN = (
    update(StreamState)
    .where(
        StreamState.account_id == _ACCOUNT,
        StreamState.asset == _ASSET,
        StreamState.attempted_at < _BEGAN,
        func.statement_timestamp() + AHEAD >= _BEGAN,
    )
    .values(attempted_at=_BEGAN, status="running")
)
_LAST_OF_EQUALS = ("running", "failed", UNAVAILABLE, "partial", "success")
"""Which of several attempts counts as the last one where a wrong clock stamped them all."""


def show_running(connection: Connection, attempt: Attempt) -> None:
    """Let the row of an account's stream show an attempt that begins.

    What else the row says follows from attempts that have ended. It is derived again where it is not there yet, and
    where a wrong clock stamped this attempt or the last one.
    """
    began = {_ACCOUNT.key: attempt.account_id, _ASSET.key: attempt.asset, _BEGAN.key: attempt.started_at}
    if not connection.execute(_RUN, began).rowcount:
        renew_state(connection, attempt.account_id, attempt.asset)


def renew_state(connection: Connection, account_id: int, asset: str) -> None:
    """Derive the row of an account's stream again after one of its attempts was written.

    The row is locked first, so that of two attempts that end at once the second sees the first.
    """
    stream = {_ACCOUNT.key: account_id, _ASSET.key: asset}
    if connection.scalar(_LOCK, stream) is None:
        key = {"account_id": account_id, "asset": asset, "attempted_at": LONG_AGO, "status": "running"}
        connection.execute(insert(StreamState).values(key).on_conflict_do_nothing())
        connection.execute(_LOCK, stream)
    connection.execute(_renewal(), stream)


def reaches_its_day() -> ColumnElement[bool]:
    """SQL condition: an attempt covered the UTC day on which it began; entities have no days."""
    ended = SyncLog.partition_end
    return or_(ended.is_(None), ended > sql_cast(func.timezone("UTC", SyncLog.started_at), Date))


@cache
def _renewal() -> Update:
    """Make the statement that derives the row of `_ACCOUNT` and `_ASSET`; it is long, and always the same."""
    derived = _derived().subquery("derived")
    same = and_(StreamState.account_id == derived.c.account_id, StreamState.asset == derived.c.asset)
    return update(StreamState).where(same).values({column.name: column for column in derived.c})


def _derived() -> Select[tuple[object, ...]]:
    stream = and_(SyncLog.account_id == _ACCOUNT, SyncLog.asset == _ASSET)
    long_ago = literal(LONG_AGO, DateTime(timezone=True))
    possible = SyncLog.started_at <= func.statement_timestamp() + AHEAD
    confirming = and_(stream, SyncLog.status.in_(CONFIRMED), reaches_its_day())
    newest = select(func.max(SyncLog.started_at)).where(confirming, possible).scalar_subquery()
    impossible = select(SyncLog.started_at).where(confirming, ~possible).exists()
    synced = select(func.coalesce(newest, case((impossible, long_ago))).label("synced_at")).cte("synced")
    confirmed = (
        select(SyncLog.partition_start, SyncLog.partition_end, SyncLog.parts)
        .where(stream, SyncLog.started_at == synced.c.synced_at)
        .subquery("confirmed")
    )
    since = func.coalesce(synced.c.synced_at, long_ago)
    began = case((possible, SyncLog.started_at), else_=long_ago)
    newer = (
        select(began.label("began"), SyncLog.status)
        .where(stream, SyncLog.status != "skipped", SyncLog.started_at >= select(since).scalar_subquery())
        .cte("newer")
    )
    rank = case({status: place for place, status in enumerate(_LAST_OF_EQUALS)}, value=newer.c.status)
    last = select(newer.c.began, newer.c.status).order_by(newer.c.began.desc(), rank).limit(1).subquery("last")
    failures = select(func.count()).where(newer.c.status == "failed", newer.c.began >= since).scalar_subquery()
    return (
        select(
            _ACCOUNT.label("account_id"),
            _ASSET.label("asset"),
            synced.c.synced_at,
            confirmed.c.partition_start.label("window_start"),
            confirmed.c.partition_end.label("window_end"),
            confirmed.c.parts,
            last.c.began.label("attempted_at"),
            last.c.status,
            failures.label("failures"),
        )
        .select_from(synced)
        .join(last, true())
        .outerjoin(confirmed, true())
    )
