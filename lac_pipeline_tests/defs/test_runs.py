"""Materializing from Dagster: single partitions, ranges, rectangles, and what must not pass."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.partitions import RANGE_END, RANGE_START, account_partitions, range_tags
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup, stream_of
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import ASSETS, DEFAULT, Pipeline, error_types

METRICS = list(DEFAULT.names_in(AssetGroup.METRICS))


@pytest.fixture
def world() -> World:
    """Three small accounts."""
    return World.synthetic(accounts=3, campaigns=3, creatives=4, days=400)


@pytest.fixture
def start_date() -> date:
    """More than a year ago."""
    return utc_now().date() - timedelta(days=380)


@pytest.fixture
def accounts(pipeline: Pipeline) -> list[str]:
    """The accounts' partitions, as discovery leaves them."""
    return [str(account) for account in pipeline.session.accounts("all")]


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """The error with which the run failed."""
    return "\n".join(
        str(event.step_failure_data.user_failure_data or event.step_failure_data.error)
        for event in result.all_events
        if event.is_step_failure
    )


@pytest.mark.parametrize("asset", ASSETS)
def test_one_partition_of_any_asset(pipeline: Pipeline, accounts: list[str], asset: str) -> None:
    """The Materialize button works for one partition of every asset, and its partition turns green."""
    today = utc_now().date()
    keys = {"metrics": f"{accounts[0]}|{today}", "demographics": f"{accounts[0]}|{today.replace(day=1)}"}
    key = keys.get(stream_of(asset).group, accounts[0])
    result = pipeline.materialize([asset], partition=key)
    assert result.success
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey(asset)) == {key}


def test_an_account_over_a_year_is_one_run_and_a_handful_of_calls(pipeline: Pipeline, accounts: list[str]) -> None:
    """365 partitions of both grains are one run: a call each, two more to reconcile, and every partition green."""
    last = utc_now().date()
    window = DateWindow.inclusive(last - timedelta(days=364), last)
    result = pipeline.materialize(METRICS, tags=range_tags(accounts[0], AssetGroup.METRICS, window))
    assert result.success
    assert pipeline.world.calls["adAnalytics"] == len(METRICS) + 2
    for asset in METRICS:
        assert len(pipeline.instance.get_materialized_partitions(dg.AssetKey(asset))) == 365


def test_several_accounts_and_a_few_days_are_one_rectangle(pipeline: Pipeline, accounts: list[str]) -> None:
    """A run over three accounts and one day, as Dagster folds a wide backfill, loads each account's day."""
    day = utc_now().date() - timedelta(days=10)
    tags = {RANGE_START: f"{accounts[0]}|{day}", RANGE_END: f"{accounts[-1]}|{day}"}
    assert pipeline.materialize(METRICS, tags=tags).success
    table = pipeline.table("creative_daily_metrics")
    assert set(table["account_id"].astype(str)) == set(accounts)
    assert set(table["date"]) == {day}


def test_a_job_backfill_is_refused(pipeline: Pipeline, accounts: list[str]) -> None:
    """A job backfill shows the run one day of its range; the run fails instead of skipping the others silently."""
    last = utc_now().date()
    window = DateWindow.inclusive(last - timedelta(days=9), last)
    leaked = {"dagster/partition/account": accounts[0], "dagster/partition/date": str(window.start)}
    result = pipeline.materialize(METRICS[:1], tags=range_tags(accounts[0], AssetGroup.METRICS, window) | leaked)
    assert not result.success
    assert "requested 10 partitions but Dagster resolved 1" in failure_of(result)
    assert pipeline.world.calls["adAnalytics"] == 0


def test_an_invented_account_is_refused(pipeline: Pipeline, accounts: list[str]) -> None:
    """Anybody can type an account into the launch dialog; the run says that it is unknown, and requests nothing."""
    assert "999" not in accounts
    before = pipeline.world.calls.total()
    result = pipeline.materialize(["campaigns"], tags={"dagster/partition": "999"})
    assert not result.success
    assert "999" in failure_of(result)
    assert pipeline.world.calls.total() == before


def test_a_partition_that_is_no_account_is_refused(pipeline: Pipeline, accounts: list[str]) -> None:
    """A word in place of an account's number is refused with the way out."""
    assert accounts
    pipeline.instance.add_dynamic_partitions(str(account_partitions.name), ["northwind"])
    result = pipeline.materialize(["campaigns"], partition="northwind")
    assert not result.success
    assert "'northwind' is not the id of an ad account" in failure_of(result)


