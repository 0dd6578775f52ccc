"""The quarantine: records that failed validation, kept until they validate or are gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Text,
    bindparam,
    case,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.postgres.unstorable import replaced
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.refusals import key_columns, key_values
from lac_pipeline.warehouse.load.sync_log import Coverage, before, covered
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_
from lac_pipeline.warehouse.schema.tables import stream_table
from lac_pipeline.windows import DateWindow, month_of

_OPEN = select(
    exists().where(
        RejectedRecord_.asset == bindparam("of_asset", type_=Text),
        RejectedRecord_.account_id == bindparam("of_account", type_=BigInteger),
        RejectedRecord_.closed_at.is_(None),
    )
)
_SEEN_AGAIN = ("record_id", "value", "reason", "raw", "run_id", "last_seen")


class OpenRejection(Struct, frozen=True):
    """A record that LinkedIn still sends in a form that cannot be loaded."""

    asset: str
    account_id: int
    record_id: str
    field: str
    value: str
    reason: str
    raw: dict[str, Any]
    run_id: str
    first_seen: datetime
    last_seen: datetime
    partition_start: date | None
    partition_end: date | None

    @property
    def undated_within(self) -> DateWindow | None:
        """The UTC days one of which the record is about, if its own could not be read: it is closed by a load of all.

        None where the day or month is known, and of entities, which have none.
        """
        if self.partition_start is None or self.partition_end is None:
            return None
        window, first = DateWindow(self.partition_start, self.partition_end), self.partition_start
        known = month_of(first) if stream_of(self.asset).monthly else DateWindow.inclusive(first, first)
        return None if window == known else window


def open_rejections(
    engine: Engine, *, account_ids: Collection[int] | None = None, asset: str | None = None, limit: int = 1000
) -> list[OpenRejection]:
    """List what is in quarantine, seen last first.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    table = RejectedRecord_.__table__.c
    query = select(*(table[name] for name in OpenRejection.__struct_fields__)).where(table.closed_at.is_(None))
    query = query if account_ids is None else query.where(table.account_id.in_(account_ids))
    query = query if asset is None else query.where(table.asset == asset)
    with translating_errors(), engine.connect() as connection:
        rows = connection.execute(query.order_by(table.last_seen.desc(), table.id).limit(limit))
        return [OpenRejection(*row) for row in rows]


def count_open(connection: Connection, asset: str, account_id: int, window: DateWindow) -> int:
    """Count the records in quarantine that are about these days."""
    table = RejectedRecord_
    mine = (table.asset == asset, table.account_id == account_id, table.closed_at.is_(None))
    days = (table.partition_start < window.end, table.partition_end > window.start)
    return connection.scalar(select(func.count()).select_from(table).where(*mine, *days)) or 0


def quarantine(connection: Connection, attempt: Attempt, rejected: Iterable[RejectedRecord], coverage: Coverage) -> int:
    """Keep what failed validation; a record and field that is there already is brought up to date.

    Records of days that a later fetch has loaded are left out. The caller owns the transaction. Returns how many rows
    were written.
    """
    rows = {
        (row["digest"], row["field"]): row
        for row in (_row(attempt, record) for record in rejected)
        if _within(coverage, row["partition_start"], row["partition_end"])
    }
    if not rows:
        return 0
    statement = insert(RejectedRecord_)
    statement = statement.on_conflict_do_update(
        index_elements=["asset", "account_id", "digest", "field"],
        index_where=RejectedRecord_.closed_at.is_(None),
        set_={
            **{name: statement.excluded[name] for name in _SEEN_AGAIN},
            **_narrowed(statement),
        },
    )
    connection.execute(statement, [rows[key] for key in sorted(rows)])
    return len(rows)


def resolve(connection: Connection, attempt: Attempt, coverage: Coverage) -> bool:
    """Close the rejections that a complete fetch of their days no longer had; return whether others are open.

    Call it after `quarantine`, which marks those that it did have.
    """
    if not _any_open(connection, attempt):
        return False
    table = RejectedRecord_
    resolved = update(table).where(
        table.asset == attempt.asset,
        table.account_id == attempt.account_id,
        table.closed_at.is_(None),
        before(attempt, table.last_seen),
        covered(coverage, table.__table__.c.partition_start, table.__table__.c.partition_end),
    )
    connection.execute(resolved.values(closed_at=attempt.started_at))
    return _any_open(connection, attempt)


def _any_open(connection: Connection, attempt: Attempt) -> bool:
    """Whether records of the attempt's asset and account are in quarantine."""
    return bool(connection.scalar(_OPEN, {"of_asset": attempt.asset, "of_account": attempt.account_id}))


def _narrowed(statement: Insert) -> dict[str, ColumnElement[date | None]]:
    """The days that a record seen again may be of: those of both fetches, unless these have none in common."""
    stored, seen = RejectedRecord_, statement.excluded
    first = func.greatest(stored.partition_start, seen.partition_start)
    end = func.least(stored.partition_end, seen.partition_end)
    apart = first >= end
    return {
        "partition_start": case((apart, seen.partition_start), else_=first),
        "partition_end": case((apart, seen.partition_end), else_=end),
    }


def _digest(attempt: Attempt, record: RejectedRecord) -> str:
    """Identify the record: by its row's key, so that it may change, or by its content where it names no row."""
    key = key_values(record, key_columns(stream_table(attempt.asset)))
    about = {"key": dict(record.key), "raw": record.raw} if key is None else list(key)
    return hashlib.blake2b(json.dumps(about, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def _row(attempt: Attempt, record: RejectedRecord) -> dict[str, Any]:
    window = _days_of(attempt, record)
    return {
        "asset": attempt.asset,
        "account_id": attempt.account_id,
        "partition_start": window and window.start,
        "partition_end": window and window.end,
        "digest": _digest(attempt, record),
        "record_id": replaced(record.record_id),
        "field": replaced(record.field),
        "value": replaced(record.value),
        "reason": replaced(record.reason),
        "raw": dict(record.raw),
        "run_id": attempt.run_id,
        "first_seen": attempt.started_at,
        "last_seen": attempt.started_at,
    }


def _days_of(attempt: Attempt, record: RejectedRecord) -> DateWindow | None:
    """Narrow the attempt's window to the day or month in the record's key, so that a shorter fetch can close it."""
    stream = stream_of(attempt.asset)
    day = record.key.get(stream.day_column or "")
    if attempt.window is None or not isinstance(day, date) or day not in attempt.window:
        return attempt.window
    return month_of(day) if stream.monthly else DateWindow.inclusive(day, day)


def _within(coverage: Coverage, start: date | None, end: date | None) -> bool:
    if start is None or end is None:
        return None in coverage
    return any(window is not None and window.start < end and start < window.end for window in coverage)
