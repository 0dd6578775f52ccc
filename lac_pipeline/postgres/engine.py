"""Connections to PostgreSQL, and its errors in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Literal, NamedTuple

import psycopg
from psycopg.errors import ConnectionTimeout, QueryCanceled
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from lac_pipeline.errors import (
    ConfigError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    SchemaOutdatedError,
    StorageError,
)
from lac_pipeline.postgres.connecting import SESSION, prepare
from lac_pipeline.postgres.copy_text import to_json
from lac_pipeline.postgres.liveness import replace_dead
from lac_pipeline.postgres.url import ENCODING, WRITTEN, read_url

IsolationLevel = Literal["READ COMMITTED", "AUTOCOMMIT"]

CONNECT_TIMEOUT = 10  # seconds
LOCK_TIMEOUT = "30s"
STATEMENT_TIMEOUT = "10min"
IDLE_TIMEOUT = "60s"
_LIMITS = select(
    func.set_config("lock_timeout", LOCK_TIMEOUT, True),
    func.set_config("statement_timeout", STATEMENT_TIMEOUT, True),
    func.set_config("idle_in_transaction_session_timeout", IDLE_TIMEOUT, True),
)


def make_engine(
    url: str | URL,
    *,
    pool_size: int = 5,
    pooled: bool = True,
    application_name: str = "lac",
    isolation_level: IsolationLevel = "READ COMMITTED",
) -> Engine:
    """Make the engine that a process shares: psycopg 3, READ COMMITTED, at most twice `pool_size` connections.

    Nothing connects yet. Connections found dead in the pool are replaced. Statements are not prepared on the server and
    no option is needed at the start, so a pooler in transaction mode may be in between; `connecting` lists what each
    connection is set to.

    Args:
        url: `postgresql://user:password@host:port/database`, with or without `+psycopg`; its time-outs and
            application name take precedence over those here.
        pool_size: connections kept open; as many again are opened while all are in use.
        pooled: False to keep no connection open once it is closed.
        application_name: what `pg_stat_activity` shows.
        isolation_level: `AUTOCOMMIT` for statements that PostgreSQL takes outside transactions alone.

    Raises:
        ConfigError: the URL is not one of PostgreSQL.
    """
    url = _psycopg_url(url)
    options = {"connect_timeout": CONNECT_TIMEOUT, "application_name": application_name}
    pool = {"pool_size": pool_size, "max_overflow": pool_size}
    engine = create_engine(
        url,
        **(pool if pooled else {"poolclass": NullPool}),
        isolation_level=isolation_level,
        hide_parameters=True,
        use_native_hstore=False,  # no column of ours has that type, which each process would look up
        json_serializer=to_json,
        json_deserializer=_from_json,
        connect_args={
            **{name: value for name, value in options.items() if name not in url.query},
            "client_encoding": SESSION["client_encoding"],  # from the first byte on, not only from the first SET
            "prepare_threshold": None,
        },
    )
    prepare(engine)
    if pooled:
        replace_dead(engine)
    return engine


def reading(engine: Engine) -> Engine:
    """The same connections for single queries, each a transaction of its own, without a BEGIN and a ROLLBACK around it.

    Not for settings that hold for a transaction, nor for what several queries have to see alike.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _psycopg_url(text: str | URL) -> URL:
    try:
        url = text if isinstance(text, URL) else read_url(text)
    except ValueError:
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigError(
            "DATABASE_URL is not the URL of a PostgreSQL database",
            meaning="nothing can be stored",
            fix=f"set DATABASE_URL to {WRITTEN}",
        )
    return url.set(drivername="postgresql+psycopg")


def _from_json(text: str | bytes) -> object:
    return json.loads(text, parse_float=Decimal)


def limit_waits(connection: Connection) -> None:
    """Bound, for this transaction, the wait for a lock (30 s), a statement (10 min) and a silent client (60 s)."""
    connection.execute(_LIMITS)


class _Story(NamedTuple):
    """The words for one kind of failure."""

    error: type[StorageError]
    summary: str
    meaning: str
    fix: str


_CHECK_URL = "check DATABASE_URL (or POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB)"
_MIGRATE = "run `lac migrate`"
_UNAVAILABLE = DatabaseUnavailableError
_LOGIN = _Story(_UNAVAILABLE, "PostgreSQL refuses the login", "the user or the password is wrong",
                f"{_CHECK_URL}; in DATABASE_URL, {ENCODING}")  # fmt: skip
