"""What fails in a callback of the event loop that runs the assets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import dagster as dg
import pytest

from lac_pipeline.defs.resources import log_failed_callback


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop as a run has it."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(log_failed_callback)
    yield loop
    loop.close()


@pytest.mark.parametrize(
    ("error", "logged"), [(dg.DagsterExecutionInterruptedError(), []), (OSError(5, "I/O"), [logging.ERROR])]
)
def test_an_interrupt_within_a_callback_is_no_failure(
    loop: asyncio.AbstractEventLoop, error: BaseException, logged: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """Ctrl-C within a write to a socket prints no traceback; any other error of a callback is logged."""
    loop.call_exception_handler({"message": "Fatal write error on socket transport", "exception": error})
    assert [record.levelno for record in caplog.records] == logged
