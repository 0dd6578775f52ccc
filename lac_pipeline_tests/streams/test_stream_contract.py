"""What every stream of the catalogue promises, written once and run for each of them.

One account goes through five syncs: the first, the same again, one with unreadable records, one with records that are
gone, and a replay of the archive into an emptied database. The tests read what is known after each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import delete, func, select

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.plan import Plan, plan
from lac_pipeline.commands.replay import Replay
from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.status import status_of
from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION
from lac_pipeline.linkedin.metrics import Kind
from lac_pipeline.models.entities import model_of
from lac_pipeline.simulator.world.identity import READ_SCOPES
from lac_pipeline.simulator.world.lead_responses import lead_responses
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS, Partitioning, Report, Stream, declare
from lac_pipeline.streams.custom_reports import read_reports
from lac_pipeline.warehouse.check_results import Check
from lac_pipeline.warehouse.load.rejects import OpenRejection, open_rejections
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.overviews import LINES, PARTS
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline.warehouse.schema.descriptions import describe_asset
from lac_pipeline.warehouse.schema.tables import (
    HISTORIES,
    MetricRestatement,
    StreamState,
    SyncLog,
    account_of,
    day_of,
    stream_table,
    table_of,
)
from lac_pipeline.windows import DateWindow, month_of
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline

DOCUMENTS = Path(__file__).parents[2] / "docs"
DECLARED = DOCUMENTS / "reports.toml"
ALL = STREAMS.with_reports(read_reports(DECLARED, version=DEFAULT_VERSION))
"""The streams of the catalogue, and the reports of the file that the documents show."""
BY_STREAM = pytest.mark.parametrize(
    "stream", [pytest.param(each, marks=pytest.mark.whole, id=each.name) for each in ALL]
)
DAYS = 15
EVERYTHING = {
    "LAC_STREAMS": "all",
    "LAC_REPORTS": str(DECLARED),
    "LAC_CAMPAIGN_DEMOGRAPHICS": "MEMBER_SENIORITY,MEMBER_COUNTRY_V2",
}
"""The settings with which every stream is loaded."""

Attempts = dict[str, AttemptRecord]


@dataclass
class Story:
    """What was seen after each sync, by stream.

    Attributes:
        pipeline: as it is at the end.
        account: the ad account.
        expected: how many records LinkedIn had before the first sync.
        estimate: what `lac plan` expected of the second sync.
        attempts: of each sync, by its name.
        tables: the rows after each sync, by its name.
        requests: the paths that the first sync requested, and how often.
        states: the freshness after the first sync.
        checks: the checks of the first sync that did not pass.
        materialized: the metadata of each partition after the first sync.
        rejections: the quarantine after the third sync.
        kept: rows of each history after the first and the third sync.
        restated: the streams whose changes are in the log after the fourth sync, which took something away of each.
    """

    pipeline: Pipeline
    account: int
    estimate: Plan
    expected: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    tables: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    states: list[Freshness] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    materialized: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    rejections: list[OpenRejection] = field(default_factory=list)
    kept: list[dict[str, int]] = field(default_factory=list)
    restated: set[str] = field(default_factory=set)

    def sync(self, name: str) -> None:
        """Sync every day again, and remember what came of it."""
        results = self.pipeline.sync(force=True, since=self.window.start)
        assert [result.failure for result in results if result.failure] == []
        self.attempts[name] = {attempt.attempt.asset: attempt for result in results for attempt in result.attempts}
        self.remember(name)

    def remember(self, name: str) -> None:
        """Remember the rows."""
        self.tables[name] = self.pipeline.tables()

    @property
    def window(self) -> DateWindow:
        """Every day that is loaded."""
        return DateWindow.inclusive(self.pipeline.settings.start_date, self.pipeline.world.now().date())

    def covered(self, stream: Stream) -> DateWindow:
        """The days of the stream: whole months where it is loaded by months."""
        if not stream.monthly:
            return self.window
        return DateWindow(month_of(self.window.start).start, month_of(self.window.last).end)


@pytest.fixture(scope="module")
def story(module_warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One account through the five syncs."""
    world = World.synthetic(accounts=1, campaigns=6, creatives=12, days=DAYS, ragged_pages=True)
    start = utc_now().date() - timedelta(days=DAYS)
    home = tmp_path_factory.mktemp("home")
    allow_everything(world)
    with running_pipeline(world, start, module_warehouse_url, home, **EVERYTHING) as pipeline:
        yield run_story(pipeline)


