"""Staged rows brought into their table: new ones inserted, different ones updated, missing ones pruned.

The caller owns the transaction and holds the lock of the table and account. Rows are written in key order, so that two
writers who do not share a lock still cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from msgspec import Struct
from psycopg.errors import UniqueViolation
from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from lac_pipeline.postgres.upserting import Insert, insert
from lac_pipeline.warehouse.load.attempts import Shrink
from lac_pipeline.warehouse.load.restatements import Watch
from lac_pipeline.warehouse.schema.base import server_time

_NOW = bindparam("written_now", type_=DateTime(timezone=True))
_FETCHED = bindparam("fetch_began", type_=DateTime(timezone=True))


class Written(Struct, frozen=True):
    """What an upsert did with the staged rows, and the moment that it wrote into those that it inserted or updated."""

    inserted: int
    updated: int
    unchanged: int
    at: datetime

    @property
    def staged(self) -> int:
        """How many rows were staged."""
        return self.inserted + self.updated + self.unchanged


class _Match(Struct, frozen=True):
    """A staging table beside its target."""

    staging: Table
    target: Table

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.target.primary_key.columns]

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self.staging.c if column.name in self.target.c]

    @property
    def values(self) -> list[str]:
        return [name for name in self.columns if name not in self.key]

    @property
    def same_key(self) -> ColumnElement[bool]:
        return and_(*(self.target.c[name] == self.staging.c[name] for name in self.key))

    def staged(self, names: Iterable[str]) -> list[Column[object]]:
        return [self.staging.c[name] for name in names]

    def differs(self, other: Insert | None = None) -> ColumnElement[bool]:
        theirs = other.excluded if other is not None else self.staging.c
        return tuple_(*(self.target.c[name] for name in self.values)).is_distinct_from(
            tuple_(*(theirs[name] for name in self.values))
        )


def insert_facts(connection: Connection, staging: Table, target: Table, *, staged: int) -> Written | None:
    """Insert rows into a table that should have none of their keys, at two thirds of the cost of an upsert.

    Args:
        connection: in a transaction.
        staging: the staged rows, in some or all columns of the target; they need no index.
        target: a table with `created_at` and `updated_at`.
        staged: how many rows are staged.

    Returns:
        None, with nothing written, where the table has one of the keys, or two rows have one.
    """
    match = _Match(staging, target)
    at = _now(connection)
    now = _moment(at)
    source = select(*match.staged(match.columns), now, now).order_by(*match.staged(match.key))
    statement = insert(target).from_select([*match.columns, "created_at", "updated_at"], source, include_defaults=False)
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            return None
        raise
    return Written(staged, 0, 0, at)


def upsert_facts(
    connection: Connection,
    staging: Table,
    target: Table,
    *,
    staged: int,
    scope: ColumnElement[bool],
    watch: Watch | None = None,
) -> Written:
    """Insert new rows and update different ones; equal rows are only read, other columns keep their values.

    Args:
        connection: in a transaction.
        staging: the staged rows, in some or all columns of the target, each key once.
        target: a table with `created_at` and `updated_at`.
        staged: how many rows are staged.
        scope: the target's rows that the staged ones may be found among; it spares the search of all others.
        watch: logs what changes, in the same statement.
    """
    match = _Match(staging, target)
    at = _now(connection)
    now = _moment(at)
    source = (
        select(*match.staged(match.columns), now, now)
        .select_from(staging.outerjoin(target, and_(match.same_key, scope)))
        .where(or_(target.c[match.key[0]].is_(None), match.differs()))
        .order_by(*match.staged(match.key))
    )
    statement = insert(target).from_select([*match.columns, "created_at", "updated_at"], source, include_defaults=False)
    statement = statement.on_conflict_do_update(
        index_elements=match.key,
        set_={name: statement.excluded[name] for name in (*match.values, "updated_at")},
    )
    written = _written(statement, target, now)
    counts = _counts(written)
    if watch is not None:
        counts = counts.add_cte(watch.of_upsert(written, staging, target).cte("restated"))
    inserted, updated = connection.execute(counts).one()
    return Written(inserted, updated, staged - inserted - updated, at)


def upsert_entities(
    connection: Connection, staging: Table, target: Table, *, staged: int, fetched_at: datetime
) -> Written:
    """Insert new rows, update different ones, and confirm all: `fetched_at` moves in each, `removed_at` ends.

    Args:
        connection: in a transaction.
        staging: the staged rows, each key once.
        target: a table with `created_at`, `updated_at` and `fetched_at`, maybe `removed_at`.
        staged: how many rows are staged.
        fetched_at: when the fetch began.
    """
    at = _now(connection)
    began = {_NOW.key: at, _FETCHED.key: fetched_at}
    inserted, updated = connection.execute(_entity_upsert(staging, target), began).one()
    return Written(inserted, updated, staged - inserted - updated, at)


@cache
def _entity_upsert(staging: Table, target: Table) -> Select[tuple[int, int]]:
    """Make the statement of `upsert_entities`, which is long and the same for each account."""
    match = _Match(staging, target)
    source = select(*match.staged(match.columns), _NOW, _NOW, _FETCHED).order_by(*match.staged(match.key))
    times = ["created_at", "updated_at", "fetched_at"]
    statement = insert(target).from_select([*match.columns, *times], source, include_defaults=False)
    returning = "removed_at" in target.c
    changed = or_(match.differs(statement), target.c.removed_at.is_not(None)) if returning else match.differs(statement)
    statement = statement.on_conflict_do_update(
        index_elements=match.key,
        set_={
            **{name: statement.excluded[name] for name in (*match.values, "fetched_at")},
            **({"removed_at": null()} if returning else {}),
            "updated_at": case((changed, statement.excluded.updated_at), else_=target.c.updated_at),
        },
    )
    return _counts(_written(statement, target, _NOW))


def shrinkage(connection: Connection, target: Table, written: Written, *, scope: ColumnElement[bool]) -> Shrink:
    """Count the rows of the scope before an upsert, and those that were not staged, without rows marked removed.

    Every staged row is in the scope by now, so the rest is what is missing: no need to search for it.
    """
    total = connection.scalar(select(func.count()).select_from(target).where(present(target, scope))) or 0
    return Shrink(stored=total - written.inserted, missing=total - written.staged)


def prune_facts(
    connection: Connection, staging: Table, target: Table, *, scope: ColumnElement[bool], watch: Watch | None = None
) -> int:
    """Delete the scope's rows that are not staged; return how many. The watch logs them in the same statement."""
    deleted = delete(target).where(scope, _missing(staging, target)).returning(target).cte("deleted")
    count = select(func.count()).select_from(deleted)
    if watch is not None:
        count = count.add_cte(watch.of_prune(deleted, target).cte("restated"))
    return connection.scalar(count) or 0


