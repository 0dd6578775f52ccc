"""Ctrl-C and SIGTERM while Dagster executes a run in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lac_pipeline.interrupts import watched_interrupts


@contextmanager
def raising_interrupts() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end of the block if Ctrl-C or SIGTERM came in it, whatever became of it inside.

    Dagster has handlers of its own while it executes a run: what they raise ends a step, or the run, or is taken for a
    failure of either.

    Raises:
        KeyboardInterrupt: a signal came.
    """
    with watched_interrupts() as interrupts:
        try:
            yield
        finally:
            if interrupts.came:
                raise KeyboardInterrupt