def test_in_a_rectangle_one_account_fails_alone(pipeline: Pipeline, accounts: list[str]) -> None:
    """The accounts that LinkedIn returned are stored and green; the run fails, naming the other one."""
    pipeline.world.edit.forbid(int(accounts[1]))
    tags = {RANGE_START: accounts[0], RANGE_END: accounts[-1]}
    result = pipeline.materialize(["campaigns"], tags=tags)
    assert not result.success
    assert accounts[1] in failure_of(result)
    assert accounts[0] not in failure_of(result)
    stored = {accounts[0], accounts[2]}
    assert set(pipeline.table("campaigns")["account_id"].astype(str)) == stored
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey("campaigns")) == stored


def test_an_account_without_activity_is_green_with_no_rows(pipeline: Pipeline, accounts: list[str]) -> None:
    """A day on which nothing happened is a success with 0 rows."""
    quiet = pipeline.settings.start_date
    pipeline.world.edit.vanish("adAccounts", int(accounts[0]), DateWindow.inclusive(quiet, quiet))
    key = f"{accounts[0]}|{quiet}"
    assert pipeline.materialize(METRICS, partition=key).success
    assert pipeline.table("campaign_daily_metrics").empty
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey("campaign_daily_metrics")) == {key}


def test_a_materialization_carries_its_counts(pipeline: Pipeline, accounts: list[str]) -> None:
    """Rows, calls (a page, and a look-up of names) and seconds are numbers in the metadata, for Dagster to plot."""
    pipeline.materialize(["campaigns"], partition=accounts[0])
    event = pipeline.instance.get_latest_materialization_event(dg.AssetKey("campaigns"))
    assert event is not None
    materialization = event.asset_materialization
    assert materialization is not None
    values = {name: value.value for name, value in materialization.metadata.items()}
    assert (values["fetched"], values["inserted"], values["rejected"], values["api_calls"]) == (3, 3, 0, 2)


def test_lost_access_does_not_empty_the_tables(pipeline: Pipeline, accounts: list[str]) -> None:
    """AdAnalytics responds with 200 with no rows when access is lost; the rows stay and the run says why it failed."""
    day = utc_now().date() - timedelta(days=5)
    key = f"{accounts[0]}|{day}"
    pipeline.materialize(METRICS, partition=key)
    before = len(pipeline.table("creative_daily_metrics"))
    pipeline.world.edit.forbid(int(accounts[0]))
    result = pipeline.materialize(METRICS, partition=key)
    assert not result.success
    assert error_types(pipeline, result.run_id) == {"NotFoundError"}
    assert len(pipeline.table("creative_daily_metrics")) == before > 0


def test_an_account_that_may_not_be_read_is_no_silent_one(pipeline: Pipeline, accounts: list[str]) -> None:
    """Where no row is stored yet, 200 without rows is not taken for a day without activity either."""
    pipeline.world.edit.forbid(int(accounts[0]))
    result = pipeline.materialize(METRICS, partition=f"{accounts[0]}|{utc_now().date() - timedelta(days=5)}")
    assert not result.success
    assert error_types(pipeline, result.run_id) == {"NotFoundError"}
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey("campaign_daily_metrics")) == set()


@pytest.mark.parametrize(("trigger", "calls"), [("scheduled", 0), ("backfill", 1), ("on_demand", 1)])
def test_a_scheduled_refresh_spares_the_call(pipeline: Pipeline, accounts: list[str], trigger: str, calls: int) -> None:
    """Of a silent account whose entities were just read, a scheduled refresh does not ask again who it is."""
    quiet = pipeline.settings.start_date
    pipeline.world.edit.vanish("adAccounts", int(accounts[0]), DateWindow.inclusive(quiet, quiet))
    pipeline.materialize(list(DEFAULT.names_in(AssetGroup.ENTITIES)), partition=accounts[0])
    before = pipeline.world.calls["adAccounts"]
    tags = {"lac/trigger": trigger}
    assert pipeline.materialize(["campaign_daily_metrics"], partition=f"{accounts[0]}|{quiet}", tags=tags).success
    assert pipeline.world.calls["adAccounts"] - before == calls


def test_a_scheduled_refresh_runs_where_the_entities_failed(pipeline: Pipeline, accounts: list[str]) -> None:
    """Access that was lost since the entities were read is noticed by a scheduled refresh too."""
    pipeline.materialize(list(DEFAULT.names_in(AssetGroup.ENTITIES)), partition=accounts[0])
    pipeline.world.edit.forbid(int(accounts[0]))
    pipeline.materialize(list(DEFAULT.names_in(AssetGroup.ENTITIES)), partition=accounts[0])
    key, tags = f"{accounts[0]}|{utc_now().date() - timedelta(days=5)}", {"lac/trigger": "scheduled"}
    assert not pipeline.materialize(["campaign_daily_metrics"], partition=key, tags=tags).success