def allow_everything(world: World) -> None:
    """Give the token every scope that a stream needs."""
    needed = (scope for stream in STREAMS for scope in stream.needs)
    world.token, world.refresh_token = world.authorize(tuple(dict.fromkeys((*READ_SCOPES, *needed))))


def run_story(pipeline: Pipeline) -> Story:
    """Run the five syncs."""
    account = int(pipeline.world.truth.accounts()[0]["id"])
    story = Story(pipeline, account, Plan([], 0))
    story.expected = {stream.name: expected_rows(story, stream) for stream in ALL}
    story.sync("first")
    story.requests = Counter(request.path for request in pipeline.world.requests)
    story.states = pipeline.session.gate.states([account])
    story.materialized = {stream.name: metadata_of(pipeline, stream) for stream in ALL}
    story.checks = failed_checks(pipeline)
    story.kept.append(versions(pipeline))
    request = SyncRequest(force=True, since=story.window.start)
    story.estimate = plan(pipeline.session, [account], request, pipeline.settings)
    story.sync("again")
    for stream in ALL:
        spoil(story, stream)
    story.sync("refused")
    story.rejections = open_rejections(pipeline.warehouse.engine, limit=1_000_000)
    story.kept.append(versions(pipeline))
    for stream in ALL:
        take_away(story, stream)
    story.sync("gone")
    with pipeline.warehouse.engine.connect() as connection:
        story.restated = {*connection.scalars(select(MetricRestatement.asset).distinct())}
    empty(pipeline)
    yesterday = utc_now().date() - timedelta(days=1)
    replay = Replay(pipeline.settings, warehouse=pipeline.warehouse, instance=pipeline.instance, since=yesterday)
    assert [result.failure for result in replay.replay(account) if result.failure] == []
    story.remember("replayed")
    return story


def expected_rows(story: Story, stream: Stream) -> int:
    """How many records LinkedIn has of a stream, in the simulator's own books."""
    if is_listed_by_time(stream):
        return len(responses_of(story))
    if not isinstance(stream.source, Report):
        return len(list(story.pipeline.world.entities.listed(stream.source.name, None)))
    pivots = story.pipeline.settings.pivots_of(stream.source)
    return sum(len(report_rows(story, stream, stream.source, pivot)) for pivot in pivots)


def report_rows(story: Story, stream: Stream, report: Report, pivot: str) -> list[dict[str, Any]]:
    """LinkedIn's rows of a report by one of its pivots, with the metrics that the stream reads."""
    metrics = [metric.name for metric in story.pipeline.settings.metrics_of(stream)]
    truth = story.pipeline.world.truth
    entities = [[]] if report.one_by_one is None else [[campaign["id"]] for campaign in truth.campaigns(story.account)]
    return [
        row
        for campaigns in entities
        for row in truth.analytics(
            *(story.account, pivot, report.granularity, story.covered(stream), metrics),
            within=report.within,
            campaigns=campaigns,
        )
    ]


def is_listed_by_time(stream: Stream) -> bool:
    """Whether LinkedIn lists the stream's records of some days."""
    return stream.resource is not None and bool(stream.resource.time_range)


def responses_of(story: Story) -> list[dict[str, Any]]:
    """The lead form responses that LinkedIn has, in the simulator's own books."""
    world = story.pipeline.world
    now = world.now().timestamp() * 1000
    return [sent for sent in lead_responses(world, story.account, story.window) if sent["submittedAt"] <= now]


def metadata_of(pipeline: Pipeline, stream: Stream) -> dict[str, dict[str, Any]]:
    """The metadata of every materialized partition of a stream."""
    records = pipeline.instance.fetch_materializations(dg.AssetKey(stream.name), limit=1000, ascending=True).records
    events = [record.asset_materialization for record in records]
    return {
        str(event.partition): {name: value.value for name, value in event.metadata.items()} for event in events if event
    }


