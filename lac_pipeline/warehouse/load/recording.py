"""The attempt that responses are fetched for: a context variable, so no layer in between passes it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from lac_pipeline.warehouse.load.attempts import Attempt, Kept


@dataclass(slots=True)
class Recording:
    """One attempt while it reads.

    Attributes:
        attempt: the attempt.
        kept: its responses so far, in the order in which they came.
    """

    attempt: Attempt
    kept: list[Kept] = field(default_factory=list)


_current: ContextVar[Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recording(attempt: Attempt) -> Iterator[Recording]:
    """Take what is archived in this context, and in tasks and threads started from it, for the attempt's."""
    recording = Recording(attempt)
    token = _current.set(recording)
    try:
        yield recording
    finally:
        _current.reset(token)


def current_recording() -> Recording | None:
    """The recording of this context; None for what is read for no attempt, such as the list of accounts."""
    return _current.get()
