"""What LinkedIn loses on the way to us is found out by its own totals."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from lac_pipeline.operations.sync import ScopeSync
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
    assert f"account {account}, {day}: impressions is " in told
    assert f"at LinkedIn, 0 in {losing}" in told
    assert check_of(pipeline, metrics, sound).passed
