"""The asset checks: each passes on good rows, fails on bad ones, and names rows and the next step."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, Table, delete, insert, update

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.checks.check_reports import check_result
from lac_pipeline.defs.checks.row_checks import row_states
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.check_results import Check, CheckState, RowFindings
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.check_queries import LoadChecks
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_, SyncLog
from lac_pipeline.warehouse.schema.tables import stream_table
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline, checks_alone

DAILY = "campaign_daily_metrics"
CREATIVES = "creative_daily_metrics"
ACCOUNT = 510000001
DAYS = 6


@pytest.fixture
def window() -> DateWindow:
    """The days that are loaded, today included."""
    today = utc_now().date()
    return DateWindow.inclusive(today - timedelta(days=DAYS - 1), today)


@pytest.fixture
def loaded(engine: Engine, window: DateWindow) -> Engine:
    """A warehouse with an account, a campaign and two creatives that were active on every day."""
    change(engine, insert(facts("accounts")).values(id=ACCOUNT, name="Northwind", currency="EUR"))
    change(engine, insert(facts("campaigns")).values(id=1, account_id=ACCOUNT, name="Autumn", status="ACTIVE"))
    creatives = [{"id": each, "account_id": ACCOUNT, "campaign_id": 1, "name": str(each)} for each in (1, 2)]
    change(engine, insert(facts("creatives")).values(creatives))
    for asset, key, ids in ((DAILY, "campaign_id", (1,)), (CREATIVES, "creative_id", (1, 2))):
        rows = [
            {key: identifier, "date": day, "account_id": ACCOUNT, "impressions": 9}
            for identifier in ids
            for day in window
        ]
        change(engine, insert(facts(asset)).values(rows))
    return engine


def change(engine: Engine, statement: Any) -> None:  # noqa: ANN401 - any SQL expression
    """Change rows behind the pipeline's back."""
    with engine.begin() as connection:
        connection.execute(statement)


def facts(asset: str = DAILY) -> Table:
    """An asset's table."""
    return stream_table(asset)


def evaluated(engine: Engine, window: DateWindow | None, asset: str = DAILY) -> dict[str, dg.AssetCheckResult]:
    """What the row checks say of the account's window."""
    states = row_states(asset, [(ACCOUNT, window)], LoadChecks(engine), today=utc_now().date(), run_id="run")
    return {state.check.value: check_result(dg.AssetKey(asset), state.check, [state]) for state in states}


def failing(engine: Engine, window: DateWindow | None, asset: str = DAILY) -> dg.AssetCheckResult:
    """The one check that does not pass."""
    (failed,) = [result for result in evaluated(engine, window, asset).values() if not result.passed]
    return failed


def rows_of(result: dg.AssetCheckResult) -> list[dict[str, Any]]:
    """The rows that it names."""
    table = result.metadata["rows"]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_what_a_sum_of_reach_would_overstate_is_in_the_metadata(loaded: Engine) -> None:
    """The check passes, as nothing is wrong, and Dagster shows the note all the same."""
    month = {"account_id": ACCOUNT, "month": date(2026, 10, 1), "impressions": 9000}
    levels = (("account", ACCOUNT, 1000), ("campaign", 1, 700), ("campaign", 2, 800))
    rows = [month | {"level": name, "entity_id": each, "approximate_member_reach": n} for name, each, n in levels]
    change(loaded, insert(facts("reach_by_month")).values(rows))
    result = evaluated(loaded, DateWindow(date(2026, 10, 1), date(2026, 11, 1)), "reach_by_month")["reach_levels_agree"]
    notes = result.metadata["notes"]
    assert isinstance(notes, dg.TableMetadataValue)
    assert (result.passed, [record.data["overstated_percent"] for record in notes.records]) == (True, [50])


@pytest.mark.parametrize("asset", STREAMS.names)
def test_good_rows_pass_every_check(loaded: Engine, window: DateWindow, asset: str) -> None:
    """Every check of every asset that looks at rows passes on rows as they should be."""
    results = evaluated(loaded, window, asset)
    assert {name: result.passed for name, result in results.items()} == dict.fromkeys(results, True)


