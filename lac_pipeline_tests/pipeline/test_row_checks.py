"""The asset checks: each passes on good rows, fails on bad ones, and names rows and the next step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import DDL, Table, delete, insert, update

from lac_pipeline.assets.checks import rejected_share
from lac_pipeline.assets.row_checks import row_results
from lac_pipeline.partitions import range_tags
from lac_pipeline.resources import utc_now
from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.simulator.world import World
from lac_pipeline.storage.checks import LoadChecks
from lac_pipeline.storage.tables import ASSETS, table_of
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.pipeline.conftest import Pipeline

DAILY = "campaign_daily_metrics"
DAYS = 6


@pytest.fixture
def world() -> World:
    """Two accounts, active on every day."""
    return World.synthetic(accounts=2, campaigns=3, creatives=4, days=30)


@pytest.fixture
def start_date() -> date:
    """A few days before today, so that every first sync covers them all."""
    return utc_now().date() - timedelta(days=DAYS - 1)


@pytest.fixture
def window(start_date: date) -> DateWindow:
    """The days that are loaded."""
    return DateWindow.inclusive(start_date, utc_now().date())


@pytest.fixture
def account(pipeline: Pipeline) -> int:
    """An account whose entities and metrics are loaded."""
    account_id = pipeline.session.accounts("all")[0]
    assert all(result.failure is None for result in pipeline.sync(str(account_id)))
    return account_id


def change(pipeline: Pipeline, statement: Any) -> None:  # noqa: ANN401 - any SQL expression
    """Change rows behind the pipeline's back."""
    with pipeline.warehouse.engine.begin() as connection:
        connection.execute(statement)


def facts(asset: str = DAILY) -> Table:
    """An asset's table."""
    return table_of(ASSETS[asset])


def evaluated(
    pipeline: Pipeline, account: int, window: DateWindow | None, asset: str = DAILY
) -> dict[str, dg.AssetCheckResult]:
    """What the row checks say of an account's window."""
    results = row_results(asset, [(account, window)], LoadChecks(pipeline.warehouse.engine), today=utc_now().date())
    return {str(result.check_name): result for result in results}


def failing(pipeline: Pipeline, account: int, window: DateWindow | None, asset: str = DAILY) -> dg.AssetCheckResult:
    """The one check that does not pass."""
    (failed,) = [result for result in evaluated(pipeline, account, window, asset).values() if not result.passed]
    return failed


def rows_of(result: dg.AssetCheckResult) -> list[dict[str, Any]]:
    """The rows that it names."""
    table = result.metadata["rows"]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def checks_alone(pipeline: Pipeline, asset: str) -> dict[str, dg.AssetCheckEvaluation]:
    """Evaluate an asset's checks without materializing it, as the UI's Execute button does."""
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    graph = pipeline.definitions.resolve_asset_graph()
    keys = {
        key for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(asset) and key.name != "reconciliation"
    }
    result = job.get_subset(asset_selection=set(), asset_check_selection=keys).execute_in_process(
        instance=pipeline.instance
    )
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


@pytest.mark.parametrize("scope", Scope)
def test_good_rows_pass_every_check(pipeline: Pipeline, account: int, scope: Scope) -> None:
    """After an ordinary sync every check of every asset that looks at rows passes."""
    window = None if scope is Scope.ENTITIES else DateWindow(pipeline.settings.start_date.replace(day=1), date.max)
    for asset in ASSETS_OF[scope]:
        results = evaluated(pipeline, account, window, asset)
        assert {name: result.passed for name, result in results.items()} == dict.fromkeys(results, True)


