"""The rows that a load must not change or remove, because their records were rejected.

A rejected record shows that LinkedIn still has the row, but its values cannot be trusted. So the row stays as it is: it
is not pruned, not marked as removed and not counted as lost, and it gets no new version and no restatement. Its
`stale_since` is set until a valid record of it is loaded. A record whose key cannot be read may belong to any row, so a
load with such a record removes no row. The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Table,
    and_,
    delete,
    exists,
    literal,
    not_,
    null,
    or_,
    true,
    update,
)

from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.staging import same_key, stage_keys


class Refused(Struct, frozen=True):
    """What a load's refused records are about.

    Attributes:
        keys: a temporary table of the keys of rows that no valid record is about; None when there are none.
        unidentified: how many records lack the key of a row.
    """

    keys: Table | None
    unidentified: int

    def judged(self, target: Table) -> ColumnElement[bool]:
        """SQL condition: the load may change a row of the target."""
        return true() if self.keys is None else not_(_exists(self.keys, target))


def stage_refused(
    connection: Connection, rejected: Iterable[RejectedRecord], *, staging: Table, target: Table
) -> Refused:
    """Stage the keys of refused records; where a valid record of the same row was returned too, that one decides."""
    names = key_columns(target)
    whole = [key_values(record, names) for record in rejected]
    keys = {key for key in whole if key is not None}
    unidentified = whole.count(None)
    if not keys:
        return Refused(None, unidentified)
    staged = stage_keys(connection, target, sorted(keys))
    connection.execute(delete(staged).where(exists().where(same_key(staged, staging, names)).select_from(staging)))
    return Refused(staged, unidentified)


def key_columns(target: Table) -> list[str]:
    """The names of the target's key columns."""
    return [column.name for column in target.primary_key.columns]


def key_values(record: RejectedRecord, names: list[str]) -> tuple[object, ...] | None:
    """The values of these columns for the row that the record is about; None where one could not be read."""
    return tuple(record.key[name] for name in names) if all(name in record.key for name in names) else None


def mark_stale(
    connection: Connection,
    attempt: Attempt,
    refused: Refused,
    *,
    staging: Table,
    target: Table,
    scope: ColumnElement[bool],
) -> None:
    """Mark the rows that refused records are about, and end the mark of those that were loaded or are removed."""
    ended = _exists(staging, target)
    if "removed_at" in target.c:
        ended = or_(ended, target.c.removed_at.is_not(None))
    marked = target.c.stale_since.is_not(None)
    connection.execute(update(target).where(scope, marked, refused.judged(target), ended).values(stale_since=null()))
    if refused.keys is not None:
        since = literal(attempt.started_at, DateTime(timezone=True))
        about = and_(scope, not_(marked), _exists(refused.keys, target))
        connection.execute(update(target).where(about).values(stale_since=since))


def _exists(keys: Table, target: Table) -> ColumnElement[bool]:
    return exists().where(same_key(keys, target, key_columns(target))).select_from(keys)
