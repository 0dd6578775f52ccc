"""What LinkedIn loses on the way to us is found out by its own totals."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, update

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import GroupSync
from lac_pipeline.commands.status import status_of
from lac_pipeline.defs.checks.account_totals import not_compared, whole_days
from lac_pipeline.defs.checks.check_scope import loads_of
from lac_pipeline.defs.partitions import range_tags
from lac_pipeline.errors import LacError
from lac_pipeline.reporting.quality_notes import check_notes
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.check_results import CheckState, NotCompared
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.reconciliation import NOT_YET
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, table_of
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline, checks_alone

DAILY = "campaign_daily_metrics"


def check_of(pipeline: Pipeline, result: GroupSync, asset: str) -> dg.AssetCheckEvaluation:
    """The evaluation of `reconciliation` in the run of this sync."""
    records = pipeline.instance.get_records_for_run(
        result.run_id or "", of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ).records
    evaluations = [record.event_log_entry.asset_check_evaluation for record in records]
    [found] = [
        evaluation
        for evaluation in evaluations
        if evaluation is not None and evaluation.check_name == "reconciliation" and evaluation.asset_key.path == [asset]
    ]
    return found


def metrics_of(results: list[GroupSync]) -> GroupSync:
    """The sync of metrics among an account's."""
    [found] = [result for result in results if result.group == "metrics"]
    return found


def test_what_agrees_passes_and_costs_two_calls(pipeline: Pipeline) -> None:
    """Both tables are compared with the same two responses."""
    metrics = metrics_of(pipeline.sync())
    for asset in ("campaign_daily_metrics", "creative_daily_metrics"):
        evaluation = check_of(pipeline, metrics, asset)
        assert (evaluation.passed, evaluation.metadata["compared"].value) == (True, 18)
    assert pipeline.world.calls["adAnalytics"] <= 1 + 1 + 1 + 9 + 1 + 2 + 3


def test_a_refresh_is_compared_day_by_day_with_one_call(pipeline: Pipeline) -> None:
    """Its few days cost no second call; what LinkedIn loses in them still fails the check, and so does their sum."""
    pipeline.sync()
    day = utc_now().date() - timedelta(days=1)
    pipeline.world.edit.lose_rows("CAMPAIGN", DateWindow.inclusive(day, day))
    before = len(pipeline.world.requests)
    metrics = metrics_of(pipeline.sync(force=True))
    totals = "pivot=ACCOUNT&timeGranularity=DAILY"
    assert sum(totals in request.query for request in pipeline.world.requests[before:]) == 1
    evaluation = check_of(pipeline, metrics, DAILY)
    assert evaluation.passed is False
    assert f"{day}: clicks is " in (evaluation.description or "")
    table = evaluation.metadata["rows"]
    assert isinstance(table, dg.TableMetadataValue)
    assert {row.data["days"] for row in table.records} == {str(day), "all"}
    assert check_of(pipeline, metrics, "creative_daily_metrics").metadata["compared"].value == 18


@pytest.mark.parametrize(
    ("pivot", "losing", "sound"),
    [
        ("CAMPAIGN", "campaign_daily_metrics", "creative_daily_metrics"),
        ("CREATIVE", "creative_daily_metrics", "campaign_daily_metrics"),
    ],
)
def test_silent_loss_cannot_pass(pipeline: Pipeline, pivot: str, losing: str, sound: str) -> None:
    """Rows that LinkedIn leaves out of one pivot fail its table's check by account, day, metric and both numbers."""
    day = pipeline.settings.start_date + timedelta(days=1)
    pipeline.world.edit.lose_rows(pivot, DateWindow.inclusive(day, day))
    metrics = metrics_of(pipeline.sync())
    evaluation = check_of(pipeline, metrics, losing)
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.ERROR)
    [account] = pipeline.warehouse.read.known_account_ids()
    description = evaluation.description or ""
    again = f"load the days again: `lac sync --account {account} --since {day} --until {day} --force`"
    name = pipeline.world.truth.accounts()[0]["name"]
    assert description.startswith(f"account {name} ({account}), {day}: ")
    assert description.endswith(again)
    assert f"{day}: clicks is " in description
    assert f"at LinkedIn, 0 in {losing}" in description
    table = evaluation.metadata["rows"]
    assert isinstance(table, dg.TableMetadataValue)
    shown = [record.data for record in table.records]
    [impressions] = [row for row in shown if (row["days"], row["metric"]) == (str(day), "impressions")]
    assert (impressions["account"], impressions["ours"]) == (f"{name} ({account})", "0")
    assert impressions["linkedin"] != "0"
    assert check_of(pipeline, metrics, sound).passed


