"""Ctrl-C and SIGTERM while the event loop of a run works."""

from __future__ import annotations

import asyncio
import signal
import weakref
from collections.abc import Callable, Iterator

import dagster as dg
import pytest
from dagster._utils.interrupts import setup_interrupt_handlers

from lac_pipeline.defs.interrupts import cancelled_by_interrupts, raise_lost
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.interrupts import INTERRUPTS, watched_interrupts
from lac_pipeline_tests.defs.conftest import Pipeline

LONG = 30.0
"""Seconds that nothing here takes."""


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop, under Dagster's own signal handlers as in a step."""
    before = {number: signal.getsignal(number) for number in INTERRUPTS}
    setup_interrupt_handlers()
    loop = asyncio.new_event_loop()
    with dg.raise_execution_interrupts():
        yield loop
    loop.close()
    for number, handler in before.items():
        signal.signal(number, handler)


def in_a_callback(number: signal.Signals) -> None:
    """The signal comes while the loop calls a callback."""
    asyncio.get_running_loop().call_soon(signal.raise_signal, number)


def while_an_object_is_freed(number: signal.Signals) -> None:
    """The signal comes while Python calls what is to be called when an object ends."""

    class Freed: ...

    weakref.finalize(Freed(), signal.raise_signal, number)


@pytest.mark.parametrize("number", sorted(INTERRUPTS))
@pytest.mark.parametrize("comes", [in_a_callback, while_an_object_is_freed])
def test_a_signal_ends_what_awaits_a_response(
    loop: asyncio.AbstractEventLoop, number: signal.Signals, comes: Callable[[signal.Signals], None]
) -> None:
    """Wherever the program is when Ctrl-C or SIGTERM comes, what awaits is cancelled and Dagster's exception raised."""
    ended: list[str] = []

    async def fetch() -> None:
        with cancelled_by_interrupts():
            try:
                comes(number)
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

    with pytest.raises(dg.DagsterExecutionInterruptedError):
        loop.run_until_complete(fetch())
    assert ended == ["cancelled"]


def test_a_signal_counts_though_the_block_awaits_nothing_more(loop: asyncio.AbstractEventLoop) -> None:
    """A signal that comes after the last response is raised at the end of the block."""

    async def fetch() -> None:
        with cancelled_by_interrupts():
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(dg.DagsterExecutionInterruptedError):
        loop.run_until_complete(fetch())


def test_a_signal_is_not_taken_for_a_failure(loop: asyncio.AbstractEventLoop) -> None:
    """Where the interrupted work fails by itself, the interrupt is raised, and the failure is its cause."""

    async def fetch() -> None:
        with cancelled_by_interrupts():
            signal.raise_signal(signal.SIGINT)
            raise ConnectionError

    with pytest.raises(dg.DagsterExecutionInterruptedError) as interrupted:
        loop.run_until_complete(fetch())
    assert isinstance(interrupted.value.__cause__, ConnectionError)


def test_the_second_signal_does_not_wait(loop: asyncio.AbstractEventLoop) -> None:
    """Ctrl-C again, before the first has ended the work, raises at once."""

    async def fetch() -> None:
        with cancelled_by_interrupts():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("the second signal was not raised")

    with pytest.raises(dg.DagsterExecutionInterruptedError):
        loop.run_until_complete(fetch())


def test_the_handlers_of_before_are_there_again(loop: asyncio.AbstractEventLoop) -> None:
    """After the block Dagster's own handlers are installed."""
    before = [signal.getsignal(number) for number in INTERRUPTS]

    async def fetch() -> None:
        with cancelled_by_interrupts():
            await asyncio.sleep(0)

    loop.run_until_complete(fetch())
    assert [signal.getsignal(number) for number in INTERRUPTS] == before


def test_a_thread_is_not_interrupted() -> None:
    """Where the loop runs in another thread, which receives no signals, nothing is installed."""

    async def fetch() -> str:
        with cancelled_by_interrupts():
            await asyncio.sleep(0)
            return "fetched"

    async def in_a_thread() -> str:
        return await asyncio.to_thread(asyncio.run, fetch())

    assert asyncio.run(in_a_thread()) == "fetched"


def test_an_interrupt_is_known_though_nothing_was_raised() -> None:
    """What a handler did not raise, or what was lost, is raised where the run asks for it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with watched_interrupts() as outer, watched_interrupts() as interrupts:
            raise_lost(interrupts)
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(dg.DagsterExecutionInterruptedError):
                raise_lost(interrupts)
        assert outer.came
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_loop_closes_a_client_whose_teardown_was_interrupted(
    pipeline: Pipeline, loop: asyncio.AbstractEventLoop
) -> None:
    """Where Dagster's teardown did not come to the client, the end of the loop closes it and waits for nothing else."""
    context = dg.build_init_resource_context()
    with WarehouseResource().yield_for_execution(context) as warehouse:
        assert warehouse.settings == pipeline.settings
        opened = LinkedInResource(warehouse=warehouse).yield_for_execution(context)
        loop.run_until_complete(opened.__aenter__())
        end = loop.create_task(loop.shutdown_asyncgens())
        ended, _ = loop.run_until_complete(asyncio.wait({end}, timeout=LONG))
    assert ended == {end}