def test_a_day_to_come_is_an_error(loaded: Engine, window: DateWindow) -> None:
    """A row about tomorrow fails the check, which names the row."""
    tomorrow = utc_now().date() + timedelta(days=1)
    change(loaded, insert(facts()).values(campaign_id=1, date=tomorrow, account_id=ACCOUNT))
    result = failing(loaded, window)
    assert (result.check_name, result.severity) == ("no_future_facts", dg.AssetCheckSeverity.ERROR)
    assert rows_of(result) == [{"account": f"{ACCOUNT}", "campaign_id": 1, "date": str(tomorrow)}]


def test_a_negative_number_is_an_error(loaded: Engine, window: DateWindow) -> None:
    """Spend below zero fails the check, which names campaign, day and number, and says how to go on."""
    spend = update(facts()).where(facts().c.date == window.start).values(cost_in_local_currency="-1.25")
    change(loaded, spend)
    result = failing(loaded, window)
    assert (result.check_name, result.severity) == ("no_negative_numbers", dg.AssetCheckSeverity.ERROR)
    found = {"campaign_id": 1, "date": str(window.start), "lowest": "-1.25"}
    assert rows_of(result) == [{"account": f"{ACCOUNT}"} | found]
    again = f"`lac sync --account {ACCOUNT} --since {window.start} --until {window.last} --force`"
    assert str(result.description).endswith(again)


@pytest.mark.parametrize("amount", ["-2e-18", "-0.000001"])
def test_money_that_rounds_to_nothing_is_no_negative_number(loaded: Engine, window: DateWindow, amount: str) -> None:
    """LinkedIn's sums may end a hair below zero, which is no failure."""
    change(loaded, update(facts()).where(facts().c.date == window.start).values(cost_in_usd=amount))
    assert evaluated(loaded, window)["no_negative_numbers"].passed


def test_only_what_was_loaded_is_looked_at(loaded: Engine, window: DateWindow) -> None:
    """A run over other days does not read, or fail for, the days that it did not load."""
    change(loaded, update(facts()).where(facts().c.date == window.start).values(cost_in_local_currency="-1.25"))
    assert evaluated(loaded, DateWindow(window.start + timedelta(days=1), window.end))["no_negative_numbers"].passed


def test_the_rows_shown_are_few_and_their_number_is_whole(loaded: Engine, window: DateWindow) -> None:
    """Of many rows twenty are shown, and the number is that of all."""
    days = [{"campaign_id": number, "date": window.end, "account_id": ACCOUNT} for number in range(50)]
    change(loaded, insert(facts()).values(days))
    result = failing(loaded, window)
    assert (len(rows_of(result)), result.metadata["found"].value) == (20, 50)
    assert str(result.description).startswith(f"account {ACCOUNT}: 50 rows are about days to come; ")


@pytest.mark.parametrize(
    ("asset", "entity", "named"),
    [(DAILY, "campaigns", {"campaign_id": 1}), (CREATIVES, "creatives", {"creative_id": 1})],
)
def test_facts_without_entity_are_a_warning(
    loaded: Engine, window: DateWindow, asset: str, entity: str, named: dict[str, int]
) -> None:
    """Metrics of a campaign or creative that is not in its table are named with their days; they may be legitimate."""
    change(loaded, delete(facts(entity)).where(facts(entity).c.id == 1))
    result = failing(loaded, window, asset)
    assert (result.check_name, result.severity) == ("facts_have_entities", dg.AssetCheckSeverity.WARN)
    days = {"first_day": str(window.start), "last_day": str(window.last)}
    assert rows_of(result) == [{"account": f"{ACCOUNT}"} | named | days]


def listed(engine: Engine, day: date, *, status: str = "success") -> None:
    """Log that the account's list of campaigns was read on a day."""
    at = datetime.combine(day, time(9), UTC)
    log = {"asset": "campaigns", "account_id": ACCOUNT, "run_id": "r", "trigger": "on_demand", "status": status}
    change(engine, insert(SyncLog).values(**log, started_at=at))


