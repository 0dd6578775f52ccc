"""What several parts of a process hold at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lac_pipeline.shared import Shared


def test_it_is_opened_by_the_first_and_closed_by_the_last() -> None:
    """Who holds a key while another does gets the same; it is opened again when all have ended."""
    log: list[str] = []

    @contextmanager
    def opening() -> Iterator[list[str]]:
        log.append("open")
        yield [f"opened {log.count('open')} times"]
        log.append("close")

    shared = Shared[list[str]]()
    with shared.hold("a", opening) as first:
        with shared.hold("a", opening) as second:
            assert second is first
        assert log == ["open"]
    with shared.hold("a", opening) as again:
        assert again == ["opened 2 times"]
    assert log == ["open", "close", "open", "close"]


def test_what_cannot_be_opened_is_tried_again() -> None:
    """A failure to open leaves nothing behind."""
    failures = [ValueError("closed")]

    @contextmanager
    def opening() -> Iterator[str]:
        if failures:
            raise failures.pop()
        yield "open"

    shared = Shared[str]()
    with pytest.raises(ValueError, match="closed"), shared.hold("a", opening):
        pass
    with shared.hold("a", opening) as opened:
        assert opened == "open"
