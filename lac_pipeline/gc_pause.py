"""Pauses Python's cyclic garbage collector while a page of records is parsed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