def test_a_campaign_that_linkedin_deleted_is_noted(loaded: Engine, window: DateWindow) -> None:
    """Active before the list was read and not in it, it is deleted: the check passes, and names it with its days."""
    change(loaded, delete(facts("campaigns")))
    listed(loaded, window.last)
    result = evaluated(loaded, window)["facts_have_entities"]
    notes = result.metadata["notes"]
    assert isinstance(notes, dg.TableMetadataValue)
    days = {"first_day": str(window.start), "last_day": str(window.last)}
    assert (result.passed, [record.data for record in notes.records]) == (
        True,
        [{"account": f"{ACCOUNT}", "campaign_id": 1} | days],
    )


@pytest.mark.parametrize(("later", "status"), [(0, "success"), (1, "failed"), (1, "partial")])
def test_a_campaign_that_may_be_newer_than_the_list_is_a_warning(
    loaded: Engine, window: DateWindow, later: int, status: str
) -> None:
    """Nothing is known of one that began on the day of the list, or where the list was not read to its end."""
    change(loaded, delete(facts("campaigns")))
    listed(loaded, window.start + timedelta(days=later), status=status)
    assert not evaluated(loaded, window)["facts_have_entities"].passed


def test_a_campaign_of_a_list_with_refused_records_is_a_warning(loaded: Engine, window: DateWindow) -> None:
    """The record in quarantine may be that of the campaign."""
    change(loaded, delete(facts("campaigns")))
    listed(loaded, window.last)
    about = {"asset": "campaigns", "account_id": ACCOUNT, "raw": {}, "field": "x", "value": "?", "reason": "?"}
    when = {"first_seen": utc_now(), "last_seen": utc_now(), "run_id": "r", "digest": "d", "record_id": "?"}
    change(loaded, insert(RejectedRecord_).values(**about, **when))
    assert not evaluated(loaded, window)["facts_have_entities"].passed


def test_a_removed_campaign_is_no_finding(loaded: Engine, window: DateWindow) -> None:
    """A campaign that LinkedIn lists no more keeps its row, so its metrics have their entity."""
    change(loaded, update(facts("campaigns")).values(removed_at=utc_now()))
    assert evaluated(loaded, window)["facts_have_entities"].passed


def test_a_silent_yesterday_is_a_warning(loaded: Engine, window: DateWindow) -> None:
    """An account that had rows every day and has none for yesterday is named with the last day that has some."""
    yesterday = utc_now().date() - timedelta(days=1)
    change(loaded, delete(facts()).where(facts().c.date >= yesterday))
    result = failing(loaded, window)
    assert (result.check_name, result.severity) == ("last_day_complete", dg.AssetCheckSeverity.WARN)
    assert rows_of(result) == [{"account": f"{ACCOUNT}", "last_day_with_rows": str(yesterday - timedelta(days=1))}]


def test_a_load_that_ends_with_yesterday_sees_that_it_is_silent(loaded: Engine, window: DateWindow) -> None:
    """A sync of whole days alone, without today, carries the warning too."""
    today = utc_now().date()
    change(loaded, delete(facts()).where(facts().c.date == today - timedelta(days=1)))
    assert not evaluated(loaded, DateWindow(window.start, today))["last_day_complete"].passed


@pytest.mark.parametrize("ago", [1, 2, 3])
def test_an_account_that_pauses_now_and_then_is_no_finding(loaded: Engine, window: DateWindow, ago: int) -> None:
    """Where one of the three days before was silent too, a silent yesterday says nothing."""
    yesterday = utc_now().date() - timedelta(days=1)
    change(loaded, delete(facts()).where(facts().c.date.in_((yesterday, yesterday - timedelta(days=ago)))))
    assert evaluated(loaded, window)["last_day_complete"].passed


def test_a_backfill_of_older_days_does_not_evaluate_yesterday(loaded: Engine, window: DateWindow) -> None:
    """A run that did not read yesterday cannot miss it."""
    yesterday = utc_now().date() - timedelta(days=1)
    change(loaded, delete(facts()).where(facts().c.date == yesterday))
    assert "last_day_complete" not in evaluated(loaded, DateWindow(window.start, yesterday))


@pytest.mark.parametrize("statement", [delete(facts("accounts")), update(facts("accounts")).values(currency=None)])
def test_money_without_currency_is_a_warning(loaded: Engine, window: DateWindow, statement: Any) -> None:  # noqa: ANN401
    """When the account was never synced, or has no currency, its money has no unit; the check says what to do."""
    change(loaded, statement)
    result = failing(loaded, window)
    assert (result.check_name, rows_of(result)) == ("currency_known", [{"account": f"{ACCOUNT}"}])
    assert "materialize `accounts`" in str(result.description)