def failed_checks(pipeline: Pipeline) -> list[str]:
    """The checks whose newest evaluation did not pass."""
    graph = pipeline.definitions.resolve_asset_graph()
    newest = pipeline.instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [key for key in graph.asset_check_keys if key.name != "account_freshness"]
    )
    return [
        key.to_user_string()
        for key, record in newest.items()
        if record.event is None
        or record.event.dagster_event is None
        or not record.event.dagster_event.asset_check_evaluation_data.passed
    ]


def versions(pipeline: Pipeline) -> dict[str, int]:
    """How many versions each history holds."""
    with pipeline.warehouse.engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0 for name, table in HISTORIES.items()
        }


def example(story: Story, stream: Stream) -> tuple[str, str]:
    """A row of LinkedIn's that the stream loads: the pivot and its value, or the resource and the record's id."""
    if isinstance(stream.source, Report):
        pivot, metric = story.pipeline.settings.pivots_of(stream.source)[0], metric_of(story, stream)
        rows = report_rows(story, stream, stream.source, pivot)
        return pivot, str(max(rows, key=lambda row: row.get(metric, 0))["pivotValues"][-1])
    if is_listed_by_time(stream):
        return stream.source.name, str(responses_of(story)[0]["id"])
    records = story.pipeline.world.entities.listed(stream.source.name, None)
    return stream.source.name, str(next(iter(records)).id)


def metric_of(story: Story, stream: Stream) -> str:
    """A count that the rows of a report hold."""
    return next(metric.name for metric in story.pipeline.settings.metrics_of(stream) if metric.kind is Kind.COUNT)


def spoil(story: Story, stream: Stream) -> None:
    """Let LinkedIn return a record of the stream that no column can take."""
    kind, value = example(story, stream)
    edit = story.pipeline.world.edit
    if stream.report:
        edit.break_rows(kind, story.covered(stream), name=metric_of(story, stream), replacement="many", value=value)
    elif is_listed_by_time(stream):
        edit.alter_response(value, leadType="bad\0text")
    else:
        edit.set_field(kind, int(value), text_field(story, stream), "bad\0text")


def text_field(story: Story, stream: Stream) -> str:
    """A field of the stream's records that is read as text, or else as an object, and is no part of their key."""
    model = model_of(stream)
    if "name" in model.model_fields:
        return "name"
    record = next(iter(story.pipeline.world.entities.listed(stream.endpoint, None))).record
    keys = {str(model.model_fields[name].validation_alias) for name in model.key}
    others = {name: record[name] for name in model.known_fields() - keys if isinstance(record.get(name), str | dict)}
    return min(others, key=lambda name: (isinstance(others[name], dict), name))


def take_away(story: Story, stream: Stream) -> None:
    """Let LinkedIn return that record no more."""
    kind, value = example(story, stream)
    edit = story.pipeline.world.edit
    if stream.report:
        edit.lose_rows(kind, story.covered(stream), value=value)
    elif is_listed_by_time(stream):
        edit.withdraw_response(value)
    elif stream.parent is None:  # the account itself: without it there is nothing to sync
        edit.set_field(kind, int(value), "name", "Renamed")
    else:
        edit.remove(kind, int(value))


def empty(pipeline: Pipeline) -> None:
    """Empty every table that a sync fills."""
    streams = [stream_table(name) for name in ALL.names]
    with pipeline.warehouse.engine.begin() as connection:
        for table in (*streams, *map(table_of, (SyncLog, StreamState, MetricRestatement)), *HISTORIES.values()):
            connection.execute(delete(table))