def test_the_checks_run_with_the_materialization(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """A run over days of an account evaluates them in one step, over what it loaded itself."""
    result = pipeline.materialize([DAILY], tags=range_tags(account, Scope.METRICS, window))
    assert result.success
    names = {evaluation.check_name for evaluation in result.get_asset_check_evaluations()}
    assert names >= {
        "no_rejected_records",
        "rejected_share",
        "shrink_guard",
        "unique_keys",
        "no_future_facts",
        "no_negative_numbers",
        "facts_have_entities",
        "last_day_complete",
        "currency_known",
    }
    steps = [event.step_key for event in result.all_events if event.is_step_success]
    assert steps.count(f"{DAILY}_checks") == 1


def test_a_day_to_come_is_an_error(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """A row about tomorrow fails the check, which names the row."""
    tomorrow = utc_now().date() + timedelta(days=1)
    change(pipeline, insert(facts()).values(campaign_id=7, date=tomorrow, account_id=account))
    result = evaluated(pipeline, account, window)["no_future_facts"]
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert rows_of(result) == [{"campaign_id": 7, "date": str(tomorrow)}]


def test_a_negative_number_is_an_error(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """Spend below zero fails the check, which names campaign, day and number, and says how to go on."""
    table = facts()
    change(pipeline, update(table).where(table.c.date == window.start).values(cost_in_local_currency="-1.25"))
    result = failing(pipeline, account, window)
    assert (result.check_name, result.severity) == ("no_negative_numbers", dg.AssetCheckSeverity.ERROR)
    assert {(row["date"], row["lowest"]) for row in rows_of(result)} == {(str(window.start), "-1.25")}
    assert "--force" in str(result.description)


def test_only_what_was_loaded_is_looked_at(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """A run over other days does not read, or fail for, the days that it did not load."""
    change(pipeline, update(facts()).where(facts().c.date == window.start).values(cost_in_local_currency="-1.25"))
    later = DateWindow(window.start + timedelta(days=1), window.end)
    assert evaluated(pipeline, account, later)["no_negative_numbers"].passed


@pytest.mark.parametrize(
    ("asset", "key", "entity"),
    [(DAILY, "campaign_id", "campaigns"), ("creative_daily_metrics", "creative_id", "creatives")],
)
def test_facts_without_entity_are_a_warning(
    pipeline: Pipeline, account: int, window: DateWindow, asset: str, key: str, entity: str
) -> None:
    """Metrics of a campaign or creative that is not in its table are named with their days; they may be legitimate."""
    unknown = int(pipeline.table(asset)[key].min())
    change(pipeline, delete(facts(entity)).where(facts(entity).c.id == unknown))
    result = failing(pipeline, account, window, asset)
    assert (result.check_name, result.severity) == ("facts_have_entities", dg.AssetCheckSeverity.WARN)
    (row,) = rows_of(result)
    assert (row["account_id"], row[key]) == (account, unknown)
    assert row["last_day"] >= row["first_day"] >= str(window.start)


def test_a_removed_campaign_is_no_finding(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """A campaign that LinkedIn lists no more keeps its row, so its metrics have their entity."""
    campaign = int(pipeline.world.truth.campaigns(account)[0]["id"])
    pipeline.world.edit.remove("adCampaigns", campaign)
    pipeline.sync(str(account), force=True)
    assert evaluated(pipeline, account, window)["facts_have_entities"].passed


def test_a_silent_yesterday_is_a_warning(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """An account that had rows every day and has none for yesterday is named with the last day that has some."""
    yesterday = utc_now().date() - timedelta(days=1)
    change(pipeline, delete(facts()).where(facts().c.date >= yesterday))
    result = failing(pipeline, account, window)
    assert (result.check_name, result.severity) == ("last_day_complete", dg.AssetCheckSeverity.WARN)
    assert rows_of(result) == [{"account_id": account, "last_day_with_rows": str(yesterday - timedelta(days=1))}]


def test_an_account_that_pauses_now_and_then_is_no_finding(
    pipeline: Pipeline, account: int, window: DateWindow
) -> None:
    """Where one of the days before was silent too, a silent yesterday says nothing."""
    yesterday = utc_now().date() - timedelta(days=1)
    silent = (yesterday, yesterday - timedelta(days=2))
    change(pipeline, delete(facts()).where(facts().c.date.in_(silent)))
    assert evaluated(pipeline, account, window)["last_day_complete"].passed


def test_a_backfill_of_older_days_says_nothing_of_yesterday(
    pipeline: Pipeline, account: int, window: DateWindow
) -> None:
    """A run that did not read yesterday cannot miss it."""
    yesterday = utc_now().date() - timedelta(days=1)
    change(pipeline, delete(facts()).where(facts().c.date == yesterday))
    older = DateWindow(window.start, yesterday)
    assert evaluated(pipeline, account, older)["last_day_complete"].passed


def test_money_without_currency_is_a_warning(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """When the account was never synced its money has no unit; the check says what to materialize."""
    change(pipeline, delete(facts("accounts")))
    result = failing(pipeline, account, window)
    assert (result.check_name, rows_of(result)) == ("currency_known", [{"account_id": account}])
    assert "materialize `accounts`" in str(result.description)


def test_unique_keys_are_enforced_by_postgresql(pipeline: Pipeline, account: int, window: DateWindow) -> None:
    """The check reads that the primary key is in force, instead of all rows; without the key it fails."""
    held = evaluated(pipeline, account, window)["unique_keys"]
    assert (held.passed, held.description) == (True, "PostgreSQL enforces it: primary key (campaign_id, date)")
    with pipeline.warehouse.engine.begin() as connection:
        connection.execute(DDL(f"ALTER TABLE linkedin_ads.{DAILY} DROP CONSTRAINT pk_{DAILY}"))
    assert failing(pipeline, account, window).check_name == "unique_keys"


class TestABrokenForm:
    """A world in which LinkedIn sends a field in another form than ever before."""

    @pytest.fixture
    def world(self) -> World:
        """Forty campaigns, of which twelve have no name."""
        world = World.synthetic(accounts=1, campaigns=40, creatives=4, days=3)
        for campaign in world.truth.campaigns(int(world.truth.accounts()[0]["id"]))[:12]:
            world.edit.drop_field("adCampaigns", int(campaign["id"]), "name")
        return world

    def test_many_rejected_records_are_an_error(self, pipeline: Pipeline) -> None:
        """Beyond a tenth, and ten records, it is not bad data but a new form; the check names the account."""
        (account,) = pipeline.session.accounts("all")
        result = pipeline.materialize(["campaigns"], partition=str(account))
        assert result.success
        evaluations = {one.check_name: one for one in result.get_asset_check_evaluations()}
        share = evaluations["rejected_share"]
        assert (share.passed, share.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert str(share.description).startswith(f"12 of 40 records were rejected (accounts {account})")
        assert share.metadata["share"].value == 0.3
        assert not evaluations["no_rejected_records"].passed

    def test_a_check_alone_looks_at_what_was_loaded_last(self, pipeline: Pipeline) -> None:
        """Evaluated without a materialization, a failing check does not turn green for want of anything to read."""
        (account,) = pipeline.session.accounts("all")
        pipeline.materialize(["campaigns"], partition=str(account))
        evaluations = checks_alone(pipeline, "campaigns")
        assert not evaluations["rejected_share"].passed
        assert evaluations["shrink_guard"].passed


def test_a_few_rejected_records_are_no_error() -> None:
    """Without attempts there is nothing to share out, and the check passes."""
    assert rejected_share("campaigns", []).passed
