"""What the process of a run loads: nothing that only commands, the report or a person's notebook need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._grpc.types import ExecuteRunArgs

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon

HEAVY = (
    "jinja2",
    "lac_pipeline.reporting.snapshot_document",
    "matplotlib",
    "numpy",
    "pandas",
    "starlette",
    "typer",
    "uvicorn",
)
WORKER = f"""
import runpy, sys
try:
    runpy.run_module("dagster", run_name="__main__", alter_sys=True)
finally:
    print("\\nLOADED", *(name for name in {HEAVY!r} if name in sys.modules))
"""
"""Dagster's command line, as its launcher starts it for a run, and then what it has loaded."""


@pytest.fixture
def pipeline(start_date: date, warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline over the accounts and campaigns of one small account."""
    world = World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)
    with running_pipeline(world, start_date, warehouse_url, tmp_path, LAC_STREAMS="campaigns") as pipeline:
        yield pipeline


@pytest.fixture
def daemon(pipeline: Pipeline, database_url: str) -> Iterator[Daemon]:
    """A daemon whose freshness sensor has requested a run of the account."""
    with running_daemon(database_url) as daemon:
        daemon.know(*pipeline.session.accounts("all"))
        daemon.run_sensor("freshness_sensor")
        yield daemon


def test_a_run_loads_no_library_that_it_does_not_use(daemon: Daemon) -> None:
    """The process that executes a refresh of entities draws and serves nothing, and makes no frame."""
    [run] = daemon.runs("freshness_sensor")
    assert run.job_code_origin is not None
    arguments = ExecuteRunArgs(run.job_code_origin, run.run_id, daemon.instance.get_ref()).get_command_args()
    starting = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_STARTING.value, job_name=run.job_name)
    daemon.instance.report_dagster_event(starting, run.run_id)
    worker = subprocess.run([sys.executable, "-c", WORKER, *arguments[1:]], capture_output=True, text=True, check=False)
    ended = daemon.instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.is_success, worker.stderr
    assert worker.stdout.splitlines()[-1] == "LOADED"
