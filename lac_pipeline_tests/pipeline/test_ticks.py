"""Every schedule and sensor, ticked by the daemon's own code with no ad account, with one and with three."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from dagster._core.scheduler.instigation import TickStatus

from lac_pipeline.resources import utc_now
from lac_pipeline.simulator.world import World
from lac_pipeline_tests.pipeline.conftest import Pipeline
from lac_pipeline_tests.pipeline.daemon import Daemon, running_daemon

SCHEDULES = {"nightly_restatement", "weekly_restatement", "weekly_demographics", "daily_report"}
SENSORS = {"freshness_sensor", "account_discovery_sensor", "housekeeping_sensor", "alert_sensor"}
DONE = (TickStatus.SUCCESS, TickStatus.SKIPPED)


@pytest.fixture
def world() -> World:
    """Three small accounts."""
    return World.synthetic(accounts=3, campaigns=2, creatives=2, days=3)


@pytest.fixture
def accounts(pipeline: Pipeline) -> list[int]:
    """The ids of the world's accounts."""
    return sorted(int(account["id"]) for account in pipeline.world.truth.accounts())


@pytest.fixture
def daemon(pipeline: Pipeline) -> Iterator[Daemon]:
    """A daemon over the pipeline's settings."""
    with running_daemon() as daemon:
        yield daemon


def every_schedule(daemon: Daemon, *, now: datetime) -> None:
    """Let a week pass, in which each schedule is due."""
    daemon.run_schedules(at=now - timedelta(days=8))
    daemon.run_schedules(at=now)


@pytest.mark.parametrize("known", [0, 1, 3])
def test_every_schedule_and_sensor_ticks(pipeline: Pipeline, daemon: Daemon, accounts: list[int], known: int) -> None:
    """However many accounts there are, no tick fails, and each schedule asks for a run of each account."""
    for account in accounts[:known]:
        pipeline.sync(str(account))
    daemon.know(*accounts[:known])
    every_schedule(daemon, now=utc_now())
    daemon.run_sensors()
    ticks = daemon.ticks()
    assert set(ticks) == SCHEDULES | SENSORS
    assert {name: tick.error for name, tick in ticks.items() if tick.status not in DONE} == {}
    asked = {name: sorted(int(run.tags["lac/account"]) for run in daemon.runs(name)) for name in SCHEDULES}
    assert asked == dict.fromkeys(SCHEDULES, accounts[:known])


def test_a_tick_is_launched_once_and_the_next_one_too(daemon: Daemon, accounts: list[int]) -> None:
    """A tick that the daemon was killed in goes on where it stopped and launches nothing twice; the next one does."""
    nightly = "nightly_restatement"
    daemon.know(*accounts)
    night = utc_now().replace(hour=3, minute=0) - timedelta(days=3)
    daemon.run_schedules(at=night - timedelta(days=1))
    daemon.run_schedules(at=night, killed_when=lambda: len(daemon.runs(nightly)) == 2)
    assert daemon.ticks()[nightly].status is TickStatus.STARTED
    daemon.run_schedules(at=night + timedelta(minutes=1))
    assert daemon.ticks()[nightly].status is TickStatus.SUCCESS
    assert sorted(int(run.tags["lac/account"]) for run in daemon.runs(nightly)) == accounts
    daemon.run_schedules(at=night + timedelta(days=1))
    assert sorted(int(run.tags["lac/account"]) for run in daemon.runs(nightly)) == sorted(2 * accounts)