def test_days_that_were_not_compared_are_named_until_they_are(pipeline: Pipeline) -> None:
    """Without its checks, as a run that is killed after a load leaves it, status and snapshot name the days."""
    [account] = pipeline.session.accounts("all")
    days = DateWindow(pipeline.settings.start_date, utc_now().date())
    loaded = DateWindow.inclusive(days.start, days.end)
    metrics = [dg.AssetKey(name) for name in pipeline.settings.streams.names_in(AssetGroup.METRICS)]
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    job.get_subset(asset_selection=set(metrics), asset_check_selection=set()).execute_in_process(
        instance=pipeline.instance, tags=range_tags(account, AssetGroup.METRICS, loaded)
    )

    def checks() -> list[CheckState]:
        return list(status_of(pipeline.settings, pipeline.warehouse, checked=[account]).checks)

    pending = {(state.asset, state.passed, state.facts, state.window) for state in checks()}
    compared = [stream.name for stream in STREAMS if stream.report is not None and stream.report.totals_match]
    assert pending == {(asset, None, NotCompared(NOT_YET), days) for asset in compared}
    assert all("not compared with LinkedIn's totals: " in note.message for note in check_notes(checks()))
    pipeline.sync(since=days.start, force=True)
    assert checks() == []


def test_a_retry_compares_what_the_run_before_it_loaded(pipeline: Pipeline) -> None:
    """When only the check is left to be done again, it looks at the loads of the run that was lost in it."""
    metrics = metrics_of(pipeline.sync())
    run = pipeline.instance.get_run_by_id(metrics.run_id or "")
    assert run is not None
    retry = dg.DagsterRun(run.job_name, root_run_id=run.run_id, parent_run_id=run.run_id)
    loaded = whole_days(loads_of(retry, pipeline.warehouse.read))
    assert [sorted(tables) for tables in loaded.values()] == [sorted(STREAMS.names_in(AssetGroup.METRICS))]
    assert loaded == whole_days(loads_of(run, pipeline.warehouse.read))


def test_what_linkedin_returned_instead_can_be_stored(engine: Engine) -> None:
    """A message with characters that PostgreSQL refuses becomes the reason why nothing was compared."""
    window = DateWindow(date(2026, 11, 1), date(2026, 11, 3))
    error = LacError("LinkedIn failed", detail="\x00\x1b[31m\ud800")
    CheckStates(engine).record(not_compared(520000001, window, [DAILY], error, "run"))
    [state] = CheckStates(engine).not_passed()
    assert (state.passed, state.is_error) == (None, False)
    assert state.facts == NotCompared("LinkedIn failed; \\x00\\x1b[31m\\ud800")


def change(pipeline: Pipeline, statement: Any) -> None:  # noqa: ANN401 - any SQL expression
    """Change rows behind the pipeline's back."""
    with pipeline.warehouse.engine.begin() as connection:
        connection.execute(statement)


class TestTwoAccounts:
    """A world of two accounts, of which one loses rows on the way."""

    @pytest.fixture
    def world(self) -> World:
        """Two small accounts."""
        return World.synthetic(accounts=2, campaigns=2, creatives=2, days=40)

    @pytest.fixture
    def start_date(self) -> date:
        """Five days."""
        return utc_now().date() - timedelta(days=4)

    def test_a_good_account_does_not_hide_a_wrong_one(self, pipeline: Pipeline) -> None:
        """The next run, of another account, fails the check for the first one, until its days are loaded again."""
        wrong, good = pipeline.session.accounts("all")
        day = pipeline.settings.start_date + timedelta(days=1)
        pipeline.world.edit.lose_rows("CAMPAIGN", DateWindow.inclusive(day, day))
        assert not check_of(pipeline, metrics_of(pipeline.sync(str(wrong))), DAILY).passed
        pipeline.world.edit.undo_rows()
        later = check_of(pipeline, metrics_of(pipeline.sync(str(good))), DAILY)
        assert (later.passed, later.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert f" ({wrong}), {day}: " in str(later.description)
        assert (later.metadata["accounts"].value, later.metadata["accounts_failing"].value) == (2, 1)
        reloaded = metrics_of(pipeline.sync(str(wrong), since=day, until=day, force=True))
        assert check_of(pipeline, reloaded, DAILY).passed

    def test_executing_the_check_compares_what_is_stored(self, pipeline: Pipeline) -> None:
        """Without a load the tables are compared with the stored totals of every account, without requests."""
        assert not checks_alone(pipeline, DAILY, "reconciliation")["reconciliation"].passed
        first, second = pipeline.session.accounts("all")
        pipeline.sync()
        calls = sum(pipeline.world.calls.values())
        agreed = checks_alone(pipeline, DAILY, "reconciliation")["reconciliation"]
        assert (agreed.passed, agreed.metadata["accounts"].value, agreed.metadata["compared"].value) == (True, 2, 36)
        day = pipeline.settings.start_date + timedelta(days=1)
        table = table_of(CampaignDailyMetric)
        change(pipeline, update(table).where(table.c.account_id == second, table.c.date == day).values(clicks=0))
        differing = checks_alone(pipeline, DAILY, "reconciliation")["reconciliation"]
        assert (differing.passed, differing.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert f" ({second}), " in str(differing.description)
        assert f" ({first}), " not in str(differing.description)
        assert sum(pipeline.world.calls.values()) == calls
