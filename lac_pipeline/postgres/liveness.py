"""Pools that find out without a query that a connection is dead.

A query before each use finds that out too, and costs as much as what it is for. The server that closes a connection
says so, which the socket shows; only a connection that was idle for long is tried.
"""

from __future__ import annotations

import functools
import select
import time
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import InvalidatePoolError

RETURNED = "returned"
"""Where the pool's record of a connection keeps when it was last returned."""
TRUSTED_FOR = 30  # seconds; a firewall that drops an idle connection tells neither end


def replace_dead(engine: Engine) -> None:
    """Let the engine replace connections that the server has closed: its restart is no error."""
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", functools.partial(_refuse_dead, engine.dialect))


def _note_return(_connection: Any, record: Any) -> None:  # noqa: ANN401 - of either driver
    record.info[RETURNED] = time.monotonic()


def _refuse_dead(dialect: Dialect, connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - as above
    if RETURNED not in record.info:
        return  # it was opened just now
    try:
        idle = time.monotonic() - record.info[RETURNED]
        if idle > TRUSTED_FOR or _has_input(connection.fileno()):
            dialect.do_ping(connection)
    except (dialect.loaded_dbapi.Error, OSError) as error:
        raise InvalidatePoolError from error


def _has_input(descriptor: int) -> bool:
    """Whether something arrived on a socket, or its other end is closed."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))
