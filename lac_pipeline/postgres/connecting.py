"""The settings of every connection, which do not depend on the server, the role or the environment.

`PGTZ`, `PGCLIENTENCODING` and similar variables, `ALTER ROLE ... SET` and `postgresql.conf` change how PostgreSQL reads
and writes times and texts. Our connections override them. A refused connection is recognised by its SQLSTATE, so the
language of the server's messages does not matter; only superusers may change that language.
"""

from __future__ import annotations

import ctypes
import selectors
import sys

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

SESSION = {"TimeZone": "UTC", "DateStyle": "ISO, MDY", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
"""What each connection is set to. Poolers keep these, and these alone, for the client that set them."""

LIBPQ_ENVIRONMENT = {"PGTZ": "UTC", "PGDATESTYLE": "ISO, MDY", "PGCLIENTENCODING": "UTF8"}
"""The same for connections that we do not open, which are Dagster's: libpq puts them before what the role prefers."""

_REPLY_WITHIN = 10.0  # seconds
_SQLSTATE_ONLY = 3  # PQERRORS_SQLSTATE, of libpq 12 and later


def prepare(engine: Engine) -> None:
    """Let each new connection of the engine begin with `SESSION`, and each refused one carry its SQLSTATE."""
    event.listen(engine, "connect", _begin_session)
    event.listen(engine, "handle_error", _report_state)


def _begin_session(connection: psycopg.Connection[tuple[object, ...]], _entry: ConnectionPoolEntry) -> None:
    settings = sql.SQL(", ").join([sql.SQL("set_config(%s, %s, false)")] * len(SESSION))
    with connection.cursor() as cursor:
        statement = sql.SQL("SELECT {}").format(settings)
        cursor.execute(statement, [part for setting in SESSION.items() for part in setting])
    connection.commit()


def _report_state(context: object) -> None:
    error = getattr(context, "original_exception", None)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        error.sqlstate = refusal_state(error)


def refusal_state(error: psycopg.OperationalError) -> str | None:
    """Find the SQLSTATE with which a server refused a connection, by connecting once more; None if no server responded.

    libpq keeps it to itself, unless its messages are cut down to it, which psycopg has no call for.
    """
    if error.pgconn is None or isinstance(error, ConnectionTimeout):
        return None
    given = {option.keyword.decode(): option.val.decode() for option in error.pgconn.info if option.val}
    connection = pq.PGconn.connect_start(make_conninfo("", **given).encode())
    try:
        pointer = ctypes.c_void_p(connection.pgconn_ptr)  # type: ignore[attr-defined] # the protocol lacks it
        _libpq().PQsetErrorVerbosity(pointer, _SQLSTATE_ONLY)
        _finish_connecting(connection)
        words = connection.error_message.decode(errors="replace").split()
    finally:
        connection.finish()
    return words[-1] if words and _is_state(words[-1]) else None


def _libpq() -> ctypes.CDLL:
    """The libpq that psycopg has loaded: a symbol is also looked for in the libraries that a library needs."""
    if pq.__impl__ == "python":
        return ctypes.CDLL(pq.misc.find_libpq_full_path())
    return ctypes.CDLL(sys.modules[pq.PGconn.__module__].__file__)


def _finish_connecting(connection: pq.abc.PGconn) -> None:
    events: dict[int, int] = {
        pq.PollingStatus.READING: selectors.EVENT_READ,
        pq.PollingStatus.WRITING: selectors.EVENT_WRITE,
    }
    status: int = pq.PollingStatus.WRITING if connection.status != pq.ConnStatus.BAD else pq.PollingStatus.FAILED
    with selectors.DefaultSelector() as selector:
        while status in events:
            selector.register(connection.socket, events[status])
            ready = selector.select(_REPLY_WITHIN)
            selector.unregister(connection.socket)
            if not ready:
                return
            status = connection.connect_poll()


def _is_state(word: str) -> bool:
    try:
        psycopg.errors.lookup(word)
    except KeyError:
        return False
    return True
