"""The rows of `sync_log`, each written with the state of its stream. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Select,
    Text,
    and_,
    bindparam,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from lac_pipeline.errors import LacError
from lac_pipeline.postgres.upserting import insert
from lac_pipeline.warehouse.load.attempts import Attempt, SkippedAsset
from lac_pipeline.warehouse.load.stream_states import renew_state, show_running
from lac_pipeline.warehouse.schema.base import AHEAD
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, SyncLog
from lac_pipeline.windows import DateWindow, contiguous

Coverage = tuple[DateWindow | None, ...]
"""What an attempt may write: windows of days; `(None,)` for all of an account's entities; `()` for nothing."""

_LONGEST_ERROR = 2000  # characters
_OPEN = insert(SyncLog).on_conflict_do_nothing().returning(SyncLog.started_at)
_ACCOUNT, _ASSET = bindparam("of_account", type_=BigInteger), bindparam("of_asset", type_=Text)
_BEGAN = bindparam("began_at", type_=DateTime(timezone=True))
_OF_STREAM = and_(SyncLog.account_id == _ACCOUNT, SyncLog.asset == _ASSET)
_CLOSE = update(SyncLog).where(_OF_STREAM, SyncLog.started_at == _BEGAN)


def open_attempt(connection: Connection, attempt: Attempt) -> Attempt:
    """Write the running attempt's row; its start moves on by a microsecond where another attempt has the same one."""
    while True:
        row = {
            "account_id": attempt.account_id,
            "asset": attempt.asset,
            "started_at": attempt.started_at,
            "run_id": attempt.run_id,
            "trigger": attempt.trigger,
            "status": "running",
            "partition_start": attempt.window and attempt.window.start,
            "partition_end": attempt.window and attempt.window.end,
        }
        if connection.scalar(_OPEN, row) is not None:
            show_running(connection, attempt)
            return attempt
        attempt = replace(attempt, started_at=attempt.started_at + timedelta(microseconds=1))


def log_skipped(
    connection: Connection, skipped: Iterable[SkippedAsset], *, run_id: str, trigger: str, at: datetime
) -> None:
    """Write a row for each asset that was left alone, all with one statement.

    Where an asset has a row of that time already, it is written a microsecond later.
    """
    left = list(skipped)
    while left:
        statement = _insert_skipped(left, run_id=run_id, trigger=trigger, at=at)
        written = set(connection.execute(statement).tuples())
        left = [row for row in left if (row.account_id, row.asset) not in written]
        at += timedelta(microseconds=1)


def _insert_skipped(
    skipped: Sequence[SkippedAsset], *, run_id: str, trigger: str, at: datetime
) -> ReturningInsert[tuple[int, str]]:
    """One array for each column, so that the statement is compiled once for any number of rows."""
    ids, assets, reasons = zip(*skipped, strict=True)
    arrays = (literal(ids, ARRAY(BigInteger)), literal(assets, ARRAY(Text)), literal(reasons, ARRAY(Text)))
    given = func.unnest(*arrays).table_valued("account_id", "asset", "reason").render_derived("given").c
    time = literal(at, DateTime(timezone=True))
    row = {
        "account_id": given.account_id,
        "asset": given.asset,
        "reason": given.reason,
        "started_at": time,
        "finished_at": time,
        "run_id": literal(run_id, Text),
        "trigger": literal(trigger, Text),
        "status": literal("skipped", Text),
    }
    rows = insert(SyncLog).from_select(list(row), select(*row.values()))
    return rows.on_conflict_do_nothing().returning(SyncLog.account_id, SyncLog.asset)


def close_attempt(connection: Connection, attempt: Attempt, *, status: str, at: datetime, **values: object) -> None:
    """Write how the attempt ended, and how its stream stands now."""
    finished_at = max(at, attempt.started_at)
    connection.execute(_CLOSE, _named(attempt) | {"status": status, "finished_at": finished_at} | values)
    renew_state(connection, attempt.account_id, attempt.asset)


def coverage_of(connection: Connection, attempt: Attempt) -> Coverage:
    """Return what the attempt may still write: its window without the days that a later fetch has loaded already."""
    rows = connection.execute(_later(), _named(attempt)).all()
    if attempt.window is None:
        return () if rows else (None,)
    newer = [DateWindow(start, end) for start, end in rows if start is not None and end is not None]
    return tuple(contiguous(day for day in attempt.window if not any(day in window for window in newer)))


