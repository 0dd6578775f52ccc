"""Every schedule and sensor, ticked by the daemon's own code with no ad account, with one and with three."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from dagster._core.scheduler.instigation import TickStatus
from sqlalchemy import text

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.doctor.services import ticks
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon
from lac_pipeline_tests.defs.webhook import Receiver

SCHEDULES = {"nightly_restatement", "weekly_restatement", "weekly_demographics", "daily_report"}
SENSORS = {"freshness_sensor", "account_discovery_sensor", "housekeeping_sensor", "alert_sensor"}
RENAMED = [
    text(f"ALTER TABLE linkedin_ads.{name} RENAME TO {name}_of_another_version")
    for name in ("sync_log", "stream_state")
]
READS_THEM = {"daily_report", "freshness_sensor", "housekeeping_sensor"}
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
def daemon(pipeline: Pipeline, database_url: str) -> Iterator[Daemon]:
    """A daemon over the pipeline's settings."""
    with running_daemon(database_url) as daemon:
        yield daemon


def every_schedule(daemon: Daemon, *, now: datetime) -> None:
    """Let a week pass, in which each schedule is due."""
    daemon.run_schedules(at=now - timedelta(days=8))
    daemon.run_schedules(at=now)


@pytest.mark.parametrize("known", [0, 1, 3])
def test_every_schedule_and_sensor_ticks(pipeline: Pipeline, daemon: Daemon, accounts: list[int], known: int) -> None:
    """However many accounts there are, no tick fails, and each schedule requests a run of each account."""
    for account in accounts[:known]:
        pipeline.sync(str(account))
    daemon.know(*accounts[:known])
    every_schedule(daemon, now=utc_now())
    daemon.run_sensors()
    last = daemon.ticks()
    assert set(last) == SCHEDULES | SENSORS
    assert {name: tick.error for name, tick in last.items() if tick.status not in DONE} == {}
    requested = {name: sorted(int(run.tags["lac/account"]) for run in daemon.runs(name)) for name in SCHEDULES}
    assert requested == dict.fromkeys(SCHEDULES, accounts[:known])


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


def rename(pipeline: Pipeline) -> None:
    """Take away the log and the state of the streams."""
    with pipeline.warehouse.engine.begin() as connection:
        for statement in RENAMED:
            connection.execute(statement)


@pytest.fixture
def broken(pipeline: Pipeline) -> None:
    """A warehouse that lacks two tables, so that what reads them fails."""
    rename(pipeline)


def test_a_failed_tick_is_posted_once(
    daemon: Daemon, pipeline: Pipeline, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schedule's failed tick is posted each time, a sensor's once a day, also where alert_sensor itself is hit."""
    monkeypatch.setenv("LAC_ALERT_WEBHOOK", receiver.url)
    daemon.run_sensors()
    receiver.posted.clear()
    rename(pipeline)
    every_schedule(daemon, now=utc_now())
    daemon.run_sensor("freshness_sensor")
    daemon.run_sensor("alert_sensor")
    (posted,) = receiver.texts
    due = daemon.ticks()["daily_report"].timestamp
    assert f"the tick of {datetime.fromtimestamp(due, UTC):%Y-%m-%d} 06:00Z of daily_report failed" in posted
    assert "the tick of freshness_sensor failed" in posted
    assert "alert_sensor cannot see all that is wrong" in posted
    assert "nightly_restatement" not in posted
    daemon.run_sensor("freshness_sensor")
    daemon.run_sensor("alert_sensor")
    assert receiver.texts == [posted]


@pytest.mark.usefixtures("broken")
def test_doctor_shows_the_last_tick_of_each(pipeline: Pipeline, daemon: Daemon) -> None:
    """A tick that failed is a failed finding with its reason; the others say when they ticked, and what came of it."""
    every_schedule(daemon, now=utc_now())
    daemon.run_sensors()
    findings = {finding.subject: finding for finding in ticks(pipeline.settings)}
    assert set(findings) == SCHEDULES | SENSORS
    assert {name for name, finding in findings.items() if finding.state == "failed"} == READS_THEM
    assert "lac migrate" in findings["daily_report"].found
    assert "no ad account is known yet" in findings["nightly_restatement"].found
    assert all(finding.found.startswith("last tick 20") for finding in findings.values())
