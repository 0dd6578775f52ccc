"""Connections to PostgreSQL, and its errors told to a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from lac_pipeline.database_url import ENCODING, WRITTEN
from lac_pipeline.errors import (
    ConfigError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    SchemaOutdatedError,
    StorageError,
)
from lac_pipeline.storage.copy_text import to_json

CONNECT_TIMEOUT = 10  # seconds
LOCK_TIMEOUT = "30s"
STATEMENT_TIMEOUT = "10min"
IDLE_TIMEOUT = "60s"


def make_engine(url: str, *, pool_size: int = 5, application_name: str = "lac") -> Engine:
    """Make the engine that a process shares: psycopg 3, READ COMMITTED, at most twice `pool_size` connections.

    Nothing connects yet. Connections found dead in the pool are replaced. Statements are not prepared on the server, so
    a pooler in transaction mode may stand between.

    Args:
        url: `postgresql://user:password@host:port/database`, with or without `+psycopg`.
        pool_size: connections kept open; as many again are opened while all are in use.
        application_name: what `pg_stat_activity` shows.

    Raises:
        ConfigError: the URL is not one of PostgreSQL.
    """
    return create_engine(
        _psycopg_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=_from_json,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT,
            "application_name": application_name,
            "options": "-c timezone=UTC",
            "prepare_threshold": None,
        },
    )


def _psycopg_url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        url = None
    if url is None or url.drivername.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ConfigError(
            "DATABASE_URL is not the URL of a PostgreSQL database",
            means="nothing can be stored",
            fix=f"set DATABASE_URL to {WRITTEN}",
        )
    return url.set(drivername="postgresql+psycopg")


def _from_json(text: str | bytes) -> object:
    return json.loads(text, parse_float=Decimal)


def limit_waits(connection: Connection) -> None:
    """Bound, for this transaction, the wait for a lock (30 s), a statement (10 min) and a silent client (60 s)."""
    limits = {
        "lock_timeout": LOCK_TIMEOUT,
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT,
    }
    connection.execute(select(*(func.set_config(name, value, True) for name, value in limits.items())))


class _Story(NamedTuple):
    """How one kind of failure is told."""

    error: type[StorageError]
    what: str
    means: str
    fix: str


_CHECK_URL = "check DATABASE_URL (or POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB)"
_MIGRATE = "run `lac migrate`"
_UNAVAILABLE = DatabaseUnavailableError
_LOGIN = _Story(_UNAVAILABLE, "PostgreSQL refuses the login", "the user or the password is wrong",
                f"{_CHECK_URL}; in DATABASE_URL, {ENCODING}")  # fmt: skip
_NO_DATABASE = _Story(_UNAVAILABLE, "the database does not exist", "the server runs, without it", f"{_MIGRATE}, or "
                      "create it; then check POSTGRES_DB")  # fmt: skip
_DOWN = _Story(
    _UNAVAILABLE, "PostgreSQL cannot be reached", "it is down, or at another address", f"start it, or {_CHECK_URL}"
)
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
_FORBIDDEN = _Story(StorageError, "PostgreSQL does not allow this user to do that", "a right is missing",
                    "grant it to the user, or use the owner of the schema linkedin_ads")  # fmt: skip
_BUSY = _Story(DatabaseBusyError, "PostgreSQL took too long", "another process holds the rows; nothing was written",
               "try again; `lac status` shows what is running")  # fmt: skip
_LOST = _Story(_UNAVAILABLE, "the connection to PostgreSQL was lost", "nothing of the transaction was written",
               "try again when the server is back")  # fmt: skip
_REFUSED = _Story(StorageError, "PostgreSQL refuses what was to be stored", "nothing was written",
                  "report it with the message above: the record should have been rejected earlier")  # fmt: skip
_OTHER = _Story(StorageError, "PostgreSQL reports an error", "nothing of the transaction was written",
                "try again; if it stays, report it with the message above")  # fmt: skip

_BY_STATE = {
    "28P01": _LOGIN, "28000": _LOGIN, "3D000": _NO_DATABASE, "42P01": _OUTDATED, "42703": _OUTDATED, "3F000": _OUTDATED,
    "42501": _FORBIDDEN, "55P03": _BUSY, "57014": _BUSY, "40P01": _BUSY, "40001": _BUSY, "53100": _FULL,
    "53300": _CROWDED, "57P03": _STARTING, "57P01": _LOST, "57P02": _LOST, "25P03": _LOST,
}  # fmt: skip
_BY_CLASS = {"08": _LOST, "22": _REFUSED, "23": _REFUSED, "53": _FULL}
_BY_MESSAGE = (
    (re.compile(r"password|no pg_hba|authentication|role .* does not exist|not permitted to log in"), _LOGIN),
    (re.compile(r"database .* does not exist"), _NO_DATABASE),
    (re.compile(r"too many clients|remaining connection slots|too many connections"), _CROWDED),
    (re.compile(r"starting up|shutting down|recovery mode|not yet accepting"), _STARTING),
    (re.compile(r"server closed the connection|connection is (lost|closed)|terminating connection|broken pipe"), _LOST),
    (re.compile(r"resolve|translate host"), _NO_HOST),
    (re.compile(r"connection failed|refused|timeout|No such file|could not connect"), _DOWN),
)


def _story_of(error: BaseException) -> _Story:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _BY_STATE.get(state) or _BY_CLASS.get(state[:2], _OTHER)
    message = str(error)
    return next((story for pattern, story in _BY_MESSAGE if pattern.search(message)), _OTHER)


def explain(error: SQLAlchemyError | psycopg.Error) -> StorageError:
    """Tell a driver's error in four parts; PostgreSQL's own words carry no password and no row."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    story = _story_of(cause)
    state = getattr(cause, "sqlstate", None)
    said = " ".join(str(cause).split("\n", 1)[0].split()) + (f" (SQLSTATE {state})" if state else "")
    return story.error(story.what, said=said, means=story.means, fix=story.fix)


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again: deadlock, lock time-out, lost connection."""
    if not isinstance(error, SQLAlchemyError | psycopg.Error):
        return False
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cancelled = getattr(cause, "sqlstate", None) == "57014"  # ten minutes were not enough, or a person stopped it
    return not cancelled and _story_of(cause) in {_BUSY, _LOST, _STARTING, _DOWN, _NO_HOST}


def is_missing_database(error: DBAPIError) -> bool:
    """Whether a connection failed because the server has no database of that name."""
    return error.orig is not None and _story_of(error.orig) is _NO_DATABASE


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
