"""LAC_STREAMS narrowed after everything was loaded: nothing loads the other streams, and their data stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import dagster as dg
import pytest

from lac_pipeline.archive.left_out import LeftOut, UnchosenStream
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.plan import plan
from lac_pipeline.commands.replay import Replay
from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
from lac_pipeline.commands.status import AssetStatus, status_of
from lac_pipeline.definitions import build_definitions
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline_tests.defs.conftest import Pipeline

CHOSEN = ["accounts", "campaign_groups", "campaigns", "campaign_daily_metrics"]
GROUPS = [AssetGroup.ENTITIES, AssetGroup.METRICS]


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=1, creatives=2, days=3)


@pytest.fixture
def start_date() -> date:
    """The day before yesterday."""
    return utc_now().date() - timedelta(days=2)


def narrowed(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, streams: str = "campaign_daily_metrics") -> Pipeline:
    """The same pipeline, started with fewer streams."""
    monkeypatch.setenv("LAC_STREAMS", streams)
    settings = Settings.load()
    return replace(pipeline, settings=settings, definitions=build_definitions(settings))


def test_what_is_not_chosen_is_not_loaded_and_stays(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync loads the chosen stream and its parents; the rows of the others stay, and status says why they age."""
    account = int(pipeline.session.accounts("all")[0])
    pipeline.sync()
    before = pipeline.tables()
    fewer = narrowed(pipeline, monkeypatch)
    results = fewer.sync(force=True)
    assert [result.group for result in results] == GROUPS
    assert [attempt.attempt.asset for result in results for attempt in result.attempts] == CHOSEN
    assert all(result.failure is None and not result.not_tried for result in results)
    assert all(table.equals(before[name]) for name, table in pipeline.tables().items())
    assert [state.group for state in fewer.session.gate.states([account])] == sorted(GROUPS)
    shown = {asset.asset: asset for asset in status_of(fewer.settings, fewer.warehouse, checked=[account]).assets}
    assert {name for name, row in shown.items() if left_out(row)} == {*before} - {*CHOSEN}
    assert shown["creatives"].rows == len(before["creatives"]) > 0
    steps = plan(fewer.session, [account], SyncRequest(force=True), fewer.settings).steps
    assert [(step.group, step.rows) for step in steps] == [
        (group, sum(len(before[name]) for name in fewer.settings.streams.names_in(group))) for group in GROUPS
    ]


def left_out(status: AssetStatus) -> bool:
    """Whether an asset is never due, for LAC_STREAMS leaves it out."""
    return status.freshness is None and status.next_due == "never: not in LAC_STREAMS"


def test_replay_names_what_is_not_chosen(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive's loads of other streams are not done again, and each stream is named with their number."""
    account = int(pipeline.session.accounts("all")[0])
    pipeline.sync()
    fewer = narrowed(pipeline, monkeypatch)
    replay = Replay(
        fewer.settings,
        warehouse=pipeline.warehouse,
        instance=fewer.instance,
        since=utc_now().date() - timedelta(days=1),
    )
    results = list(replay.replay(account))
    loads = [result for result in results if isinstance(result, GroupSync)]
    assert [attempt.attempt.asset for result in loads for attempt in result.attempts] == CHOSEN
    left = {result.asset: result.cause for result in results if isinstance(result, LeftOut)}
    assert left == dict.fromkeys({*pipeline.settings.streams.names} - {*CHOSEN}, UnchosenStream(1))


@pytest.mark.parametrize(
    ("streams", "schedules", "freshness"),
    [
        ("accounts", set(), "accounts"),
        ("campaign_daily_metrics", {"nightly_restatement", "weekly_restatement"}, "campaign_daily_metrics"),
        ("audience_demographics", {"weekly_demographics"}, "accounts"),
    ],
)
def test_the_code_location_holds_what_is_chosen(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, streams: str, schedules: set[str], freshness: str
) -> None:
    """Assets, schedules and the check of all accounts follow the chosen streams, and Dagster finds nothing wrong."""
    fewer = narrowed(pipeline, monkeypatch, streams)
    dg.Definitions.validate_loadable(fewer.definitions)
    repository = fewer.definitions.get_repository_def()
    graph = fewer.definitions.resolve_asset_graph()
    assets = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert assets == {*fewer.settings.streams.names, "account_snapshot", "performance_report"}
    assert {schedule.name for schedule in repository.schedule_defs} == schedules | {"daily_report"}
    assert [key.asset_key.to_user_string() for key in graph.asset_check_keys if key.name == "account_freshness"] == [
        freshness
    ]
