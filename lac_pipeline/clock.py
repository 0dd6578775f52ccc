"""The time. Everything that reads a date or an hour reads this clock, except for what PostgreSQL stamps by its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the time, aware and in UTC."""


def _machine() -> datetime:
    return datetime.now(UTC)


class MovableClock:
    """A clock that can be set, and goes on from there: the simulator's, and in tests the pipeline's.

    Args:
        base: what it is set against; this machine's clock by default.
    """

    def __init__(self, base: Clock = _machine) -> None:
        self._base = base
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """The time by this clock."""
        return self._base() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Move it, back if the time is negative."""
        self._ahead += by

    def set(self, moment: datetime | None) -> None:
        """Let it go on from a moment (aware); None puts it right again."""
        self._ahead = timedelta() if moment is None else moment - self._base()


utc_now = MovableClock()
"""The clock of this process: this machine's, unless a test sets it."""