@cache
def _later() -> Select[tuple[date | None, date | None]]:
    """Make the query of what later attempts than one have loaded."""
    return select(SyncLog.partition_start, SyncLog.partition_end).where(
        _OF_STREAM,
        SyncLog.started_at > _BEGAN,
        not_(_before(_BEGAN, SyncLog.started_at)),
        SyncLog.status.in_(CONFIRMED),
    )


def before(attempt: Attempt, stamp: Column[datetime]) -> ColumnElement[bool]:
    """SQL condition: a stamp is of an earlier attempt, or a wrong clock put it into the future."""
    return _before(literal(attempt.started_at, DateTime(timezone=True)), stamp)


def _before(began: ColumnElement[datetime], stamp: Column[datetime]) -> ColumnElement[bool]:
    wrong = and_(stamp > began, stamp > func.clock_timestamp() + AHEAD)
    return or_(stamp < began, wrong)


def loaded_before(connection: Connection, attempt: Attempt) -> list[DateWindow]:
    """Return the days of the attempt's window that earlier fetches have loaded, in order; none for entities."""
    if attempt.window is None:
        return []
    days = {"first_day": attempt.window.start, "end_day": attempt.window.end}
    rows = connection.execute(_earlier(), _named(attempt) | days).all()
    windows = [DateWindow(start, end) for start, end in rows if start is not None and end is not None]
    return contiguous(day for day in attempt.window if any(day in window for window in windows))


@cache
def _earlier() -> Select[tuple[date | None, date | None]]:
    """Make the query of what earlier attempts than one have loaded of some days."""
    loaded = select(SyncLog.partition_start, SyncLog.partition_end).where(
        _OF_STREAM,
        _before(_BEGAN, SyncLog.started_at),
        SyncLog.status.in_(CONFIRMED),
        SyncLog.partition_end > bindparam("first_day", type_=Date),
        SyncLog.partition_start < bindparam("end_day", type_=Date),
    )
    return loaded.distinct()


def describe(error: BaseException) -> Mapping[str, str | None]:
    """Write an error in the form of `sync_log.errors`; our own classes never carry a secret."""
    kind = type(error).__name__
    if isinstance(error, LacError):
        return {
            "type": kind,
            "summary": error.summary,
            "detail": error.detail,
            "meaning": error.meaning,
            "fix": error.fix,
        }
    return {"type": kind, "summary": str(error)[:_LONGEST_ERROR] or kind, "detail": None, "meaning": None, "fix": None}


def close_running(connection: Connection, run_ids: Iterable[str], *, at: datetime) -> int:
    """Close as failed what these runs, which are over, left running; return how many attempts that were."""
    error = {
        "type": "OrphanedAttempt",
        "summary": "the run ended without finishing this sync",
        "detail": None,
        "meaning": "its process was killed or lost; nothing of this sync was written",
        "fix": "run it again: `lac sync`, or re-execute the run in Dagster",
    }
    orphans: ColumnElement[bool] = and_(SyncLog.status == "running", SyncLog.run_id.in_(list(run_ids)))
    closing = update(SyncLog).where(orphans).values(status="failed", finished_at=at, errors=[error])
    closed = connection.execute(closing.returning(SyncLog.account_id, SyncLog.asset)).all()
    for account_id, asset in sorted({(account_id, asset) for account_id, asset in closed}):
        renew_state(connection, account_id, asset)
    return len(closed)


def covered(coverage: Coverage, start: ColumnElement[object], end: ColumnElement[object]) -> ColumnElement[bool]:
    """SQL condition: the days from `start` up to `end` lie within one window of the coverage."""
    within = [
        start.is_(None) if window is None else and_(start >= window.start, end <= window.end) for window in coverage
    ]
    return or_(false(), *within)


def _named(attempt: Attempt) -> dict[str, object]:
    """The parameters that name an attempt."""
    return {_ACCOUNT.key: attempt.account_id, _ASSET.key: attempt.asset, _BEGAN.key: attempt.started_at}
