"""What LinkedIn loses on the way to us is found out by its own totals."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from lac_pipeline.assets.reconciliation import loaded_by
from lac_pipeline.operations.sync import ScopeSync
from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.pipeline.conftest import Pipeline


def check_of(pipeline: Pipeline, result: ScopeSync, asset: str) -> dg.AssetCheckEvaluation:
    """The evaluation of `reconciliation` in the run of this sync."""
    records = pipeline.instance.get_records_for_run(
        result.run_id or "", of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ).records
    evaluations = [record.event_log_entry.asset_check_evaluation for record in records]
    [found] = [
        one
        for one in evaluations
        if one is not None and one.check_name == "reconciliation" and one.asset_key.path == [asset]
    ]
    return found


def metrics_of(results: list[ScopeSync]) -> ScopeSync:
    """The sync of metrics among an account's."""
    [found] = [result for result in results if result.scope == "metrics"]
    return found


def test_what_agrees_passes_and_costs_two_calls(pipeline: Pipeline) -> None:
    """Both tables are compared with the same two answers."""
    metrics = metrics_of(pipeline.sync())
    for asset in ("campaign_daily_metrics", "creative_daily_metrics"):
        evaluation = check_of(pipeline, metrics, asset)
        assert (evaluation.passed, evaluation.metadata["compared"].value) == (True, 18)
    assert pipeline.world.calls["adAnalytics"] <= 1 + 1 + 9 + 1 + 2


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
    told = evaluation.description or ""
    assert told.startswith(f"load the days again: `lac sync --account {account} --since {day} --until {day} --force`")
    assert f"account {account}, {day}: clicks is " in told
    assert f"at LinkedIn, 0 in {losing}" in told
    table = evaluation.metadata["totals"]
    assert isinstance(table, dg.TableMetadataValue)
    shown = [record.data for record in table.records]
    [impressions] = [one for one in shown if (one["days"], one["metric"]) == (str(day), "impressions")]
    assert (impressions["account"], impressions["ours"]) == (str(account), "0")
    assert impressions["linkedin"] != "0"
    assert check_of(pipeline, metrics, sound).passed


def test_a_retry_compares_what_the_run_before_it_loaded(pipeline: Pipeline) -> None:
    """When only the check is left to be done again, it looks at the loads of the run that was lost in it."""
    metrics = metrics_of(pipeline.sync())
    run = pipeline.instance.get_run_by_id(metrics.run_id or "")
    assert run is not None
    retry = dg.DagsterRun(run.job_name, root_run_id=run.run_id, parent_run_id=run.run_id)
    assets = ASSETS_OF[Scope.METRICS]
    loaded = loaded_by(retry, pipeline.warehouse.read, assets)
    assert [sorted(tables) for tables in loaded.values()] == [sorted(assets)]
    assert loaded == loaded_by(run, pipeline.warehouse.read, assets)
