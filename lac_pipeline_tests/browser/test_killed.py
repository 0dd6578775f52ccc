"""Processes that are killed in the middle of a backfill lose nothing and double nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lac_pipeline.metrics import CORE
from lac_pipeline.operations.processes import Processes
from lac_pipeline.resources import utc_now
from lac_pipeline.simulator.world import World
from lac_pipeline.storage.embedded import EmbeddedServer
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.browser.conftest import Stack, running_stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("killed")]

DAILY = "campaign_daily_metrics"
DAYS = 30
WORKER = "spawn_main"
"""In the command line of the process that the code server starts for a run."""
_BACKFILL = """mutation Backfill($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on Error { message } } }"""
_STATUS = """query Status($id: String!) { partitionBackfillOrError(backfillId: $id) {
  ... on PartitionBackfill { status } } runsOrError(filter: {statuses: [QUEUED, STARTING, STARTED, NOT_STARTED]}) {
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
        if ours and "operations.leash" not in command and all(word in command for word in words):
            found.append(int(process.name))
    return found


def kill(stack: Stack, *words: str, within_seconds: float = 60) -> None:
    """Kill -9 the first process like this, as soon as there is one."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        if found := processes(stack.settings.home, *words):
            os.kill(found[0], signal.SIGKILL)
            return
        time.sleep(0.05)
    raise AssertionError(f"no process with {words}")


def numbers(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in an order of their own."""
    return sorted(rows)


def held(stack: Stack, account: int, window: DateWindow) -> list[tuple[Any, ...]]:
    """What the table holds of an account."""
    frame = stack.warehouse.read.frame(DAILY, [account], window)
    names = ["campaign_id", "date", "impressions", "clicks", "cost_in_local_currency"]
    return numbers(list(frame[names].itertuples(index=False, name=None)))


def truth(stack: Stack, account: int, window: DateWindow) -> list[tuple[Any, ...]]:
    """What LinkedIn says of it."""
    return numbers(
        [
            (
                int(row["pivotValues"][0].rpartition(":")[2]),
                window.start.replace(**row["dateRange"]["start"]),
                row.get("impressions", 0),
                row.get("clicks", 0),
                Decimal(row.get("costInLocalCurrency", "0")),
            )
            for row in stack.world.truth.analytics(account, "CAMPAIGN", "DAILY", window, CORE)
        ]
    )


def test_killed_processes_lose_and_double_nothing(stack: Stack) -> None:
    """Worker, daemon and webserver die of kill -9 during a backfill of five accounts; the tables end as LinkedIn's."""
    yesterday = utc_now().date() - timedelta(days=1)
    window = DateWindow.inclusive(yesterday - timedelta(days=DAYS - 1), yesterday)
    keys = [f"{account}|{day}" for account in stack.accounts for day in window]
    params = {"assetSelection": [{"path": [DAILY]}], "partitionNames": keys, "tags": []}
    launched = stack.dagster.ask(_BACKFILL, params=params)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched

    kill(stack, WORKER, within_seconds=120)
    kill(stack, "dagster._daemon")
    kill(stack, "dagster_webserver")
    with Processes(stack.settings.home / "logs") as stack.processes:
        stack.start()

        deadline = time.monotonic() + 420
        while time.monotonic() < deadline:
            status = stack.dagster.ask(_STATUS, id=launched["backfillId"])
            under_way = status["runsOrError"]["results"]
            if not under_way and status["partitionBackfillOrError"]["status"].startswith("COMPLETED"):
                break
            time.sleep(2)
        else:
            raise AssertionError(f"still under way: {status}")
    for account in map(int, stack.accounts):
        assert held(stack, account, window) == truth(stack, account, window) != []