@pytest.fixture
def forbidden(warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline whose token LinkedIn does not let read the streams that are spared."""
    world = World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)
    allow_everything(world)
    for stream in STREAMS:
        if stream.spared:
            report = stream.report
            about = f"pivots=List({','.join((*report.within, *report.pivots))})" if report else ""
            world.faults.add(stream.endpoint, kind="status", status=403, about=about)
    start = utc_now().date() - timedelta(days=2)
    with running_pipeline(world, start, warehouse_url, tmp_path, LAC_STREAMS="all") as pipeline:
        yield pipeline


@pytest.mark.whole
def test_a_stream_that_the_token_may_not_read_is_skipped(forbidden: Pipeline) -> None:
    """Every other stream loads, nothing fails, its group is fresh, and status and check say why until it is read."""
    spared = {stream.name for stream in STREAMS if stream.spared}
    results = forbidden.sync()
    assert [result.failure for result in results if result.failure] == []
    status = {attempt.attempt.asset: attempt.status for result in results for attempt in result.attempts}
    assert {name for name, ended in status.items() if ended == "unavailable"} == spared
    assert set(status.values()) == {"unavailable", "success"}
    (account,) = forbidden.session.accounts("all")
    assert {state.due for state in forbidden.session.gate.states([account])} == {False}
    shown = status_of(forbidden.settings, forbidden.warehouse, checked=[account])
    assert {asset.asset for asset in shown.assets if asset.last_status == "unavailable"} == spared
    assert {(check.asset, check.check) for check in shown.checks} == {(name, Check.STREAM_READABLE) for name in spared}
    forbidden.world.faults.clear()
    assert {attempt.status for result in forbidden.sync(force=True) for attempt in result.attempts} == {"success"}
    assert status_of(forbidden.settings, forbidden.warehouse, checked=[account]).checks == []


@BY_STREAM
def test_everything_that_linkedin_has_is_loaded(story: Story, stream: Stream) -> None:
    """Each record of LinkedIn's is a row, over short and empty pages and to the last one."""
    assert len(story.tables["first"][stream.name]) == story.expected[stream.name] > 0


@BY_STREAM
def test_it_is_requested_from_the_resource_of_the_catalogue(story: Story, stream: Stream) -> None:
    """The first sync requested the stream's own path."""
    path = stream.resource.path.format(account_id=story.account) if stream.resource else "/rest/adAnalytics"
    assert story.requests[path] > 0


@BY_STREAM
def test_the_same_again_changes_nothing(story: Story, stream: Stream) -> None:
    """A second sync counts every row as unchanged, and the table is the same."""
    attempt = story.attempts["again"][stream.name]
    assert (attempt.inserted, attempt.updated, attempt.pruned) == (0, 0, 0)
    assert attempt.unchanged == len(story.tables["first"][stream.name])
    pd.testing.assert_frame_equal(story.tables["again"][stream.name], story.tables["first"][stream.name])


@BY_STREAM
def test_a_refused_record_leaves_its_row_alone(story: Story, stream: Stream) -> None:
    """The record is in quarantine, the attempt is partial, and the row stays as it was."""
    attempt = story.attempts["refused"][stream.name]
    assert (attempt.status, attempt.pruned) == ("partial", 0)
    assert attempt.rejected > 0
    assert [rejection for rejection in story.rejections if rejection.asset == stream.name]
    pd.testing.assert_frame_equal(story.tables["refused"][stream.name], story.tables["first"][stream.name])


@BY_STREAM
def test_what_is_gone_is_pruned_or_marked_removed(story: Story, stream: Stream) -> None:
    """A row that LinkedIn returns no more is deleted, or kept with the time of its removal."""
    before, after = (story.tables[name][stream.name] for name in ("refused", "gone"))
    if stream.report or is_listed_by_time(stream):
        assert len(after) < len(before)
    elif stream.parent is not None:
        assert len(after) == len(before)
        assert after["removed_at"].notna().sum() == 1


@BY_STREAM
def test_versions_are_kept_where_the_catalogue_declares_them(story: Story, stream: Stream) -> None:
    """A stream with history has one version of each record, and a refused record adds none."""
    assert (stream.name in HISTORIES) == stream.history
    if stream.history:
        first, refused = (kept[stream.name] for kept in story.kept)
        assert first == refused == len(story.tables["first"][stream.name])


@BY_STREAM
def test_restatements_are_logged_where_the_catalogue_declares_them(story: Story, stream: Stream) -> None:
    """What LinkedIn took away of days that were over is in the log, of a report that promises it and of no other."""
    assert (stream.name in story.restated) == (stream.report is not None and stream.report.restatements)


@BY_STREAM
def test_a_replay_of_the_archive_gives_equal_rows(story: Story, stream: Stream) -> None:
    """The kept responses rebuild the table without a call, removed records included."""
    replayed, live = story.tables["replayed"][stream.name], story.tables["gone"][stream.name]
    pd.testing.assert_frame_equal(replayed, live, check_dtype=not live.empty)


@BY_STREAM
def test_it_is_fresh_after_a_sync(story: Story, stream: Stream) -> None:
    """The freshness gate finds the stream's group fresh."""
    assert [state.due for state in story.states if state.group is stream.group] == [False]


@BY_STREAM
def test_its_checks_exist_and_pass(story: Story, stream: Stream) -> None:
    """Every stream has the checks of what was rejected, of shrinking, and of its key; after a good sync they pass."""
    graph = story.pipeline.definitions.resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(stream.name)}
    assert {"no_rejected_records", "rejected_share", "shrink_guard", "unique_keys"} <= names
    assert [check for check in story.checks if check.startswith(f"{stream.name}:")] == []