_NO_DATABASE = _Story(_UNAVAILABLE, "the database does not exist", "the server runs, without it", f"{_MIGRATE}, or "
                      "create it; then check POSTGRES_DB")  # fmt: skip
_DOWN = _Story(
    _UNAVAILABLE, "PostgreSQL cannot be reached", "it is down, at another address, or needs another kind of connection",
    f"start it, or {_CHECK_URL}, and sslmode",
)  # fmt: skip
_TURNED_AWAY = _Story(
    _UNAVAILABLE, "the connection to PostgreSQL is refused", "the server, or a pooler before it, does not take it",
    f"{_CHECK_URL}; behind PgBouncer see docs/operations.md",
)  # fmt: skip
_BAD_OPTION = _Story(
    _UNAVAILABLE, "DATABASE_URL holds an option that PostgreSQL's client does not know",
    "what stands behind the ? is handed on as it is, so nothing was connected to",
    "take it out of DATABASE_URL, or correct it; PostgreSQL's manual lists them under `libpq`",
)  # fmt: skip
_NO_HOST = _Story(
    _UNAVAILABLE, "PostgreSQL's host is not known",
    "its name is misspelt, this machine cannot look it up, or an @ or / of the password ends it too early",
    f"{_CHECK_URL}; in DATABASE_URL, {ENCODING}",
)  # fmt: skip
_STARTING = _Story(_UNAVAILABLE, "PostgreSQL is not ready", "it starts, stops or recovers", "try again in a minute")
_FULL = _Story(_UNAVAILABLE, "PostgreSQL has no room", "nothing was written", "free disk space on the database server")
_CROWDED = _Story(_UNAVAILABLE, "PostgreSQL has no free connection", "others hold all of them",
                  "raise max_connections, or run fewer processes")  # fmt: skip
_OUTDATED = _Story(SchemaOutdatedError, "the schema is missing or older than this code",
                   "a table or column is not there", _MIGRATE)  # fmt: skip
_FORBIDDEN = _Story(StorageError, "PostgreSQL does not allow this user to do that", "a right is missing; nothing of "
                    "the transaction was written", "grant it to the user (a new database: GRANT CREATE ON DATABASE ... "
                    "TO <user>), or use the owner of the schema linkedin_ads")  # fmt: skip
_READ_ONLY = _Story(
    StorageError, "PostgreSQL takes no changes", "it is a standby, or default_transaction_read_only is on for the "
    "server, this database or this user; nothing was written", "name the primary server, or, as an administrator: "
    "ALTER ROLE <user> SET default_transaction_read_only = off",
)  # fmt: skip
_BUSY = _Story(DatabaseBusyError, "PostgreSQL took too long", "another process holds the rows; nothing was written",
               "try again; `lac status` shows what is running")  # fmt: skip
_ALL_IN_USE = _Story(DatabaseBusyError, "no connection to PostgreSQL became free", "this process uses all of its own; "
                     "nothing was written", "try again, with fewer accounts at once")  # fmt: skip
_TAKEN = _Story(
    StorageError, "something of that name is already in the database",
    "another program, or a person, made it; nothing was changed",
    "rename it or move it away, or use a database of its own (POSTGRES_DB, or the end of DATABASE_URL)",
)  # fmt: skip
_LOST = _Story(_UNAVAILABLE, "the connection to PostgreSQL was lost", "nothing of the transaction was written",
               "try again when the server is back")  # fmt: skip
_REFUSED = _Story(StorageError, "PostgreSQL refuses what was to be stored", "nothing was written",
                  "report it with the message above: the record should have been rejected earlier")  # fmt: skip
_OTHER = _Story(StorageError, "PostgreSQL reports an error", "nothing of the transaction was written",
                "try again; if it stays, report it with the message above")  # fmt: skip

_BY_STATE = {
    "28P01": _LOGIN, "28000": _LOGIN, "3D000": _NO_DATABASE, "42P01": _OUTDATED, "42703": _OUTDATED, "3F000": _OUTDATED,
    "42501": _FORBIDDEN, "55P03": _BUSY, "57014": _BUSY, "40P01": _BUSY, "40001": _BUSY, "53100": _FULL,
    "25006": _READ_ONLY,
    "53300": _CROWDED, "57P03": _STARTING, "57P01": _LOST, "57P02": _LOST, "25P03": _LOST,
    "42P06": _TAKEN, "42P07": _TAKEN, "42710": _TAKEN, "42723": _TAKEN,
}  # fmt: skip
_BY_CLASS = {"08": _LOST, "22": _REFUSED, "23": _REFUSED, "53": _FULL}


