"""Old runs are deleted with their events, and no partition loses what Dagster shows of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.run_requests import run_request
from lac_pipeline.defs.sensors.run_retention import EXAMINED, delete_old_runs
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon

ASSET = dg.AssetKey("campaigns")
KEPT = timedelta(days=30)
OLD = text("UPDATE runs SET create_timestamp = create_timestamp - interval '40 days', "
           "update_timestamp = update_timestamp - interval '40 days' WHERE run_id = :run_id")  # fmt: skip


@pytest.fixture
def pipeline(warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline over the campaigns of two small accounts, which keeps runs for thirty days."""
    world = World.synthetic(accounts=2, campaigns=1, creatives=1, days=3)
    chosen = {"LAC_STREAMS": "campaigns", "LAC_RUN_RETENTION_DAYS": str(KEPT.days)}
    with running_pipeline(world, utc_now().date(), warehouse_url, tmp_path, **chosen) as pipeline:
        yield pipeline


@pytest.fixture
def daemon(pipeline: Pipeline, database_url: str) -> Iterator[Daemon]:
    """A daemon that knows both accounts."""
    with running_daemon(database_url) as daemon:
        daemon.know(*pipeline.session.accounts("all"))
        yield daemon


@pytest.fixture
def runs_table(daemon: Daemon, database_url: str) -> Iterator[Connection]:
    """A connection to Dagster's database."""
    assert daemon
    engine = create_engine(make_url(database_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def refresh(daemon: Daemon, pipeline: Pipeline, *accounts: int) -> str:
    """Load the campaigns of these accounts, as a run that the freshness sensor requests."""
    request = run_request(accounts, AssetGroup.ENTITIES, None, streams=pipeline.settings.streams)
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    partition = {} if request.partition_key is None else {"dagster/partition": request.partition_key}
    result = job.execute_in_process(
        asset_selection=list(request.asset_selection or ()),
        tags={**request.tags, **partition},
        partition_key=request.partition_key,
        instance=daemon.instance,
    )
    assert result.success
    return result.run_id


def kept(daemon: Daemon) -> set[str]:
    """The runs that are there."""
    return {run.run_id for run in daemon.instance.get_runs()}


def test_a_run_goes_when_later_ones_have_filled_its_partitions(
    daemon: Daemon, pipeline: Pipeline, runs_table: Connection
) -> None:
    """Of old runs the housekeeping sensor deletes what later runs filled again; every partition stays materialized."""
    first, second = pipeline.session.accounts("all")
    both, again, newest = refresh(daemon, pipeline, first, second), refresh(daemon, pipeline, first), ""
    shown = daemon.instance.get_latest_storage_id_by_partition(ASSET, dg.DagsterEventType.ASSET_MATERIALIZATION)
    for run_id in (both, again):
        runs_table.execute(OLD, {"run_id": run_id})
    daemon.run_sensor("housekeeping_sensor")
    assert kept(daemon) == {both, again}  # the second account is shown from the first run

    newest = refresh(daemon, pipeline, first, second)
    deleted, _ = delete_old_runs(daemon.instance, KEPT, None, now=utc_now())
    assert (deleted, kept(daemon)) == (2, {newest})
    assert daemon.instance.all_logs(both) == []
    assert daemon.instance.get_materialized_partitions(ASSET) == set(shown)


def test_a_run_that_failed_stays_until_its_partitions_are_tried_again(
    daemon: Daemon, pipeline: Pipeline, runs_table: Connection
) -> None:
    """What failed last is not forgotten, however long ago that was."""
    (first, _) = pipeline.session.accounts("all")
    done, failed = refresh(daemon, pipeline, first), refresh(daemon, pipeline, first)
    for run_id in (done, failed):
        runs_table.execute(OLD, {"run_id": run_id})
    runs_table.execute(text("UPDATE runs SET status = 'FAILURE' WHERE run_id = :run_id"), {"run_id": failed})
    delete_old_runs(daemon.instance, KEPT, None, now=utc_now())
    assert kept(daemon) == {failed}


def test_a_young_run_and_those_of_other_code_stay(daemon: Daemon, pipeline: Pipeline, runs_table: Connection) -> None:
    """Only runs of this pipeline that ended before the days that are kept are deleted."""
    (first, _) = pipeline.session.accounts("all")
    young, newest = refresh(daemon, pipeline, first), refresh(daemon, pipeline, first)
    other = daemon.instance.add_run(dg.DagsterRun(job_name="theirs", status=dg.DagsterRunStatus.SUCCESS))
    runs_table.execute(OLD, {"run_id": other.run_id})
    delete_old_runs(daemon.instance, KEPT, None, now=utc_now())
    assert kept(daemon) == {young, newest, other.run_id}


def test_runs_are_looked_at_some_at_a_time_and_once_a_day(daemon: Daemon, runs_table: Connection) -> None:
    """The cursor goes on where the last tick stopped; after the last run nothing is done until the next day."""
    tags = {"lac/account": "520000001"}
    runs = [dg.DagsterRun(job_name="sync", status=dg.DagsterRunStatus.FAILURE, tags=tags) for _ in range(EXAMINED + 5)]
    for run in runs:
        daemon.instance.add_run(run)
        runs_table.execute(OLD, {"run_id": run.run_id})
    now = utc_now()
    first, cursor = delete_old_runs(daemon.instance, KEPT, None, now=now)
    second, cursor = delete_old_runs(daemon.instance, KEPT, cursor, now=now)
    assert (first, second, kept(daemon)) == (EXAMINED, 5, set())
    late = daemon.instance.add_run(runs[0])
    runs_table.execute(OLD, {"run_id": late.run_id})
    assert delete_old_runs(daemon.instance, KEPT, cursor, now=now) == (0, cursor)
    assert delete_old_runs(daemon.instance, KEPT, cursor, now=now + timedelta(days=1))[0] == 1


def test_by_default_no_run_is_deleted(daemon: Daemon, runs_table: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """With LAC_RUN_RETENTION_DAYS at 0 the sensor leaves all runs."""
    monkeypatch.setenv("LAC_RUN_RETENTION_DAYS", "0")
    run = dg.DagsterRun(job_name="sync", status=dg.DagsterRunStatus.FAILURE, tags={"lac/account": "520000001"})
    daemon.instance.add_run(run)
    runs_table.execute(OLD, {"run_id": run.run_id})
    daemon.run_sensor("housekeeping_sensor")
    assert run.run_id in kept(daemon)
