"""The code server forks its runs from one process that has loaded the libraries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.workspace.load_target import ModuleTarget
from sqlalchemy import make_url

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import PROCESS, SCOPE
from lac_pipeline.defs.storage import PooledPostgresStorage
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline
from lac_pipeline_tests.defs.daemon import QUEUED, Daemon

DELAY = 30.0
"""Seconds that LinkedIn takes for one response, while the test looks at the run."""
WITHIN = 300.0
LOADED = """
import sys
from lac_pipeline.defs.forked_runs import PRELOADED
__import__(PRELOADED)
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""
COLLECTIONS = """
import gc
from lac_pipeline.defs.forked_runs import PRELOADED
__import__(PRELOADED)
collected = []
gc.callbacks.append(lambda phase, _: collected.append(phase))
made = [[] for _ in range(40_000)]
print(len(collected), gc.get_freeze_count() > 100_000)
"""
SPARED = ("matplotlib", "numpy", "pandas", "starlette", "typer", "uvicorn")


@pytest.fixture
def pipeline(warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline over the campaigns, and their metrics, of one small account."""
    world = World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)
    today = utc_now().date()
    with running_pipeline(
        world, today, warehouse_url, tmp_path, LAC_STREAMS="campaigns,campaign_daily_metrics"
    ) as pipeline:
        yield pipeline


@pytest.fixture
def daemon(pipeline: Pipeline, database_url: str) -> Iterator[Daemon]:
    """A daemon with a code server in a process of its own, which knows the account."""
    url = make_url(database_url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    storage = {"module": PooledPostgresStorage.__module__, "class": PooledPostgresStorage.__name__}
    overrides = {
        "run_coordinator": QUEUED["run_coordinator"],
        "storage": {"custom": storage | {"config": {"postgres_url": url}}},
    }
    target = ModuleTarget("lac_pipeline.definitions", attribute=None, working_directory=None, location_name="lac")
    with (
        dg.instance_for_test(overrides=overrides) as instance,
        create_test_daemon_workspace_context(target, instance) as workspace,
    ):
        daemon = Daemon(instance, workspace)
        daemon.know(*pipeline.session.accounts("all"))
        yield daemon


def launched(daemon: Daemon) -> dict[str, str]:
    """The runs that the freshness sensor requests, launched at once, by their asset group."""
    daemon.run_sensor("freshness_sensor")
    daemon.execute_queued()
    return {run.tags[SCOPE]: run.run_id for run in daemon.runs("freshness_sensor")}


def run_of(daemon: Daemon, run_id: str) -> dg.DagsterRun:
    """The run as it stands."""
    run = daemon.instance.get_run_by_id(run_id)
    assert run is not None
    return run


def wait_until(happened: Callable[[], object]) -> None:
    """Look again and again."""
    deadline = time.monotonic() + WITHIN
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def starter_of(pid: int) -> str:
    """The command line of the process that started this one."""
    parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    return Path(f"/proc/{parent}/cmdline").read_text()


def test_a_killed_fork_fails_its_run_and_no_other(daemon: Daemon, pipeline: Pipeline) -> None:
    """Runs are forks of one process with the libraries; after kill -9 of one it has failed, and the other succeeds."""
    pipeline.world.faults.add("adCampaigns", kind="delay", seconds=DELAY)
    runs = launched(daemon)
    killed, other = runs[AssetGroup.ENTITIES], runs[AssetGroup.METRICS]
    wait_until(lambda: PROCESS in run_of(daemon, killed).tags)
    process = RunProcess.read(run_of(daemon, killed).tags[PROCESS], run_id=killed)
    assert process is not None
    assert "forkserver" in starter_of(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: run_of(daemon, killed).is_finished and run_of(daemon, other).is_finished)
    assert run_of(daemon, killed).status is dg.DagsterRunStatus.FAILURE
    assert run_of(daemon, other).status is dg.DagsterRunStatus.SUCCESS
    assert len(pipeline.table("campaign_daily_metrics")) > 0


def test_what_is_loaded_once_is_what_runs_use() -> None:
    """The process that runs are forked from has none of the libraries that only commands and notebooks need."""
    loaded = subprocess.run([sys.executable, "-c", LOADED, *SPARED], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_runs_collect_seldom_and_never_what_was_loaded_before() -> None:
    """A run makes 40,000 objects without a look for cycles among them, and what all runs share is left alone."""
    collected = subprocess.run([sys.executable, "-c", COLLECTIONS], capture_output=True, text=True, check=True)
    assert collected.stdout.split() == ["0", "True"]


def test_wrong_settings_do_not_end_what_runs_are_forked_from() -> None:
    """Each run says what is wrong with the settings; the process that it is forked from loads what it can."""
    wrong = os.environ | {"LAC_STREAMS": "campains"}
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, "lac_pipeline.definitions"],
        env=wrong,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.split() == ["lac_pipeline.definitions"]
