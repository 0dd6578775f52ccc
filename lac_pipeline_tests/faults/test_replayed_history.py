"""`lac replay` after failures: what the live syncs wrote is written again, and what they refused is not."""

from __future__ import annotations

import copy
import gzip
import json
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import Engine

from lac_pipeline.archive.left_out import GuessedLoads, LeftOut
from lac_pipeline.archive.store import RawArchive
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.replay import Replay
from lac_pipeline.commands.session.sync_results import GroupSync
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.load.recording import recording
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline
from lac_pipeline_tests.faults.oracles import contents, differences, empty, replay

ACCOUNT = 520000001
METRICS = ("campaign_daily_metrics", "creative_daily_metrics")
CHOSEN = ",".join(["creatives", *METRICS, "audience_demographics"])
"""The streams of versions that kept no outcomes; what every stream promises of a replay, its contract tests."""


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=4, creatives=6, days=30)


@pytest.fixture
def pipeline(world: World, start_date: date, warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline against that world, with these streams."""
    with running_pipeline(world, start_date, warehouse_url, tmp_path, LAC_STREAMS=CHOSEN) as running:
        yield running


def altering(change: Callable[[list[Any]], None]) -> Callable[[bytes], bytes]:
    """Alter the elements of a response."""

    def alter(body: bytes) -> bytes:
        document = json.loads(body)
        if document.get("elements"):
            change(document["elements"])
        return json.dumps(document).encode()

    return alter


def twice(rows: list[Any]) -> None:
    """A row comes again with another number."""
    rows.append(copy.deepcopy(rows[0]) | {"impressions": 1_000_000})


def elsewhere(rows: list[Any]) -> None:
    """A row of a day that was not requested."""
    tomorrow = utc_now().date() + timedelta(days=1)
    day = {"year": tomorrow.year, "month": tomorrow.month, "day": tomorrow.day}
    rows.append(copy.deepcopy(rows[0]) | {"dateRange": {"start": day, "end": day}, "impressions": 666_666})


def spoilt(rows: list[Any]) -> None:
    """A number that cannot be, in the first row."""
    rows[0]["impressions"] = -5


def inflated(rows: list[Any]) -> None:
    """Numbers that were never true."""
    for row in rows:
        row["impressions"] = 999_999


def unnamed(records: list[Any]) -> None:
    """A record that cannot be loaded, and one that is none."""
    records[0]["name"] = 5
    records.append(None)


def fail(world: World, endpoint: str, change: Callable[[list[Any]], None], *, calls: int = 1) -> None:
    """Alter the next responses of an endpoint."""
    made = world.calls[endpoint]
    world.faults.add(endpoint, kind="altered", calls=range(made + 1, made + 1 + calls), alter=altering(change))


def test_replay_gives_what_the_syncs_gave(pipeline: Pipeline, world: World, engine: Engine) -> None:
    """Refused responses and records, removed entities, changed numbers: rows, versions and restatements agree."""
    today = utc_now().date()
    pipeline.sync()
    campaigns = [record.id for record in world.entities.listed("adCampaigns", ACCOUNT)]
    fail(world, "adAnalytics", twice, calls=2)
    assert statuses(pipeline.sync(force=True)) == {"failed"}
    fail(world, "adAnalytics", elsewhere, calls=2)
    assert statuses(pipeline.sync(since=today - timedelta(days=5), force=True)) == {"failed"}
    fail(world, "adAnalytics", spoilt)
    fail(world, "adCampaigns", unnamed)
    world.edit.set_field("adCampaigns", campaigns[0], "name", "renamed")
    world.edit.vanish("adCampaigns", campaigns[1], DateWindow.inclusive(today - timedelta(days=9), today))
    assert statuses(pipeline.sync(force=True)) == {"partial", "success"}
    world.faults.clear()
    world.edit.remove("adCampaigns", campaigns[2])
    pipeline.sync(force=True)
    before = contents(engine)
    assert before["campaign_history"]
    assert before["restatements"]
    assert pipeline.table("campaigns")["removed_at"].notna().any()
    empty(engine)
    assert replay_all(pipeline) == []
    assert differences(before, contents(engine)) == {}


def replay_all(pipeline: Pipeline) -> list[str]:
    """Replay what was kept since yesterday; return what failed."""
    yesterday = utc_now().date() - timedelta(days=1)
    return replay(pipeline.settings, pipeline.warehouse, pipeline.instance, since=yesterday)


def statuses(results: Iterable[GroupSync]) -> set[str]:
    """How the attempts at daily metrics ended."""
    return {attempt.status for result in results for attempt in result.attempts if attempt.attempt.asset in METRICS}


def test_an_attempt_that_was_killed_loads_nothing(pipeline: Pipeline, world: World, engine: Engine) -> None:
    """Responses of an attempt without an outcome, as kill -9 leaves them, make no rows."""
    today = utc_now().date()
    pipeline.sync()
    before = contents(engine)
    killed = pipeline.warehouse.begin(
        METRICS[0], ACCOUNT, run_id="killed", trigger="on_demand", window=DateWindow.inclusive(today, today)
    )
    archive = RawArchive(pipeline.settings.raw_url, run_id="killed", clock=utc_now)
    last = next(response for response in archive.responses(ACCOUNT, today) if response.endpoint == "adAnalytics")
    with recording(killed):
        archive.keep(changed(last))
    empty(engine)
    assert replay_all(pipeline) == []
    assert differences(before, contents(engine)) == {}


def changed(exchange: Exchange) -> Exchange:
    """The same response, sent now, with numbers that were never true."""
    return replace(exchange, sent_at=utc_now(), body=altering(inflated)(exchange.body))


def test_an_archive_of_an_older_version_is_replayed_as_far_as_it_is_known(pipeline: Pipeline, engine: Engine) -> None:
    """Without outcomes each run's whole responses count as a load, and the results say that this is a guess."""
    today = utc_now().date()
    pipeline.sync()
    before = pipeline.tables()
    forget_attempts(Path(pipeline.settings.raw_url))
    empty(engine)
    yesterday = today - timedelta(days=1)
    replaying = Replay(pipeline.settings, warehouse=pipeline.warehouse, instance=pipeline.instance, since=yesterday)
    results = list(replaying.replay(ACCOUNT))
    assert [result.failure for result in results if result.failure is not None] == []
    assert GuessedLoads(1) in [result.cause for result in results if isinstance(result, LeftOut)]
    for asset, frame in pipeline.tables().items():
        pd.testing.assert_frame_equal(frame, before[asset])


def forget_attempts(archive: Path) -> None:
    """Make the archive what versions wrote that did not keep outcomes."""
    for folder in archive.glob("raw/*/*/attempts"):
        shutil.rmtree(folder)
    for document in archive.rglob("*.json.gz"):
        content = json.loads(gzip.decompress(document.read_bytes()))
        del content["attempt"]
        document.write_bytes(gzip.compress(json.dumps(content).encode()))


def test_what_was_loaded_before_a_replay_was_interrupted_is_shown(pipeline: Pipeline) -> None:
    """Dagster gets materializations of the partitions that are loaded by then, and of no others."""
    pipeline.sync()
    yesterday = utc_now().date() - timedelta(days=1)
    with dg.DagsterInstance.ephemeral() as instance:
        replaying = Replay(pipeline.settings, warehouse=pipeline.warehouse, instance=instance, since=yesterday)
        results = replaying.replay(ACCOUNT)
        assert isinstance(results, Generator)
        first = next(results)
        assert isinstance(first, GroupSync)
        results.close()
        shown = {name for name in STREAMS.names if instance.get_materialized_partitions(dg.AssetKey(name))}
    assert shown == {*first.assets}
