"""Runs of the freshness sensor that several accounts share: each account has its own attempt, failure and partition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.defs.conftest import Pipeline, age, running_pipeline
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon

STREAMS = "campaigns,campaign_daily_metrics"


@pytest.fixture
def world() -> World:
    """Four small accounts."""
    return World.synthetic(accounts=4, campaigns=2, creatives=2, days=3)


@pytest.fixture
def pipeline(world: World, start_date: date, warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline over campaigns and their numbers; the first three accounts were synced five hours ago."""
    with running_pipeline(world, start_date, warehouse_url, tmp_path, LAC_STREAMS=STREAMS) as pipeline:
        for account in pipeline.session.accounts("all")[:3]:
            pipeline.sync(str(account))
        age(pipeline)
        yield pipeline


@pytest.fixture
def daemon(pipeline: Pipeline, database_url: str) -> Iterator[Daemon]:
    """A daemon over an instance that knows the accounts."""
    with running_daemon(database_url) as daemon:
        daemon.know(*pipeline.session.accounts("all"))
        yield daemon


def requested(daemon: Daemon) -> dict[tuple[str, str], dg.DagsterRun]:
    """The runs that the sensor requested, by their asset group and accounts."""
    runs = daemon.runs("freshness_sensor")
    return {(run.tags["lac/scope"], run.tags["lac/account"]): run for run in runs}


def test_accounts_that_share_a_run_fail_and_succeed_alone(pipeline: Pipeline, daemon: Daemon) -> None:
    """Of three in a run the one that may not be read fails; the others are stored, green and fresh, in four runs."""
    first, second, third, new = pipeline.session.accounts("all")
    pipeline.world.edit.forbid(second)
    daemon.run_sensor("freshness_sensor")
    together = f"{first},{second},{third}"
    assert set(requested(daemon)) == {
        (group, each) for group in ("entities", "metrics") for each in (together, str(new))
    }
    daemon.execute_queued()
    runs = requested(daemon)
    assert {key for key, run in runs.items() if run.is_success} == {("entities", str(new)), ("metrics", str(new))}
    states = pipeline.session.gate.states([first, second, third, new])
    assert {(state.account_id, state.failures) for state in states if not state.fresh} == {(second, 1)}
    today = utc_now().date()
    green = daemon.instance.get_materialized_partitions(dg.AssetKey("campaign_daily_metrics"))
    assert {key for key in green if key.endswith(str(today))} == {f"{each}|{today}" for each in (first, third, new)}
    run_id = runs["metrics", together].run_id
    ended = {record.attempt.account_id: record.status for record in pipeline.warehouse.read.attempts_of(run_id)}
    assert ended == {first: "success", second: "failed", third: "success"}
    waits = daemon.run_sensor("freshness_sensor")
    assert waits.skip_reason is not None
    assert "2 waiting after a failure, 0 requested" in waits.skip_reason


def test_a_lost_run_of_several_accounts_is_swept_for_each(pipeline: Pipeline, daemon: Daemon) -> None:
    """When the process of such a run is gone, the attempts of all its accounts have failed, and they are due again."""
    accounts = pipeline.session.accounts("all")[:3]
    daemon.run_sensor("freshness_sensor")
    run = requested(daemon)["entities", ",".join(map(str, accounts))]
    for account in accounts:
        pipeline.warehouse.begin("campaigns", account, run_id=run.run_id, trigger="scheduled", window=None)
    daemon.instance.report_run_failed(run)
    daemon.run_sensor("housekeeping_sensor")
    ended = {(record.attempt.account_id, record.status) for record in pipeline.warehouse.read.attempts_of(run.run_id)}
    assert ended == {(account, "failed") for account in accounts}
