"""Databases of a PostgreSQL server: made on demand, cloned from a template, dropped."""

from __future__ import annotations

from sqlalchemy import URL, Connection, NullPool, column, create_engine, func, make_url, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

_PG_DATABASE = table("pg_database", column("datname"))


class CreateDatabase(ExecutableDDLElement):
    """`CREATE DATABASE`, a copy of `template` where one is named."""

    inherit_cache = False

    def __init__(self, name: str, *, template: str | None = None) -> None:
        self.name = name
        self.template = template


class DropDatabase(ExecutableDDLElement):
    """`DROP DATABASE IF EXISTS`, closing the connections that are still open to it."""

    inherit_cache = False

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(CreateDatabase, "postgresql")
def _create_database(element: CreateDatabase, compiler: DDLCompiler, **_: object) -> str:
    quote = compiler.preparer.quote
    copied = f" TEMPLATE {quote(element.template)} STRATEGY FILE_COPY" if element.template else ""
    return f"CREATE DATABASE {quote(element.name)}{copied}"


@compiles(DropDatabase, "postgresql")
def _drop_database(element: DropDatabase, compiler: DDLCompiler, **_: object) -> str:
    return f"DROP DATABASE IF EXISTS {compiler.preparer.quote(element.name)} WITH (FORCE)"


def maintenance_connection(url: str | URL) -> Connection:
    """Open an autocommit connection to the server's `postgres` database; closing it closes everything."""
    engine = create_engine(make_url(url).set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    return engine.connect()


def ensure_database(url: str | URL, name: str) -> bool:
    """Make the database unless it exists; True when it was made."""
    with maintenance_connection(url) as connection:
        known = select(_PG_DATABASE.c.datname).where(_PG_DATABASE.c.datname == name)
        if connection.scalar(known) is not None:
            return False
        connection.execute(CreateDatabase(name))
        return True


def data_directory_of(url: str | URL) -> str:
    """Ask the server which data directory it serves; only a superuser may know."""
    with maintenance_connection(url) as connection:
        return str(connection.scalar(select(func.current_setting("data_directory"))))
