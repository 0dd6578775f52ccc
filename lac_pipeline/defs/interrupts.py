"""Ctrl-C and SIGTERM while the event loop of a run works."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import dagster as dg

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
        """The numbers of the interrupts that have come, in their order."""
        if self._received is not None:
            with suppress(OSError):  # none has come, or the block in which they are watched has ended
                self._came += bytes(INTERRUPTS & {*self._received.recv(_MOST)})
        return self._came

    def raise_lost(self) -> None:
        """Raise what Dagster's handlers raised, if the program is still here after that.

        Raises:
            dagster.DagsterExecutionInterruptedError: a signal came.
        """
        if self.came:
            raise dg.DagsterExecutionInterruptedError


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


@contextmanager
def cancelled_by_interrupts() -> Iterator[None]:
    """Cancel the current task when Ctrl-C or SIGTERM comes in the block, and raise what Dagster's handlers raise.

    Dagster's handlers raise it wherever the program is. While an event loop runs, that can be a callback, of a socket
    or of a weak reference, whose exceptions are logged and lost: the run would go on. Or it is in the midst of what
    a connection does to close itself, for whose end the loop would then wait without one. A cancelled task is
    interrupted where it awaits something. What Dagster installed is there again after the block, and takes the second
    signal of a block.

    Raises:
        dagster.DagsterExecutionInterruptedError: a signal came.
    """
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return
    loop, came = asyncio.get_running_loop(), False
    before = {number: signal.getsignal(number) for number in INTERRUPTS}

    def cancel(number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True
        signal.signal(number, before[signal.Signals(number)])
        loop.call_soon_threadsafe(task.cancel)  # also wakes the loop

    for number in INTERRUPTS:
        signal.signal(number, cancel)
    try:
        yield
    except BaseException as error:
        if came:
            raise dg.DagsterExecutionInterruptedError from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise dg.DagsterExecutionInterruptedError
