"""Runs over three accounts of which one may not be read: the others get everything, and the run fails for that one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.partitions import RANGE_END, RANGE_START, accounts_of
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline_tests.defs.conftest import DEFAULT, Pipeline, error_types
from lac_pipeline_tests.defs.daemon import Daemon, running_daemon

ENTITIES, METRICS = list(DEFAULT.names_in(AssetGroup.ENTITIES)), list(DEFAULT.names_in(AssetGroup.METRICS))


@pytest.fixture
def world() -> World:
    """Three small accounts."""
    return World.synthetic(accounts=3, campaigns=2, creatives=2, days=10)


@pytest.fixture
def start_date() -> date:
    """Three days are loaded."""
    return utc_now().date() - timedelta(days=2)


@pytest.fixture
def accounts(pipeline: Pipeline) -> list[str]:
    """The accounts' partitions; the second one may not be read."""
    accounts = [str(account) for account in pipeline.session.accounts("all")]
    pipeline.world.edit.forbid(int(accounts[1]))
    return accounts


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """What each failed step says."""
    return {
        str(event.step_key): str(event.step_failure_data.user_failure_data)
        for event in result.all_events
        if event.is_step_failure
    }


def span(accounts: list[str], day: date | None = None) -> dict[str, str]:
    """The tags of a run from the first account to the last."""
    first, last = (f"{each}|{day}" if day else each for each in (accounts[0], accounts[-1]))
    return {RANGE_START: first, RANGE_END: last}


def test_the_others_get_every_asset_downstream(pipeline: Pipeline, accounts: list[str]) -> None:
    """The account's trouble in the first asset keeps no other account from the assets after it; the run fails."""
    result = pipeline.materialize(ENTITIES, tags=span(accounts))
    assert not result.success
    readable = {accounts[0], accounts[2]}
    for asset in ENTITIES:
        assert pipeline.instance.get_materialized_partitions(dg.AssetKey(asset)) == readable
    for asset in ENTITIES[1:]:
        assert set(pipeline.table(asset)["account_id"].astype(str)) == readable
    (failed,) = failures(result).items()
    assert failed[0] == "accounts_checks"
    assert f"account {accounts[1]}: " in failed[1]
    assert error_types(pipeline, result.run_id) == {"NotFoundError"}


def test_of_the_failed_account_nothing_more_is_requested(pipeline: Pipeline, accounts: list[str]) -> None:
    """Assets after the one that failed for an account do not try that account, as in a run of its own."""
    pipeline.materialize(ENTITIES, tags=span(accounts))
    tried = {record.attempt.asset for record in attempts(pipeline) if str(record.attempt.account_id) == accounts[1]}
    assert tried == {"accounts"}


def attempts(pipeline: Pipeline) -> list[AttemptRecord]:
    """What all runs did."""
    runs = pipeline.instance.get_runs()
    return [record for run in runs for record in pipeline.warehouse.read.attempts_of(run.run_id)]


def test_the_others_days_are_loaded_and_compared(pipeline: Pipeline, accounts: list[str]) -> None:
    """Of a day of three accounts both tables are loaded for two, and their checks and reconciliation are evaluated."""
    yesterday = utc_now().date() - timedelta(days=1)
    result = pipeline.materialize(METRICS, tags=span(accounts, yesterday))
    assert not result.success
    assert set(failures(result)) == {f"{asset}_checks" for asset in METRICS}
    keys = {f"{accounts[0]}|{yesterday}", f"{accounts[2]}|{yesterday}"}
    for asset in METRICS:
        assert pipeline.instance.get_materialized_partitions(dg.AssetKey(asset)) == keys
    evaluated = {
        (evaluation.asset_key.path[-1], evaluation.check_name) for evaluation in result.get_asset_check_evaluations()
    }
    assert {(asset, "unique_keys") for asset in METRICS} <= evaluated
    assert {(f"{entity}_daily_metrics", "reconciliation") for entity in ("campaign", "creative")} <= evaluated


def test_a_run_without_checks_fails_in_the_asset_itself(pipeline: Pipeline, accounts: list[str]) -> None:
    """Where a person deselected the checks no step is there to fail later, and the run is still red."""
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    subset = job.get_subset(asset_selection={dg.AssetKey("campaigns")}, asset_check_selection=set())
    result = subset.execute_in_process(instance=pipeline.instance, tags=span(accounts), raise_on_error=False)
    assert set(failures(result)) == {"campaigns"}
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey("campaigns")) == {accounts[0], accounts[2]}


def test_an_account_that_cannot_be_stored_costs_no_other(pipeline: Pipeline, accounts: list[str]) -> None:
    """Where most records of one account have a new form, it fails as it is stored; those after it are stored."""

    def spoil(body: bytes) -> bytes:
        listed = json.loads(body)
        return json.dumps({**listed, "elements": [{"id": "new form"}] * 9}).encode()

    pipeline.world.faults.add("adCampaigns", kind="altered", about=f"/{accounts[0]}/", alter=spoil)
    result = pipeline.materialize(["campaigns"], tags=span(accounts))
    error = failures(result)["campaigns_checks"]
    assert [account for account in accounts if f"account {account}: " in error] == accounts[:2]
    assert "UnexpectedPayloadError" in error_types(pipeline, result.run_id)
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey("campaigns")) == {accounts[2]}


@pytest.fixture
def daemon(accounts: list[str], database_url: str) -> Iterator[Daemon]:
    """A daemon over an instance that knows the accounts."""
    with running_daemon(database_url) as daemon:
        daemon.know(*map(int, accounts))
        yield daemon


def test_a_backfill_of_all_assets(daemon: Daemon, accounts: list[str]) -> None:
    """All assets of three accounts, as the UI's *Materialize all*: two get everything, the third is red throughout."""
    today = utc_now().date()
    days = [today - timedelta(days=ago) for ago in (1, 0)]
    keys = dict.fromkeys([*ENTITIES, "account_snapshot", "performance_report"], accounts)
    keys |= {asset: [f"{account}|{day}" for account in accounts for day in days] for asset in METRICS}
    keys["audience_demographics"] = [f"{account}|{today.replace(day=1)}" for account in accounts]
    backfill = daemon.backfill(keys)
    assert backfill.status.value == "COMPLETED_FAILED"
    for asset, requested in keys.items():
        green = daemon.instance.get_materialized_partitions(dg.AssetKey(asset))
        assert green == {key for key in requested if not key.startswith(accounts[1])}, asset


def test_alone_it_fails_at_once(pipeline: Pipeline, accounts: list[str]) -> None:
    """A run of that account alone ends at the first asset, and tries no other."""
    result = pipeline.materialize(ENTITIES, partition=accounts[1])
    assert set(failures(result)) == {"accounts"}


@pytest.mark.parametrize(
    ("tags", "covered"),
    [
        ({"lac/account": "7"}, [7]),
        ({"lac/account": "9,5", RANGE_START: "9", RANGE_END: "7"}, [9, 5]),
        ({"dagster/partition": "5|2026-11-01"}, [5]),
        ({RANGE_START: "9", RANGE_END: "7"}, [9, 5, 7]),
        ({RANGE_START: "5|2026-11-01", RANGE_END: "5|2026-11-30"}, [5]),
        ({RANGE_START: "8", RANGE_END: "8"}, [8]),
        ({}, []),
    ],
)
def test_the_accounts_of_a_run(tags: dict[str, str], covered: list[int]) -> None:
    """A range runs from account to account in the order in which Dagster learned of them."""
    assert accounts_of(tags, ["9", "5", "7"]) == covered
