"""`lac sync` over several accounts: they share runs, and each has its own attempts, failure and result."""

from __future__ import annotations

import signal
import threading
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline

STREAMS = "accounts,campaigns,campaign_daily_metrics"


@pytest.fixture
def world() -> World:
    """Three small accounts."""
    return World.synthetic(accounts=3, campaigns=2, creatives=2, days=3)


@pytest.fixture
def start_date() -> date:
    """Three days are loaded."""
    return utc_now().date() - timedelta(days=2)


@pytest.fixture
def streams() -> str:
    """Two asset groups."""
    return STREAMS


def accounts_by_run(results: list[GroupSync]) -> list[tuple[AssetGroup, list[int]]]:
    """The asset group and the accounts of each run, in turn."""
    runs: dict[tuple[str, AssetGroup], list[int]] = defaultdict(list)
    for result in results:
        runs[str(result.run_id), result.group].append(result.account_id)
    return [(group, accounts) for (_, group), accounts in runs.items()]


def test_accounts_share_a_run_of_each_asset_group(pipeline: Pipeline) -> None:
    """Three accounts are loaded by two runs; each has its own attempts, with its own rows."""
    results = pipeline.sync()
    first, second, third = (int(account["id"]) for account in pipeline.world.truth.accounts())
    together = [first, second, third]
    assert accounts_by_run(results) == [(AssetGroup.ENTITIES, together), (AssetGroup.METRICS, together)]
    assert [result.failure for result in results] == [None] * 6
    for result in results:
        assert {record.attempt.account_id for record in result.attempts} == {result.account_id}
        assert {record.attempt.asset for record in result.attempts} == {*result.assets}
    assert set(pipeline.table("campaign_daily_metrics")["account_id"]) == {*together}


def test_an_account_that_fails_is_the_only_failure_and_then_runs_alone(pipeline: Pipeline) -> None:
    """The others are loaded to the end in the run that they share with it; later it makes no run of theirs fail."""
    accounts = first, second, third = pipeline.session.accounts("all")
    pipeline.world.edit.forbid(second)
    results = list(pipeline.session.sync(accounts, SyncRequest()))
    assert {result.account_id for result in results if result.failure is not None} == {second}
    failed = next(result for result in results if result.account_id == second)
    assert f"account {second}: " in str(failed.failure)
    assert str(first) not in str(failed.failure)
    assert failed.not_tried == ["campaign_groups", "campaigns"]
    assert set(pipeline.table("campaigns")["account_id"]) == {first, third}
    again = list(pipeline.session.sync(accounts, SyncRequest(force=True)))
    runs = accounts_by_run(again)
    for group in (AssetGroup.ENTITIES, AssetGroup.METRICS):
        assert (group, [second]) in runs
    assert {result.account_id for result in again if result.failure is not None} == {second}
    failed_runs = {run.run_id for run in pipeline.instance.get_runs() if run.is_failure}
    assert not failed_runs & {str(each.run_id) for each in again if each.account_id != second}


BLOCKING = """
CREATE FUNCTION pg_temp.wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(42);
  RETURN NEW;
END $$
"""


def test_an_interrupted_run_shows_the_accounts_that_it_has_stored(pipeline: Pipeline) -> None:
    """Of two accounts whose campaigns are loaded one after the other, the first has its partition, the other none."""
    accounts = first, second, _ = pipeline.session.accounts("all")
    main = threading.main_thread().ident
    assert main is not None
    with pipeline.warehouse.engine.connect() as connection:
        connection.execute(text(BLOCKING))
        connection.execute(
            text(
                "CREATE TRIGGER waits BEFORE INSERT ON linkedin_ads.campaigns FOR EACH ROW "
                f"WHEN (NEW.account_id = {second}) EXECUTE FUNCTION pg_temp.wait()"
            )
        )
        connection.commit()
        connection.execute(text("SELECT pg_advisory_lock(42)"))

        def interrupt() -> None:
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted")
            while not connection.scalar(waiting):
                pass
            signal.pthread_kill(main, signal.SIGINT)

        watching = threading.Thread(target=interrupt)
        watching.start()
        with pytest.raises(KeyboardInterrupt):
            list(pipeline.session.sync(accounts, SyncRequest()))
        watching.join()
    assert pipeline.instance.get_materialized_partitions(dg.AssetKey("campaigns")) == {str(first)}
    assert set(pipeline.table("campaigns")["account_id"]) == {first}


def test_an_account_that_is_fresh_is_in_no_run(pipeline: Pipeline) -> None:
    """Accounts whose days differ, or of which some are fresh, share what can be shared."""
    first, second, third = pipeline.session.accounts("all")
    pipeline.sync(str(second))
    results = pipeline.sync()
    assert [result.account_id for result in results if result.fresh] == [second, second]
    loaded = accounts_by_run([result for result in results if not result.skipped])
    assert loaded == [(group, [each]) for group in pipeline.settings.streams.groups for each in (first, third)]


def test_accounts_keep_the_order_in_which_they_are_named(pipeline: Pipeline) -> None:
    """Batches begin with the account that was named first."""
    first, second, third = pipeline.session.accounts("all")
    assert pipeline.session.batches([third, first]) == [(third,), (first,)]
    assert pipeline.session.batches([second, first]) == [(second, first)]
    assert pipeline.session.batches([]) == []


def test_one_account_a_run(world: World, start_date: date, warehouse_url: str, tmp_path: Path) -> None:
    """With LAC_ACCOUNTS_PER_RUN=1 each account has its own runs, and is done before the next begins."""
    given = {"LAC_STREAMS": STREAMS, "LAC_ACCOUNTS_PER_RUN": "1"}
    with running_pipeline(world, start_date, warehouse_url, tmp_path, **given) as pipeline:
        accounts = pipeline.session.accounts("all")
        assert pipeline.session.batches(accounts) == [(account,) for account in accounts]
        results = list(pipeline.session.sync(accounts[:2], SyncRequest()))
        assert [len(of) for _, of in accounts_by_run(results)] == [1, 1, 1, 1]
