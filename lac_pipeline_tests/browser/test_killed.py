"""Processes that are killed in the middle of a backfill lose nothing and double nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.stack.processes import Processes
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.browser.backfills import ended, keys_of, launch, stored, truth, until
from lac_pipeline_tests.browser.conftest import Stack, running_stack

pytestmark = pytest.mark.slow

DAILY = "campaign_daily_metrics"
DAYS = 30
WORKER = "forkserver"
"""In the command line of the process of a run, and of the one that it is a fork of."""
_UNDER_WAY = """{ runsOrError(filter: {statuses: [QUEUED, STARTING, STARTED, NOT_STARTED]}) {
  ... on Runs { results { runId status } } } }"""


@pytest.fixture
def stack(server: EmbeddedServer) -> Iterator[Stack]:
    """Five accounts of which nothing is loaded, and a LinkedIn that takes its time."""
    world = World.synthetic(accounts=5, campaigns=3, creatives=3, days=60)
    world.faults.add("adAnalytics", kind="delay", seconds=2.0)
    with running_stack(world, server, name="killed", loaded=False) as running:
        yield running


def processes(home: Path, *words: str) -> list[int]:
    """The processes of this stack whose command line holds all of these words."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, place = (process / "cmdline").read_bytes().decode(), (process / "environ").read_bytes()
        except OSError:
            continue
        ours = str(home).encode() in place and int(process.name) != os.getpid()
        if ours and "stack.supervise" not in command and all(word in command for word in words):
            found.append(int(process.name))
    return found


def parent_of(process: int) -> int | None:
    """The process that started this one; None where it is over."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def kill(stack: Stack, *words: str, within_seconds: float = 60) -> None:
    """Kill -9 the first process like this, as soon as there is one."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        found = processes(stack.settings.home, *words)
        chosen = [process for process in found if words != (WORKER,) or parent_of(process) in found]
        if chosen:
            os.kill(chosen[0], signal.SIGKILL)
            return
        time.sleep(0.05)
    raise AssertionError(f"no process with {words}")


def test_killed_processes_lose_and_double_nothing(stack: Stack) -> None:
    """Worker, daemon and webserver die of kill -9 during a backfill of five accounts; the tables end as LinkedIn's."""
    yesterday = utc_now().date() - timedelta(days=1)
    window = DateWindow.inclusive(yesterday - timedelta(days=DAYS - 1), yesterday)
    backfill = launch(stack.dagster, DAILY, keys_of(stack.accounts, window))

    kill(stack, WORKER, within_seconds=120)
    kill(stack, "dagster._daemon")
    kill(stack, "dagster_webserver")
    with Processes(stack.settings.home / "logs") as stack.processes:
        stack.start()

        ended(stack.dagster, backfill)
        until(lambda: not stack.dagster.execute(_UNDER_WAY)["runsOrError"]["results"], seconds=420)
    for account in stack.accounts:
        assert stored(stack, DAILY, account, window) == truth(stack, DAILY, account, window) != []
