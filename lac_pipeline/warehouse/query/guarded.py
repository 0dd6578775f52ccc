"""Queries of agents: one SELECT, as a role that may only read, within limits.

The rights of the role protect the data; PostgreSQL enforces them. Besides, each query is run as a cursor in a read-only
transaction. PostgreSQL allows a cursor only for a single SELECT or VALUES, so `DELETE`, `COPY ... TO PROGRAM` and a
second statement after a semicolon are syntax errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, column, func, select, table
from sqlalchemy.exc import DBAPIError

from lac_pipeline.errors import ConfigError, QueryRefusedError, StorageError
from lac_pipeline.postgres.engine import explain, make_engine, translating_errors
from lac_pipeline.warehouse.schema.base import SCHEMA, Base

LONGEST = timedelta(seconds=30)
"""So long may a statement take."""
MOST_ROWS = 1000
"""So many rows may a query return."""
_REACH_OUTSIDE = ("pg_read_server_files", "pg_write_server_files", "pg_execute_server_program", "pg_read_all_data")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query returned.

    Attributes:
        columns: their names, in order.
        rows: their values, in the types of psycopg: exact decimals, dates, aware times.
        truncated: whether there were more rows than the limit.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool


class GuardedReader:
    """Runs queries as a role that may only read.

    Args:
        url: of the warehouse, with the name of that role.
        longest: how long a statement may take.
    """

    def __init__(self, url: str, *, longest: timedelta = LONGEST) -> None:
        self.engine = make_engine(url, pool_size=2, application_name="lac mcp")
        self._longest = longest

    def require_harmless(self, *, secrets: Sequence[str]) -> None:
        """Refuse a role that may do more than read, or may read what no reader sees.

        Args:
            secrets: the tables that no reader sees.

        Raises:
            ConfigError: it may; the right is named.
            StorageError: PostgreSQL cannot be reached.
        """
        with translating_errors(), self.engine.connect() as connection:
            role = str(connection.scalar(select(func.current_user())))
            excess = _excess(connection, secrets)
        if excess:
            raise ConfigError(
                f"the role {role} may do more than read: {excess}",
                meaning="a query of an agent could change data or read secrets; nothing was started",
                fix="make a role with `lac grant-reader agent`, and name it in LAC_READER_URL",
            )

    def select(self, statement: str, *, limit: int = MOST_ROWS) -> Selection:
        """Run one SELECT and return its first rows.

        Raises:
            QueryRefusedError: PostgreSQL refuses it; the error holds PostgreSQL's message.
            StorageError: PostgreSQL cannot be reached.
        """
        most = max(1, min(limit, MOST_ROWS))
        try:
            with self._session() as connection:
                bounded = connection.execution_options(postgresql_readonly=True)
                milliseconds = str(int(self._longest / timedelta(milliseconds=1)))
                bounded.execute(select(func.set_config("statement_timeout", milliseconds, True)))
                cursor = bounded.execution_options(stream_results=True, no_parameters=True, max_row_buffer=most + 1)
                result = cursor.exec_driver_sql(statement)
                rows = result.fetchmany(most + 1)
                columns = tuple(result.keys())
                result.close()
        except DBAPIError as error:
            raise _refusal(error) from error
        return Selection(columns, tuple(tuple(row) for row in rows[:most]), truncated=len(rows) > most)

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        """A session in which a query leaves nothing: a lock that outlives its transaction would keep loads waiting."""
        with self.engine.connect() as connection:
            try:
                yield connection
            finally:
                connection.rollback()
                connection.scalar(select(func.pg_advisory_unlock_all()))

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _excess(connection: Connection, secrets: Sequence[str]) -> str | None:
    """The first right found that no reader has."""
    roles = table("pg_roles", column("rolname"), column("rolsuper"), column("rolcreaterole"), column("rolcreatedb"))
    me = roles.c.rolname == func.current_user()
    superuser, creates = connection.execute(
        select(roles.c.rolsuper, roles.c.rolcreaterole | roles.c.rolcreatedb).where(me)
    ).one()
    if superuser or creates:
        return "it is a superuser" if superuser else "it may make roles or databases"
    for name in _REACH_OUTSIDE:
        if connection.scalar(select(func.pg_has_role(name, "MEMBER"))):
            return f"it is a member of {name}"
    for name in secrets:
        if connection.scalar(select(func.has_table_privilege(f"{SCHEMA}.{name}", "SELECT"))):
            return f"it may read {name}"
    for name in Base.metadata.tables:
        if connection.scalar(select(func.has_table_privilege(name, "INSERT, UPDATE, DELETE, TRUNCATE"))):
            return f"it may write {name}"
    return None


def _refusal(error: DBAPIError) -> StorageError:
    if getattr(error.orig, "sqlstate", None) is None or error.connection_invalidated:
        return explain(error)
    return QueryRefusedError(
        "PostgreSQL refuses the query",
        detail=" ".join(str(error.orig).split()),
        meaning=f"only one SELECT is run, which may take {LONGEST.seconds} seconds and sees {SCHEMA} as a reader does",
        fix="correct it; describe_tables lists tables, views and columns",
    )
