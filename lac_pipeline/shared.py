"""Things that several parts of a process hold at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """What is opened for the first that holds it, and closed by the last; by keys."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, tuple[T, ExitStack]] = {}
        self._holders = Counter[str]()

    @contextmanager
    def hold(self, key: str, opening: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
        """Hold what is open under the key, which is opened if nothing is."""
        with self._lock:
            if key not in self._open:
                stack = ExitStack()
                self._open[key] = stack.enter_context(opening()), stack
            self._holders[key] += 1
            shared, stack = self._open[key]
        try:
            yield shared
        finally:
            with self._lock:
                self._holders[key] -= 1
                last = not self._holders[key]
                if last:
                    del self._open[key], self._holders[key]
            if last:
                stack.close()
