"""Metrics that are chosen after an account was loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lac_pipeline.cli.terminal.results import finish
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.status import status_of
from lac_pipeline.definitions import build_definitions
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline_tests.defs.conftest import Pipeline

DAYS = 20


@pytest.fixture
def start_date() -> object:
    """Some days before the refresh window."""
    return utc_now().date() - timedelta(days=DAYS)


def test_a_metric_chosen_later_is_read_and_days_without_it_are_reported(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next sync reads it for the last days; sync and status name the days before, and the command loads them."""
    account = str(pipeline.session.accounts("all")[0])
    pipeline.sync(account)
    monkeypatch.setenv("LAC_METRICS", "impressions,clicks,costInLocalCurrency,reactions")
    settings = Settings.load()
    later = replace(pipeline, settings=settings, definitions=build_definitions(settings))
    synced = {result.group: result for result in later.sync(account)}
    assert synced[AssetGroup.ENTITIES].skipped
    assert synced[AssetGroup.METRICS].reason == Reason(Cause.PARTS_MISSING)
    table = pipeline.table("campaign_daily_metrics")
    today, lookback = utc_now().date(), timedelta(days=settings.lac_lookback_days)
    recent = table["date"] >= today - lookback
    assert (table["reactions"].notna() == recent).all()
    status = status_of(settings, pipeline.warehouse, checked=[int(account)])
    problems = [check for check in status.checks if check.asset == "campaign_daily_metrics"]
    assert [
        (problem.window and problem.window.start, problem.window and problem.window.end) for problem in problems
    ] == [(settings.start_date, today - lookback)]
    missing = later.session.missing_parts([int(account)])
    finish(pipeline.warehouse, [int(account)], [], streams=settings.streams, missing=missing)
    printed = capsys.readouterr().err
    last = today - lookback - timedelta(days=1)
    assert f"lac sync --account {account} --since {settings.start_date} --until {last}" in printed
    later.sync(account, since=settings.start_date, until=last)
    assert pipeline.table("campaign_daily_metrics")["reactions"].notna().all()
    assert later.session.missing_parts([int(account)]) == []


def test_snapshot_and_report_note_the_days_that_lack_a_metric(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snapshot and report carry the warning and its command, too; once the days are loaded, neither does."""
    account = str(pipeline.session.accounts("all")[0])
    pipeline.sync(account)
    monkeypatch.setenv("LAC_METRICS", "impressions,clicks,costInLocalCurrency,reactions")
    settings = Settings.load()
    later = replace(pipeline, settings=settings, definitions=build_definitions(settings))
    later.sync(account)
    last = utc_now().date() - timedelta(days=settings.lac_lookback_days + 1)
    command = f"lac sync --account {account} --since {settings.start_date} --until {last}"
    later.materialize(["account_snapshot", "performance_report"], partition=account)
    notes = kept_notes(later, account)
    assert [note["asset"] for note in notes if command in note["message"]] == [
        "campaign_daily_metrics",
        "creative_daily_metrics",
    ]
    assert all("reactions was chosen after" in note["message"] for note in notes if command in note["message"])
    assert command in page(later, account)
    later.sync(account, since=settings.start_date, until=last)
    later.materialize(["performance_report"], partition=account)
    assert command not in page(later, account)
    later.materialize(["account_snapshot"], partition=account)
    assert not [note for note in kept_notes(later, account) if command in note["message"]]


def kept_notes(pipeline: Pipeline, account: str) -> list[dict[str, str]]:
    """The notes of the account's newest snapshot."""
    document = AccountSnapshots(pipeline.warehouse.engine).latest(int(account))
    assert document is not None
    notes: list[dict[str, str]] = document["quality_notes"]
    return notes


def page(pipeline: Pipeline, account: str) -> str:
    """The account's newest report."""
    (file,) = Path(pipeline.settings.raw_url).rglob(f"reports/{account}/*.html")
    return file.read_text("utf-8")
