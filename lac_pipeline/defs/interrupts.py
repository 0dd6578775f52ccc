"""Ctrl-C and SIGTERM while Dagster executes a run."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import dagster as dg

from lac_pipeline.interrupts import INTERRUPTS, Interrupts


def raise_lost(interrupts: Interrupts) -> None:
    """Raise what Dagster's handlers raised for an interrupt, if the run goes on after that.

    Raises:
        dagster.DagsterExecutionInterruptedError: a signal came.
    """
    if interrupts.came:
        raise dg.DagsterExecutionInterruptedError


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
