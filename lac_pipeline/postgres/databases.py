"""Databases of a PostgreSQL server: made on demand, cloned from a template, dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import errors, sql
from sqlalchemy import URL, Connection, Engine, column, func, select, table
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from lac_pipeline.errors import DatabaseUnavailableError
from lac_pipeline.postgres.engine import explain, is_missing_database, make_engine, translating_errors
from lac_pipeline.postgres.url import read_url

ENCODING = "UTF8"
"""The one encoding of PostgreSQL's that holds every character that LinkedIn sends."""

_MAINTENANCE = "postgres"
_PG_DATABASE = table("pg_database", column("datname"), column("encoding"))


class CreateDatabase(ExecutableDDLElement):
    """`CREATE DATABASE`, a copy of `template` where one is named, or in an `encoding` that is not the server's."""

    inherit_cache = False

    def __init__(self, name: str, *, template: str | None = None, encoding: str | None = None) -> None:
        self.name = name
        self.template = template
        self.encoding = encoding


class DropDatabase(ExecutableDDLElement):
    """`DROP DATABASE IF EXISTS`, closing the connections that are still open to it."""

    inherit_cache = False

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(CreateDatabase, "postgresql")
def _create_database(element: CreateDatabase, compiler: DDLCompiler, **_: object) -> str:
    quote = compiler.preparer.quote
    copied = f" TEMPLATE {quote(element.template)} STRATEGY FILE_COPY" if element.template else ""
    # Only template0 may be copied into another encoding, and only the locale C goes with every one.
    own = f" TEMPLATE template0 ENCODING '{element.encoding}' LC_COLLATE 'C' LC_CTYPE 'C'" if element.encoding else ""
    return f"CREATE DATABASE {quote(element.name)}{copied}{own}"


@compiles(DropDatabase, "postgresql")
def _drop_database(element: DropDatabase, compiler: DDLCompiler, **_: object) -> str:
    return f"DROP DATABASE IF EXISTS {compiler.preparer.quote(element.name)} WITH (FORCE)"


def maintenance_connection(url: str | URL, database: str = _MAINTENANCE) -> Connection:
    """Open an autocommit connection to a database that is surely there; closing it closes everything."""
    url = read_url(url) if isinstance(url, str) else url
    return make_engine(url.set(database=database), pooled=False, isolation_level="AUTOCOMMIT").connect()


def ensure_database(database: str | URL | Engine, *, via: Sequence[str] = ()) -> bool:
    """Make a database unless it exists; True when it was made, in UTF-8 on any server.

    Who may use the database need not be allowed anything else: another one is connected to only when it is missing.

    Args:
        database: its URL, or an engine on it.
        via: others of the same server that may be there, tried before `postgres`.

    Raises:
        DatabaseUnavailableError: it is missing, and this user may not make databases.
        sqlalchemy.exc.OperationalError: the server is down or refuses the login.
    """
    engine = database if isinstance(database, Engine) else make_engine(database, pooled=False)
    try:
        engine.connect().close()
    except OperationalError as error:
        if not is_missing_database(error):
            raise
        with _first_open(engine.url, [*via, _MAINTENANCE]) as connection:
            return _create(connection, str(engine.url.database))
    return False


@contextmanager
def _first_open(url: URL, databases: Sequence[str]) -> Iterator[Connection]:
    """Connect to the first of these databases that this user may connect to."""
    for number, database in enumerate(databases, 1):
        try:
            connection = maintenance_connection(url, database)
        except OperationalError as error:
            if number == len(databases):
                raise _missing(str(url.database), error) from error
        else:
            with connection:
                yield connection
            return


def _create(connection: Connection, name: str) -> bool:
    default = select(func.pg_encoding_to_char(_PG_DATABASE.c.encoding)).where(_PG_DATABASE.c.datname == "template1")
    encoding = None if connection.scalar(default) == ENCODING else ENCODING
    try:
        connection.execute(CreateDatabase(name, encoding=encoding))
    except DBAPIError as error:
        if isinstance(error.orig, errors.DuplicateDatabase | errors.UniqueViolation):  # another process was faster
            return False
        if isinstance(error.orig, errors.InsufficientPrivilege):
            raise _missing(name, error) from error
        raise
    return True


def _missing(name: str, error: DBAPIError) -> DatabaseUnavailableError:
    quoted = sql.Identifier(name).as_string()
    return DatabaseUnavailableError(
        f"the database {name} does not exist, and cannot be made",
        detail=explain(error).detail,
        meaning="this user may not make databases on this server",
        fix=f"as an administrator: CREATE DATABASE {quoted} OWNER <user> ENCODING '{ENCODING}' TEMPLATE template0; "
        "or correct the name (POSTGRES_DB, DAGSTER_POSTGRES_DB, or the end of DATABASE_URL)",
    )


def encoding_of(engine: Engine) -> str:
    """Read the encoding of a database, such as `UTF8`, `LATIN1`, or `SQL_ASCII`: unknown bytes."""
    with engine.connect() as connection:
        return str(connection.scalar(select(func.current_setting("server_encoding"))))


def major_version(url: str | URL) -> int:
    """Read the server's major version, such as 18.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
    """
    url = read_url(url) if isinstance(url, str) else url
    with translating_errors(), make_engine(url, pooled=False).connect() as connection:
        number = connection.scalar(select(func.current_setting("server_version_num")))
    return int(str(number)) // 10_000