def _cause_of(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _state_of(error: BaseException) -> str | None:
    """The SQLSTATE, as psycopg 3 names it or as psycopg2 does; None where no server spoke."""
    cause = _cause_of(error)
    state: str | None = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return state


def _story_of(error: BaseException) -> _Story:
    """Classify failures by SQLSTATE and by type: the words of a message are in the server's language."""
    cause = _cause_of(error)
    if isinstance(error, PoolTimeoutError):
        return _ALL_IN_USE
    if not isinstance(cause, psycopg.Error):
        return _story_of_dagsters(error) if isinstance(error, DBAPIError) else _OTHER
    if cause.sqlstate is not None:
        general = _TURNED_AWAY if cause.pgconn is not None else _BY_CLASS.get(cause.sqlstate[:2], _OTHER)
        return _BY_STATE.get(cause.sqlstate, general)
    return _story_without_state(error, cause)


def _story_of_dagsters(error: DBAPIError) -> _Story:
    """Dagster's own storage uses the older driver, psycopg2, whose errors have fewer details of a failed connection."""
    state = _state_of(error)
    if state is not None:
        return _BY_STATE.get(state, _BY_CLASS.get(state[:2], _OTHER))
    if error.connection_invalidated:
        return _LOST
    return _DOWN if isinstance(error, OperationalError | InterfaceError) else _OTHER


def _story_without_state(error: BaseException, cause: psycopg.Error) -> _Story:
    """No server responded: none was found, or the connection was lost."""
    if cause.pgconn is not None:
        return _LOGIN if cause.pgconn.needs_password else _DOWN
    if isinstance(cause, ConnectionTimeout):
        return _DOWN
    if isinstance(cause, psycopg.ProgrammingError) and isinstance(error, DBAPIError) and error.statement is None:
        return _BAD_OPTION  # before any statement there is nothing else of ours that can be wrong
    if not isinstance(cause, psycopg.OperationalError):
        return _OTHER
    # psycopg looks a host up before it connects; what fails later has lost its connection.
    return _NO_HOST if isinstance(error, DBAPIError) and not error.connection_invalidated else _LOST


def explain(error: SQLAlchemyError | psycopg.Error) -> StorageError:
    """Describe a driver's error in four parts; PostgreSQL's own message contains no password and no row."""
    cause, story = _cause_of(error), _story_of(error)
    state = _state_of(error)
    detail = " ".join(str(cause).split("\n", 1)[0].split()) + (f" (SQLSTATE {state})" if state else "")
    return story.error(story.summary, detail=detail, meaning=story.meaning, fix=story.fix)


def failure_behind(error: BaseException) -> StorageError | None:
    """Return the failure of PostgreSQL that caused an exception, however it was wrapped; None if there is none.

    Dagster's storage, on the same server, raises errors of its own, of its driver's and of SQLAlchemy's.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, SQLAlchemyError | psycopg.Error):
            return explain(cause)
        cause = cause.__cause__ or cause.__context__
    return None


def takes_no_changes(detail: str) -> StorageError:
    """The error of a server that refuses every change, raised before a change is tried."""
    return _READ_ONLY.error(_READ_ONLY.summary, detail=detail, meaning=_READ_ONLY.meaning, fix=_READ_ONLY.fix)


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again: deadlock, lock time-out, lost connection."""
    if not isinstance(error, SQLAlchemyError | psycopg.Error):
        return False
    # Cancelled: ten minutes were not enough, or a person stopped it.
    cancelled = getattr(_cause_of(error), "sqlstate", None) == QueryCanceled.sqlstate
    return not cancelled and _story_of(error) in {_BUSY, _ALL_IN_USE, _LOST, _STARTING, _DOWN, _NO_HOST}


def is_missing_database(error: DBAPIError) -> bool:
    """Whether a connection failed because the server has no database of that name."""
    return _story_of(error) is _NO_DATABASE


@contextmanager
def translating_errors() -> Iterator[None]:
    """Raise the errors of SQLAlchemy and psycopg as those of `lac_pipeline.errors`.

    Raises:
        DatabaseUnavailableError: down, wrong password, no such database, no room, connection lost.
        SchemaOutdatedError: a table or column is missing.
        DatabaseBusyError: a lock or statement time-out, a deadlock.
        StorageError: anything else.
    """
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise explain(error) from error
