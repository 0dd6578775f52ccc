"""Runs whose process is gone: they are ended and reported, and delay no other run; a run that lives is left alone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta

import dagster as dg
import pytest
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from dagster._grpc.types import ExecuteRunArgs
from sqlalchemy import Connection, make_url, text

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import PROCESS
from lac_pipeline.defs.sensors.housekeeping_sensor import LONGEST_START, is_lost
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.load.lifecycle import INTERRUPTED
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon
from lac_pipeline_tests.defs.webhook import Receiver

ACCOUNT = "520000001"
ENDED = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
GIVES_UP_WITHIN = 900.0
"""Seconds for which Dagster goes on trying to write events; on a busy machine it took a hundred."""
DELAY = 10.0
"""Seconds that LinkedIn takes for one response, while a test looks at the run."""
NAMES_ITSELF = """
import sys
from lac_pipeline.defs.run_process import RunProcess
print(RunProcess.this(sys.argv[1]).tag, end="")
"""


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=1, creatives=1, days=3)


@pytest.fixture
def start_date() -> date:
    """Today alone."""
    return utc_now().date()


@pytest.fixture
def daemon(
    pipeline: Pipeline, database_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Daemon]:
    """A daemon that has run its sensors once, so that runs of the account are in the queue."""
    assert pipeline
    monkeypatch.setenv("LAC_ALERT_WEBHOOK", receiver.url)
    with running_daemon(database_url) as daemon:
        daemon.know(int(ACCOUNT))
        daemon.run_sensors()
        yield daemon


@pytest.fixture
def worker(daemon: Daemon, pipeline: Pipeline) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A run of the queue, and the process that executes it and waits for LinkedIn, as a launcher starts it."""
    pipeline.world.faults.add("adCampaignGroups", kind="delay", seconds=DELAY)
    run = next(run for run in daemon.runs("freshness_sensor") if run.tags["lac/scope"] == "entities")
    assert run.job_code_origin is not None
    arguments = ExecuteRunArgs(run.job_code_origin, run.run_id, daemon.instance.get_ref())
    report(daemon.instance, run, dg.DagsterEventType.RUN_STARTING)
    command = [sys.executable, "-m", "dagster", *arguments.get_command_args()[1:]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: pipeline.warehouse.read.attempts_of(run.run_id)[1:], process)
        yield run.run_id, process
    finally:
        process.kill()
        process.wait()


def wait_until(happened: Callable[[], object], process: subprocess.Popen[bytes], seconds: float = 600) -> None:
    """Look again and again, for as long as the process lives."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)


def report(instance: dg.DagsterInstance, run: dg.DagsterRun, event: dg.DagsterEventType) -> None:
    """Let the run come to this point, as Dagster does."""
    instance.report_dagster_event(dg.DagsterEvent(event_type_value=event.value, job_name=run.job_name), run.run_id)


@pytest.fixture
def refusing(maintenance: Connection, database_url: str) -> Callable[[], AbstractContextManager[None]]:
    """Let PostgreSQL end the connections of Dagster's database, and take no new ones for a while."""
    name = make_url(database_url).database

    @contextmanager
    def refusing() -> Iterator[None]:
        maintenance.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        try:
            maintenance.execute(ENDED, {"name": name})
            yield
        finally:
            maintenance.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))

    return refusing


def in_progress(daemon: Daemon) -> list[str]:
    """What the queue counts against the account's limit."""
    filters = dg.RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES, tags={"lac/account": ACCOUNT})
    return [run.run_id for run in daemon.instance.get_runs(filters)]


def status_of(daemon: Daemon, run_id: str) -> dg.DagsterRunStatus:
    """How the run stands."""
    run = daemon.instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_killed_run_is_ended_and_reported(
    daemon: Daemon, worker: tuple[str, subprocess.Popen[bytes]], pipeline: Pipeline, receiver: Receiver
) -> None:
    """While its process lives the run is left alone; killed, it fails at the next tick, and its account goes on."""
    run_id, process = worker
    daemon.run_sensor("housekeeping_sensor")
    assert (status_of(daemon, run_id), in_progress(daemon)) == (dg.DagsterRunStatus.STARTED, [run_id])
    process.send_signal(signal.SIGKILL)
    process.wait()
    daemon.run_sensor("housekeeping_sensor")
    assert (status_of(daemon, run_id), in_progress(daemon)) == (dg.DagsterRunStatus.FAILURE, [])
    assert pipeline.warehouse.read.running_run_ids() == []
    daemon.run_sensor("alert_sensor")
    assert f"run {run_id[:8]} failed (Synthetic 1 ({ACCOUNT})): its process is gone" in receiver.texts[-1]


