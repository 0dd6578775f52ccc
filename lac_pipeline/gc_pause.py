"""When Python's cyclic garbage collector runs: not while libraries are loaded or a page of records is parsed."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_LIBRARIES = 600_000
"""More objects than all that a command imports, Dagster included; importing makes many, which all stay."""
_COLLECTED_EVERY = 50_000
"""Objects made between two collections after that."""


def leave_libraries_alone() -> None:
    """Let a process that begins load its libraries, and end, without a collection.

    Last of all Python looks for cycles among all objects, which takes a second with Dagster's; then it frees them.
    """
    gc.set_threshold(_LIBRARIES)
    atexit.register(gc.freeze)


def libraries_are_loaded() -> None:
    """Leave what such a process has loaded out of all collections to come, and collect more often from now on."""
    if gc.get_threshold()[0] == _LIBRARIES:
        leave_out_of_collections()


def leave_out_of_collections() -> None:
    """Leave what is there now out of the collections to come, which are fewer than Python's own: it never goes."""
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)


@contextmanager
def paused_collection() -> Iterator[None]:
    """Pause Python's cyclic collector; reference counting goes on, so what is dropped is freed all the same.

    A page of 15,000 records is half a million new objects, which the collector would walk again and again. Meant for
    one page at a time. Threads may pause at once: the first to finish ends the pause for all, which costs only time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
