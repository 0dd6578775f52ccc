"""What fails in a callback of the event loop that runs the assets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator

import dagster as dg
import pytest

from lac_pipeline.defs.resources import handle_failed_callback
from lac_pipeline.linkedin.gather import stop


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop as a run has it."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(handle_failed_callback)
    yield loop
    loop.close()


async def in_a_callback() -> None:
    """Wait for what never comes, and interrupt a callback meanwhile."""
    asyncio.get_running_loop().call_soon(interrupt)
    await asyncio.Event().wait()


async def while_a_response_is_read() -> None:
    """Wait for what never comes, and interrupt the callback that reads from a socket meanwhile."""

    class Interrupted(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            interrupt()

    here, there = socket.socketpair()
    with there:
        transport, _ = await asyncio.get_running_loop().create_connection(Interrupted, sock=here)
        with contextlib.closing(transport):
            there.send(b"HTTP/1.1 200 OK")
            await asyncio.Event().wait()


def interrupt() -> None:
    """Do what Dagster's signal handlers do."""
    raise dg.DagsterExecutionInterruptedError


@pytest.mark.parametrize("waiting", [in_a_callback, while_a_response_is_read])
def test_an_interrupt_within_a_callback_ends_the_loop(
    loop: asyncio.AbstractEventLoop, waiting: Callable[[], Awaitable[None]], caplog: pytest.LogCaptureFixture
) -> None:
    """Ctrl-C while a callback runs ends what the loop was to complete, without a traceback in the log."""
    task = asyncio.ensure_future(waiting(), loop=loop)
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(task)
    loop.run_until_complete(stop([task]))
    assert caplog.records == []


def test_another_failure_of_a_callback_is_logged(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    """A callback that fails otherwise is logged as asyncio logs it."""
    loop.call_exception_handler({"message": "Fatal write error on socket transport", "exception": OSError(5, "I/O")})
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