def test_unique_keys_are_enforced_by_postgresql(loaded: Engine, window: DateWindow) -> None:
    """The check reads that the primary key is in force, instead of all rows; without the key it fails."""
    result = evaluated(loaded, window)["unique_keys"]
    assert (result.passed, result.metadata["primary_key"].value) == (True, "campaign_id, date")
    with loaded.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE linkedin_ads.{DAILY} DROP CONSTRAINT pk_{DAILY}")
    broken = failing(loaded, window)
    assert (broken.check_name, broken.severity) == ("unique_keys", dg.AssetCheckSeverity.ERROR)
    assert f"ALTER TABLE linkedin_ads.{DAILY} ADD PRIMARY KEY (campaign_id, date)" in str(broken.description)


class TestInARun:
    """A world of one account that was active on a few days."""

    @pytest.fixture
    def world(self) -> World:
        """One small account."""
        return World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)

    @pytest.fixture
    def start_date(self) -> date:
        """The day before today, which is over and so has rows at any hour."""
        return utc_now().date() - timedelta(days=1)

    def test_the_checks_run_with_the_materialization(self, pipeline: Pipeline, start_date: date) -> None:
        """A run evaluates all of an asset's checks in one step, over what it loaded itself."""
        (account,) = pipeline.session.accounts("all")
        result = pipeline.materialize([DAILY], partition=f"{account}|{start_date}")
        assert result.success
        passed = {evaluation.check_name: evaluation.passed for evaluation in result.get_asset_check_evaluations()}
        of_the_rows = ("no_future_facts", "no_negative_numbers", "last_day_complete", "unique_keys")
        of_the_run = ("no_rejected_records", "rejected_share", "shrink_guard")
        assert {name: passed[name] for name in (*of_the_rows, *of_the_run)} == dict.fromkeys(
            (*of_the_rows, *of_the_run), True
        )
        assert (passed["facts_have_entities"], passed["currency_known"]) == (False, False)
        steps = [event.step_key for event in result.all_events if event.is_step_success]
        assert steps.count(f"{DAILY}_checks") == 1


def test_a_note_names_the_account_and_its_days_in_order() -> None:
    """In a check's table the account comes first, then what the row is about, and the first day before the last."""
    note: dict[str, str | int | None] = {"last_day": "2026-11-27", "first_day": "2026-08-29", "campaign_id": 7}
    facts = RowFindings(0, (), (note,))
    state = CheckState(Check.FACTS_HAVE_ENTITIES, "campaign_daily_metrics", 5, True, facts, None, "run")
    result = check_result(dg.AssetKey("campaign_daily_metrics"), state.check, [state], AccountNames({5: "Acme"}))
    notes = result.metadata["notes"]
    assert isinstance(notes, dg.TableMetadataValue)
    assert [*notes.records[0].data] == ["account", "campaign_id", "first_day", "last_day"]
    assert notes.records[0].data["account"] == "Acme (5)"


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
        pipeline.materialize(["accounts"], partition=str(account))
        named = f"{pipeline.world.truth.accounts()[0]['name']} ({account})"
        result = pipeline.materialize(["campaigns"], partition=str(account))
        assert result.success
        evaluations = {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}
        share = evaluations["rejected_share"]
        assert (share.passed, share.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert str(share.description).startswith(f"account {named}: 12 of 40 records were rejected")
        assert (share.metadata["rejected"].value, share.metadata["fetched"].value) == (12, 40)
        quarantine = evaluations["no_rejected_records"]
        assert str(quarantine.description).startswith(f"12 records are in quarantine (account {named}: 12); ")

    def test_a_check_alone_looks_at_what_was_loaded_last(self, pipeline: Pipeline) -> None:
        """Evaluated without a materialization, a failing check does not turn green for want of anything to read."""
        (account,) = pipeline.session.accounts("all")
        pipeline.materialize(["campaigns"], partition=str(account))
        evaluations = checks_alone(pipeline, "campaigns")
        assert not evaluations["rejected_share"].passed
        assert evaluations["shrink_guard"].passed
