"""A spool's rows in a temporary table, beside the table they are meant for.

COPY and ANALYZE are the two statements that SQLAlchemy has no construct for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import psycopg
from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Delete,
    Identity,
    Index,
    MetaData,
    Table,
    and_,
    delete,
    exists,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from lac_pipeline.warehouse.load.spool import CopySpool

NAME = "staging"
KEYS = "staged_keys"
_ORDER = "staging_order"


def stage_facts(connection: Connection, target: Table, spool: CopySpool) -> Table:
    """Stage rows of which each key may come once."""
    staging = _create(connection, target, spool.columns)
    _copy(connection, spool)
    return staging


def index_facts(connection: Connection, target: Table, staging: Table) -> None:
    """Prepare staged rows for the search for their keys.

    Raises:
        sqlalchemy.exc.IntegrityError: two rows have one key.
    """
    connection.execute(CreateIndex(next(iter(staging.indexes))))
    _analyze(connection, staging, target)


def stage_entities(connection: Connection, target: Table, spool: CopySpool) -> Table:
    """Stage rows of which the last one of each key counts: an entity that moves between pages is returned twice."""
    staging = _create(connection, target, spool.columns, ordered=True)
    _copy(connection, spool)
    connection.execute(_without_repeated(staging, target))
    _analyze(connection, staging, target)
    return staging


@cache
def _without_repeated(staging: Table, target: Table) -> Delete:
    """Make the statement that deletes the staged rows after which one of the same key comes."""
    later = staging.alias("later")
    same = and_(*(later.c[column.name] == column for column in _key(staging, target)))
    return delete(staging).where(exists().where(same, later.c[_ORDER] > staging.c[_ORDER]))


def stage_keys(connection: Connection, target: Table, keys: Iterable[Sequence[object]]) -> Table:
    """Stage keys of the target's rows, without their values, beside the staged rows."""
    names = [column.name for column in target.primary_key.columns]
    staged = _create(connection, target, names, name=KEYS)
    with CopySpool(names) as spool:
        spool.extend(keys)
        _copy(connection, spool, name=KEYS)
    _analyze(connection, staged, target)
    return staged


def same_key(left: Table, other: Table, names: Iterable[str]) -> ColumnElement[bool]:
    """SQL condition: rows of two tables have the same key."""
    return and_(*(left.c[name] == other.c[name] for name in names))


def _create(
    connection: Connection, target: Table, columns: Sequence[str], *, name: str = NAME, ordered: bool = False
) -> Table:
    staging = _table(target, tuple(columns), name=name, ordered=ordered)
    connection.execute(CreateTable(staging))  # without its index, which is made faster when the rows are there
    return staging


@cache
def _table(target: Table, columns: tuple[str, ...], *, name: str, ordered: bool) -> Table:
    """Describe a temporary table; the same one each time, so that statements about it are compiled once."""
    # Table.to_metadata() would bring keys, defaults and comments along, and takes no prefixes.
    staging = Table(
        name,
        MetaData(),
        *(Column(column, target.c[column].type) for column in columns),
        *([Column(_ORDER, BigInteger, Identity())] if ordered else []),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    Index(f"{name}_key", *_key(staging, target), unique=True)
    return staging


def _key(staging: Table, target: Table) -> list[Column[object]]:
    return [staging.c[column.name] for column in target.primary_key.columns]


def _cursor(connection: Connection) -> psycopg.Cursor[tuple[object, ...]]:
    driver: psycopg.Connection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver.cursor()


def _copy(connection: Connection, spool: CopySpool, *, name: str = NAME) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, spool.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), names)
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        for chunk in spool.chunks():
            copy.write(chunk)


def _analyze(connection: Connection, staging: Table, target: Table) -> None:
    # Nothing else ever does: autovacuum does not see temporary tables. The plans hang on the key alone.
    key = sql.SQL(", ").join(sql.Identifier(column.name) for column in _key(staging, target))
    with _cursor(connection) as cursor:
        cursor.execute(sql.SQL("ANALYZE {} ({})").format(sql.Identifier(staging.name), key))
