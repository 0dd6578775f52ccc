"""The history of entities: what an account, group, campaign or creative was called, and how it stood, at any time.

A version begins when LinkedIn last modified the entity, else when we fetched the change; it ends where the next one
begins. Exactly one version of each entity is open. The caller owns the transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Table,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    select,
    tuple_,
    update,
)

from lac_pipeline.warehouse.schema.histories import HISTORIES

_MODIFIED = "linkedin_last_modified_at"
_TICK = timedelta(microseconds=1)


def keep_history(connection: Connection, target: Table, *, scope: ColumnElement[bool], fetched_at: datetime) -> int:
    """Close the versions that no longer hold, and open those that do now; return how many were opened.

    Args:
        connection: in a transaction that holds the lock of the table and account.
        target: an entity table, as it now is.
        scope: the rows of the account.
        fetched_at: when the fetch began.
    """
    return record_versions(connection, HISTORIES[target.name], target, scope=scope, fetched_at=fetched_at)


def record_versions(
    connection: Connection, history: Table, target: Table, *, scope: ColumnElement[bool], fetched_at: datetime
) -> int:
    """The same for a table whose versions are in `history`."""
    connection.execute(_close(history, target, scope, fetched_at))
    return connection.execute(_open(history, target, scope, fetched_at)).rowcount


def _close(history: Table, target: Table, scope: ColumnElement[bool], fetched_at: datetime) -> Any:  # noqa: ANN401
    fetched = literal(fetched_at, DateTime(timezone=True))
    modified = target.c[_MODIFIED]
    names = [
        column.name
        for column in history.c
        if column.name in target.c and column.name not in (*target.primary_key.c.keys(), _MODIFIED)
    ]
    then = tuple_(*(history.c[name] for name in names), history.c.removed)
    now = tuple_(*(target.c[name] for name in names), _removed(target))
    since = case(
        (and_(not_(_removed(target)), modified > history.c.valid_from), modified),
        (fetched > history.c.valid_from, fetched),
        else_=history.c.valid_from + _TICK,
    )
    current = and_(_same(history, target), history.c.valid_to.is_(None))
    return update(history).where(current, scope, then.is_distinct_from(now)).values(valid_to=since)


def _open(history: Table, target: Table, scope: ColumnElement[bool], fetched_at: datetime) -> Any:  # noqa: ANN401
    known = history.alias("known")
    ended = select(func.max(known.c.valid_to)).where(_same(known, target)).scalar_subquery()
    since = func.coalesce(ended, target.c[_MODIFIED], literal(fetched_at, DateTime(timezone=True)))
    values = {column.name: target.c[column.name] for column in history.c if column.name in target.c} | {
        "valid_from": since,
        "removed": _removed(target),
    }
    current = exists().where(_same(known, target), known.c.valid_to.is_(None))
    return insert(history).from_select(list(values), select(*values.values()).where(scope, ~current))


def _same(versions: FromClause, target: Table) -> ColumnElement[bool]:
    """Whether a version and a row have the same key."""
    return and_(*(versions.c[column.name] == column for column in target.primary_key))


def _removed(target: Table) -> ColumnElement[bool]:
    return target.c.removed_at.is_not(None) if "removed_at" in target.c else false()
