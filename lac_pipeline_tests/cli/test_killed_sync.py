"""`lac sync` that is killed or interrupted while its run begins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest
from sqlalchemy import Connection, text

from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.defs.sensors.housekeeping_sensor import close_unfinished
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.cli.conftest import Lac

WITHIN = 120.0  # seconds
BARRIER = 4711
"""The advisory lock that a writer of the event waits for."""
WAITS_AT = """
CREATE FUNCTION wait_at_barrier() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock({barrier}); RETURN new; END $$;
CREATE TRIGGER barrier BEFORE INSERT ON event_logs FOR EACH ROW WHEN (new.dagster_event_type = '{event}')
EXECUTE FUNCTION wait_at_barrier();
"""
STANDS = text(
    "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database AND datname = current_database() "
    "WHERE locktype = 'advisory' AND objid = :barrier AND NOT granted"
)
"""The waiting writer; `pg_locks` lists the locks of every database of the server, those of other tests too."""
END = text("SELECT pg_terminate_backend(:pid, 60000)")


@pytest.fixture
def warehouse(signed_in: Lac) -> Iterator[Warehouse]:
    """The warehouse that a sync fills, with the variables that name it."""
    assert signed_in is not None
    with environment(Settings.load()) as ready, open_warehouse(ready) as warehouse:
        yield warehouse


@pytest.fixture
def instance(warehouse: Warehouse) -> Iterator[dg.DagsterInstance]:
    """Where a sync records its runs."""
    assert warehouse
    with dg.DagsterInstance.get() as instance:
        yield instance


@contextmanager
def barrier(event: str) -> Iterator[Connection]:
    """Let each writer of this event into Dagster's database wait, and give the database."""
    engine = make_engine(os.environ["DAGSTER_POSTGRES_URL"])
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(WAITS_AT.format(barrier=BARRIER, event=event)))
            connection.execute(text("SELECT pg_advisory_lock(:barrier)"), {"barrier": BARRIER})
            yield connection
    finally:
        engine.dispose()


@contextmanager
def stopped_sync(connection: Connection) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Give a `lac sync` that stands at the barrier, and the number of its PostgreSQL process; kill it in the end."""
    command = [sys.executable, "-m", "lac_pipeline", "sync", "--account", "all"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline, quiet = time.monotonic() + WITHIN, threading.Event()
    try:
        while (writer := connection.scalar(STANDS, {"barrier": BARRIER})) is None:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            quiet.wait(0.05)
        yield process, writer
    finally:
        process.kill()
        process.communicate()


@pytest.mark.whole
@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("ASSET_MATERIALIZATION_PLANNED", dg.DagsterRunStatus.NOT_STARTED),
        ("RESOURCE_INIT_STARTED", dg.DagsterRunStatus.STARTED),
    ],
)
def test_a_sync_that_is_killed_while_its_run_begins(
    event: str, status: dg.DagsterRunStatus, instance: dg.DagsterInstance, warehouse: Warehouse
) -> None:
    """A run belongs to its process from its first row on: killed before its first step, it is ended as failed."""
    with barrier(event) as connection:
        with stopped_sync(connection) as (_, writer):
            assert [run.status for run in instance.get_runs()] == [status]
            close_unfinished(instance, warehouse)
            assert [run.status for run in instance.get_runs()] == [status]
        connection.execute(END, {"pid": writer})
        close_unfinished(instance, warehouse)
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]


@pytest.mark.whole
def test_a_sync_that_is_killed_between_fetching_and_storing(instance: dg.DagsterInstance, warehouse: Warehouse) -> None:
    """The attempt whose rows were fetched runs until the run is found to be gone; then it has failed, with no row."""
    with barrier("STEP_OUTPUT") as connection:
        with stopped_sync(connection) as (_, writer):
            [run] = instance.get_runs()
            assert [record.status for record in warehouse.read.attempts_of(run.run_id)] == ["running"]
        connection.execute(END, {"pid": writer})
        close_unfinished(instance, warehouse)
    [record] = warehouse.read.attempts_of(run.run_id)
    assert (record.status, record.errors[0]["type"]) == ("failed", "OrphanedAttempt")
    assert warehouse.read.frame_of(record.attempt.asset).empty


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sync_that_is_interrupted_between_steps(number: int, instance: dg.DagsterInstance) -> None:
    """Ctrl-C or SIGTERM while Dagster writes down that the run starts ends the sync with 130; no other run follows."""
    with barrier("PIPELINE_START") as connection, stopped_sync(connection) as (process, _):
        process.send_signal(number)
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
        out, err = process.communicate(timeout=WITHIN)
        assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]
