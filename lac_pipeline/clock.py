"""The time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the time, aware and in UTC; tests bring their own."""


def utc_now() -> datetime:
    """The time by this machine's clock, aware, in UTC."""
    return datetime.now(UTC)
