"""Ctrl-C and SIGTERM while Dagster executes a run in this process."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM})
_MOST = 4096  # bytes, one a signal; what does not fit only repeats what is there


@contextmanager
def raising_interrupts() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end of the block if Ctrl-C or SIGTERM came in it, whatever became of it inside.

    Dagster has handlers of its own while it executes a run: what they raise ends a step, or the run, or is taken for a
    failure of either, or is lost in a callback. The signals are seen here beside any handler.

    Raises:
        KeyboardInterrupt: a signal came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return
    reader, writer = socket.socketpair()
    with reader, writer:
        reader.setblocking(False)
        writer.setblocking(False)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            if INTERRUPTS & _received(reader):
                raise KeyboardInterrupt


def _received(reader: socket.socket) -> set[int]:
    """The numbers of the signals that came."""
    try:
        return set(reader.recv(_MOST))
    except BlockingIOError:
        return set()