@BY_STREAM
def test_it_is_documented(story: Story, stream: Stream) -> None:
    """The asset's description begins with that of its table, whose columns have theirs, and docs/tables.md shows it."""
    table = describe_asset(stream)
    node = story.pipeline.definitions.resolve_asset_graph().get(dg.AssetKey(stream.name))
    assert (node.description or "").partition("\n\n")[0] == table.comment.partition("\n\n")[0]
    assert all(column.comment for column in table.columns)
    assert f"\n## {stream.table}\n" in (DOCUMENTS / "tables.md").read_text()


@BY_STREAM
def test_its_group_is_planned(story: Story, stream: Stream) -> None:
    """`lac plan` names the rows that are there, and an estimate that the sync after it came close to."""
    (step,) = [step for step in story.estimate.steps if step.group is stream.group]
    group = [other_stream.name for other_stream in ALL if other_stream.group is stream.group]
    assert step.rows == sum(len(story.tables["first"][name]) for name in group)
    spent = sum(story.attempts["again"][name].api_calls for name in group)
    assert step.calls <= spent <= 2 * step.calls + 4


@BY_STREAM
def test_its_partitions_show_their_own_rows(story: Story, stream: Stream) -> None:
    """Each materialized partition shows its own number of rows, not those of the whole load."""
    rows, day = story.tables["first"][stream.name], day_of(stream.name)
    shown = {
        key: metadata.get("dagster/partition_row_count") for key, metadata in story.materialized[stream.name].items()
    }
    if day is None:
        assert shown == {str(story.account): len(rows)}
    else:
        counted = Counter(f"{story.account}|{value}" for value in rows[day.name])
        assert {key: count for key, count in shown.items() if count} == dict(counted)


@BY_STREAM
def test_its_page_shows_an_overview(story: Story, stream: Stream) -> None:
    """The newest partition has a table of a few lines, which is small."""
    assert stream.overview is not None
    tables = [metadata["overview"] for metadata in story.materialized[stream.name].values() if "overview" in metadata]
    records = [dict(record.data) for record in tables[-1].records]
    assert 0 < len(records) <= (LINES if stream.overview.part is None else LINES * PARTS)
    assert len(str(records)) < 8_000


def test_the_catalogue_and_the_tables_agree() -> None:
    """Each stream has its table, with the account, the day column, the label and the subject that it declares."""
    declare(stream for stream in ALL if stream not in STREAMS.streams)
    for stream in ALL:
        table = stream_table(stream.name)
        assert table.name == stream.table
        assert stream.report is None or stream.report.known_by.keys() <= {*table.columns.keys()}
        assert account_of(stream.name) is not None
        assert (stream.partitioning is Partitioning.ACCOUNT) == (day_of(stream.name) is None)
        if stream.report and stream.report.subject:
            assert stream.report.subject.column in table.primary_key.columns
            assert stream.report.subject.stream in STREAMS
            others = {column.name for column in table.primary_key} - {stream.report.subject.column}
            assert not stream.report.restatements or others <= {*table_of(MetricRestatement).columns.keys()}
