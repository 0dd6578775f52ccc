"""A lock on a database that one program at a time takes, under a name that others can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from lac_pipeline.postgres.engine import make_engine, translating_errors

_KEY = {"kind": 0x6C6163, "number": 1}  # "lac" in ASCII, distinct from the locks of other programs
_TAKE = text("SELECT pg_try_advisory_xact_lock(:kind, :number)")
# A transaction pins a connection of a pooler, and ends with it; what waits is no reason to end it, a lost machine is.
_KEEP = text(
    "SELECT set_config('application_name', :name, true), set_config('idle_in_transaction_session_timeout', '0', true), "
    "set_config('tcp_keepalives_idle', '30', true), set_config('tcp_keepalives_interval', '10', true), "
    "set_config('tcp_keepalives_count', '3', true)"
)
_TAKEN_BY = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.classid = :kind AND l.objid = :number AND l.granted "
    "AND a.datname = current_database()"
)


@contextmanager
def sole_user(url: str, *, name: str) -> Iterator[str | None]:
    """Take the lock for the time of the block, and yield None; where it is taken, yield who has it.

    The server ends it with the connection, however this process ends; no process has it after a restart of the server.

    Args:
        url: of the database.
        name: of this program, for others; at most 63 bytes of it are kept.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
    """
    engine = make_engine(url, pooled=False)
    with translating_errors():
        connection = engine.connect()
    try:
        with translating_errors():
            other = _taken_by(connection, name)
        yield other
    finally:
        connection.invalidate()  # a server that is gone by now is no failure
        connection.close()


def _taken_by(connection: Connection, name: str) -> str | None:
    if connection.scalar(_TAKE, _KEY):
        connection.execute(_KEEP, {"name": name})
        return None
    return connection.scalar(_TAKEN_BY, _KEY) or "a program without a name"
