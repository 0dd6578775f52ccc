"""Tables and views as the database itself describes them, as far as the connected role may read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select, text

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.tables import Account


class Relation(NamedTuple):
    """A table or view: its name, which of the two, and what one row is."""

    name: str
    kind: str
    row: str | None


class RelationColumn(NamedTuple):
    """A column: its name, its PostgreSQL type, and what it means."""

    name: str
    type: str
    meaning: str | None


class ListedAccount(NamedTuple):
    """An ad account, as it was last loaded."""

    id: int
    name: str | None
    currency: str | None
    status: str | None


_RELATIONS = text("""
SELECT c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, obj_description(c.oid, 'pg_class')
FROM pg_class c
WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'v') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY c.relname
""")
_COLUMNS = text("""
SELECT a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = to_regnamespace(CAST(:schema AS text))
  AND CAST(:name AS text) IN (c.relname, concat(CAST(:schema AS text), '.', c.relname))
  AND c.relkind IN ('r', 'v')
  AND a.attnum > 0 AND NOT a.attisdropped AND has_table_privilege(c.oid, 'SELECT')
ORDER BY a.attnum
""")


_DEPENDENTS = text("""
WITH RECURSIVE read AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY(:schemas)
    UNION
    SELECT r.ev_class
    FROM read JOIN pg_depend d ON d.refobjid = read.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
)
SELECT concat(n.nspname, '.', c.relname)
FROM read JOIN pg_class c ON c.oid = read.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL(:schemas)
ORDER BY 1
""")


def dependents(engine: Engine, schemas: Sequence[str]) -> tuple[str, ...]:
    """Name the views outside some schemas that read what is in them, straight or through other views.

    Raises:
        StorageError: the query failed.
    """
    with translating_errors(), engine.connect() as connection:
        return tuple(connection.scalars(_DEPENDENTS, {"schemas": [*schemas]}))


def relations(engine: Engine) -> list[Relation]:
    """List the tables and views of the schema that this role may read.

    Raises:
        StorageError: the query failed.
    """
    with translating_errors(), engine.connect() as connection:
        return relations_in(connection)


def relations_in(connection: Connection) -> list[Relation]:
    """List the same within a transaction of the caller's."""
    return [Relation._make(row) for row in connection.execute(_RELATIONS, {"schema": SCHEMA})]


def columns_of(engine: Engine, name: str) -> list[RelationColumn]:
    """List the columns of a table or view; none where there is no such one, or this role may not read it.

    Args:
        engine: of the role.
        name: of the table or view, with or without the schema's.

    Raises:
        StorageError: the query failed.
    """
    with translating_errors(), engine.connect() as connection:
        return columns_in(connection, name)


def columns_in(connection: Connection, name: str) -> list[RelationColumn]:
    """List the same within a transaction of the caller's."""
    return [RelationColumn._make(row) for row in connection.execute(_COLUMNS, {"schema": SCHEMA, "name": name})]


def accounts_of(engine: Engine) -> list[ListedAccount]:
    """List the ad accounts that are loaded.

    Raises:
        StorageError: the query failed.
    """
    query = select(Account.id, Account.name, Account.currency, Account.status)
    query = query.order_by(Account.id)
    with translating_errors(), engine.connect() as connection:
        return [ListedAccount._make(row) for row in connection.execute(query)]