def prune_entities(
    connection: Connection, staging: Table, target: Table, *, scope: ColumnElement[bool], fetched_at: datetime
) -> int:
    """Mark the scope's rows that are not staged as removed; return how many."""
    gone = update(target).where(present(target, scope), _missing(staging, target))
    return connection.execute(gone.values(removed_at=fetched_at, updated_at=_now(connection))).rowcount


def present(target: Table, scope: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say in SQL that a row is in the scope and not marked removed."""
    return and_(scope, target.c.removed_at.is_(None)) if "removed_at" in target.c else scope


def _missing(staging: Table, target: Table) -> ColumnElement[bool]:
    return ~exists().where(_Match(staging, target).same_key).select_from(staging)


def _now(connection: Connection) -> datetime:
    # The clock rather than now(): two upserts in one transaction must not take each other's rows for their own.
    return server_time(connection)


def _moment(at: datetime) -> ColumnElement[datetime]:
    return literal(at, DateTime(timezone=True))


def _written(statement: Insert, target: Table, now: ColumnElement[datetime]) -> CTE:
    # `xmax = 0`, the usual trick to detect an insert, fails on partitioned tables.
    is_new, changed = (target.c.created_at == now).label("is_new"), (target.c.updated_at == now).label("changed")
    return statement.returning(*target.primary_key.columns, is_new, changed).cte("written")


def _counts(written: CTE) -> Select[tuple[int, int]]:
    """How many rows an upsert inserted, and how many others it updated."""
    fresh, other = written.c.is_new, and_(~written.c.is_new, written.c.changed)
    return select(func.count().filter(fresh), func.count().filter(other)).select_from(written)
