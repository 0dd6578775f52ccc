"""Ctrl-C and SIGTERM, known beside whatever handles them."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM})
_MOST = 4096  # bytes, one a signal; what does not fit only repeats what is there


class Interrupts:
    """Ctrl-C and SIGTERM, seen beside whatever handles them, from which an exception may be lost."""

    def __init__(self, received: socket.socket | None = None) -> None:
        """Begin with none.

        Args:
            received: from which a byte can be read for each signal; None where none can come.
        """
        self._received = received
        self._came: bytes = b""

    @property
    def came(self) -> bytes:
        """The numbers of the interrupts that have come; empty where none has."""
        if self._received is not None:
            with suppress(OSError):  # none has come, or the block in which they are watched has ended
                self._came += bytes(INTERRUPTS & {*self._received.recv(_MOST)})
        return self._came


@contextmanager
def watched_interrupts() -> Iterator[Interrupts]:
    """Yield what knows the interrupts of this block; a block around this one, if it watches too, sees them after it."""
    if threading.current_thread() is not threading.main_thread():
        yield Interrupts()  # only the main thread receives signals
        return
    reader, writer = socket.socketpair()
    with reader, writer:
        reader.setblocking(False)
        writer.setblocking(False)
        interrupts = Interrupts(reader)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield interrupts
        finally:
            signal.set_wakeup_fd(before, warn_on_full_buffer=False)
            if interrupts.came and before >= 0:
                os.write(before, interrupts.came)