def test_a_terminated_run_does_not_wait_for_linkedin(
    daemon: Daemon, worker: tuple[str, subprocess.Popen[bytes]], pipeline: Pipeline
) -> None:
    """A run that is terminated in the UI is canceled, and what it was fetching is recorded as interrupted."""
    run_id, process = worker
    run = daemon.instance.get_run_by_id(run_id)
    assert run is not None
    report(daemon.instance, run, dg.DagsterEventType.PIPELINE_CANCELING)
    process.send_signal(signal.SIGINT)  # as Dagster's code server does
    process.wait()
    assert status_of(daemon, run_id) is dg.DagsterRunStatus.CANCELED
    attempts = {record.attempt.asset: record for record in pipeline.warehouse.read.attempts_of(run_id)}
    assert attempts["campaign_groups"].status == "failed"
    assert [error["summary"] for error in attempts["campaign_groups"].errors] == [INTERRUPTED]


@pytest.mark.slow
def test_a_run_that_postgresql_cut_off_is_ended_and_reported(
    daemon: Daemon,
    worker: tuple[str, subprocess.Popen[bytes]],
    receiver: Receiver,
    refusing: Callable[[], AbstractContextManager[None]],
) -> None:
    """A run that could not write down how it ended, as PostgreSQL refused it, fails once PostgreSQL is back."""
    run_id, process = worker
    with refusing():
        process.wait(GIVES_UP_WITHIN)
    assert status_of(daemon, run_id) is dg.DagsterRunStatus.STARTED
    daemon.run_sensor("housekeeping_sensor")
    assert (status_of(daemon, run_id), in_progress(daemon)) == (dg.DagsterRunStatus.FAILURE, [])
    daemon.run_sensor("alert_sensor")
    assert f"run {run_id[:8]} failed (Synthetic 1 ({ACCOUNT})): its process is gone" in receiver.texts[-1]


def test_the_process_of_another_run_is_no_proof(pipeline: Pipeline) -> None:
    """Dagster copies tags to the run that tries a failed one again: the dead process in them is not its own."""
    first = dg.DagsterRun(job_name="__ASSET_JOB")
    command = [sys.executable, "-c", NAMES_ITSELF, first.run_id]
    tag = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lost = RunProcess.read(tag, run_id=first.run_id)
    assert lost is not None
    assert lost.is_gone
    again = pipeline.instance.add_run(
        dg.DagsterRun(job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED, tags={PROCESS: tag})
    )
    (record,) = pipeline.instance.get_run_records(dg.RunsFilter(run_ids=[again.run_id]))
    assert not is_lost(pipeline.instance, record, now=utc_now())


@pytest.mark.parametrize(("after", "lost"), [(LONGEST_START / 2, False), (LONGEST_START * 2, True)])
def test_a_run_that_died_before_its_first_step(pipeline: Pipeline, after: timedelta, lost: bool) -> None:
    """A run that started, but named no process within five minutes, ended in between."""
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    run = pipeline.instance.create_run_for_job(job)
    report(pipeline.instance, run, dg.DagsterEventType.RUN_START)
    (record,) = pipeline.instance.get_run_records(dg.RunsFilter(run_ids=[run.run_id]))
    assert is_lost(pipeline.instance, record, now=utc_now() + after) is lost


@pytest.mark.parametrize(
    "process",
    [
        RunProcess("run", "another-host/pid:[4026531836]", 999_999_999, "1"),
        RunProcess("run", RunProcess.this("run").machine.split("/")[0] + "/pid:[1]", 999_999_999, "1"),
    ],
)
def test_of_another_machine_nothing_is_known(process: RunProcess) -> None:
    """The number of a process says nothing on another host, nor in another container of this one."""
    assert not process.is_gone
