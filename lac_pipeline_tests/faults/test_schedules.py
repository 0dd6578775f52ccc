"""Seeded histories of failures, held to three oracles.

No sync that exits 0 leaves a wrong row; a clean sync afterwards ends in LinkedIn's truth; and a replay of the archive
into emptied tables ends in what the syncs left. More histories: `pytest -m slow --fault-seeds 1000 PATH`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, select

from lac_pipeline.archive.store import RawArchive
from lac_pipeline.commands.sync import AccountSync, GroupSync, SyncRequest
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource, client_config, token_store, utc_now
from lac_pipeline.linkedin.client import connect
from lac_pipeline.linkedin.metrics import allowed
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS, AssetGroup, stream_of
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.entities import ACCOUNTS, CAMPAIGN_GROUPS, CAMPAIGNS, CREATIVES
from lac_pipeline.streams.sync_windows import month_window
from lac_pipeline.warehouse.load.attempts import UNREAD_PIVOT
from lac_pipeline.warehouse.query.freshness import FORCED
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.warehouse.schema.tables import stream_table
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.faults.oracles import contents, differences, empty, replay
from lac_pipeline_tests.faults.schedules import Round, Schedule

pytestmark = pytest.mark.slow

ACCOUNT = 520000001
ROUNDS = 3
NAMED_APART = frozenset({"name", "name_source"})
"""Columns of creatives that hang on posts, which the world's truth of creatives does not tell."""
MOVING = frozenset({"linkedin_last_modified_at", "version_tag"})

Rows = dict[tuple[object, ...], tuple[object, ...]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Draw as many histories as were asked for."""
    first, count = metafunc.config.getoption("--first-seed"), metafunc.config.getoption("--fault-seeds")
    metafunc.parametrize("seed", range(first, first + count))


@pytest.fixture
def world(seed: int) -> World:
    """A small account, another one for each seed."""
    return World.synthetic(accounts=1, campaigns=3 + seed % 3, creatives=5 + seed % 4, days=20, seed=seed)


class Hurried(LinkedInResource):
    """LinkedIn over HTTP, by a client that does not wait between attempts."""

    @asynccontextmanager
    async def yield_for_execution(  # type: ignore[override]
        self, context: dg.InitResourceContext
    ) -> AsyncIterator[LinkedInResource]:
        """Hold the client for as long as a run lasts."""
        resource: Any = self.warehouse  # Dagster has put the resource in the place of its definition
        settings, warehouse = resource.settings, resource.warehouse
        run_id = context.run.run_id if context.run is not None else "none"
        config = replace(client_config(settings), requests_per_second=1e6, application_requests_per_second=1e6)
        async with connect(
            config,
            ledger=ApiUsage(warehouse.engine),
            archive=RawArchive(settings.raw_url, run_id=run_id, clock=utc_now),
            tokens=token_store(settings, warehouse),
            progress=lambda _: None,
            clock=utc_now,
            sleep=_at_once,
        ) as self._client:
            yield self


async def _at_once(_seconds: float) -> None:
    """Wait for nothing."""


@dataclass
class Story:
    """An account that is synced again and again."""

    pipeline: Pipeline
    engine: Engine
    window: DateWindow

    def sync(self) -> Iterator[GroupSync]:
        """Sync all days of the account, without checks, which read nothing but what is stored."""
        warehouse = WarehouseResource()
        definitions = build_definitions(
            self.pipeline.settings, warehouse=warehouse, linkedin=Hurried(warehouse=warehouse)
        )
        session = AccountSync(
            definitions,
            instance=self.pipeline.instance,
            warehouse=self.pipeline.warehouse,
            settings=self.pipeline.settings,
        )
        for group in AssetGroup:
            yield session.run(ACCOUNT, group, self.days(group), SyncRequest(force=True), FORCED, checks=False)

    def days(self, group: AssetGroup) -> DateWindow | None:
        """The days of a group of assets."""
        if group is AssetGroup.ENTITIES:
            return None
        months = month_window(self.window, start=self.window.start, today=self.window.last)
        return months if group is AssetGroup.DEMOGRAPHICS else self.window

    def truth(self, asset: str) -> Rows:
        """What LinkedIn would answer now, as rows of the table."""
        rows: Rows = {}
        for validator, records in self._truth(asset):
            page = validator.validate(records)
            assert not page.rejected
            for row in page.rows:
                values = dict(zip(validator.columns, row, strict=True))
                rows |= {_key(asset, values): _values(asset, values, validator.columns)}
        return rows

    def held(self, asset: str) -> Rows:
        """The rows of the table; those that LinkedIn no longer returns do not count."""
        table, rows = stream_table(asset), Rows()
        columns = next(iter(self._truth(asset)))[0].columns
        query = select(table)
        query = query.where(table.c.removed_at.is_(None)) if "removed_at" in table.c else query
        with self.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                rows[_key(asset, row)] = _values(asset, row, columns)
        return rows

    def _truth(self, asset: str) -> Iterator[tuple[RecordValidator, list[Any]]]:
        truth, settings = self.pipeline.world.truth, self.pipeline.settings
        version = settings.linkedin_api_version
        if asset == "accounts":
            yield validator_of(ACCOUNTS, ACCOUNT), [account for account in truth.accounts() if account["id"] == ACCOUNT]
        elif asset == "campaign_groups":
            yield validator_of(CAMPAIGN_GROUPS, ACCOUNT), truth.campaign_groups(ACCOUNT)
        elif asset == "campaigns":
            yield validator_of(CAMPAIGNS, ACCOUNT), truth.campaigns(ACCOUNT)
        elif asset == "creatives":
            yield validator_of(CREATIVES, ACCOUNT), truth.creatives(ACCOUNT)
        elif asset == "audience_demographics":
            for pivot in settings.member_pivots:
                metrics = allowed(settings.metrics, pivot=pivot, version=version, days=31)
                names = [metric.name for metric in metrics]
                window = self.days(AssetGroup.DEMOGRAPHICS) or self.window
                rows = truth.analytics(ACCOUNT, pivot, "MONTHLY", window, names)
                yield validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT, pivot=pivot, metrics=metrics), rows
        else:
            pivot = "CAMPAIGN" if asset == "campaign_daily_metrics" else "CREATIVE"
            metrics = allowed(settings.metrics, pivot=pivot, version=version, days=1)
            names = [metric.name for metric in metrics]
            rows = truth.analytics(ACCOUNT, pivot, "DAILY", self.window, names)
            yield validator_of(stream_of(asset), ACCOUNT, metrics=metrics), rows


def _key(asset: str, values: Any) -> tuple[object, ...]:  # noqa: ANN401 - a row of any table
    return tuple(values[column.name] for column in stream_table(asset).primary_key.columns)


def _values(asset: str, values: Any, columns: Sequence[str]) -> tuple[object, ...]:  # noqa: ANN401 - as above
    left_out = MOVING | (NAMED_APART if asset == "creatives" else frozenset())
    return tuple(values[name] for name in columns if name not in left_out)


def wrong_rows(story: Story, results: Sequence[GroupSync], before: dict[str, Rows]) -> list[str]:
    """What a sync left that is neither LinkedIn's truth nor what was there before and is said to be left alone."""
    found: list[str] = []
    for record in (record for result in results for record in result.attempts):
        asset = record.attempt.asset
        held, truth = story.held(asset), story.truth(asset)
        if record.status == "failed":
            wrong = held != before[asset]
        elif record.status == "success":
            wrong = held != truth
        else:
            strange = [key for key, row in held.items() if row not in (truth.get(key), before[asset].get(key))]
            missing = [key for key in truth if key not in held]
            unread = sum(error["type"] == UNREAD_PIVOT for error in record.errors)
            pivots = {key[2] for key in missing} if unread else set()
            wrong = bool(strange) or (len(pivots) > unread if unread else len(missing) > record.rejected)
        if wrong:
            apart = [each for each in {*held.items(), *truth.items()} if held.get(each[0]) != truth.get(each[0])][:3]
            found.append(f"{asset} {record.status}, {record.rejected} rejected: {apart}")
    return found


def test_a_history_of_failures_ends_in_the_truth(
    seed: int, pipeline: Pipeline, engine: Engine, start_date: date
) -> None:
    """After each sync no row is wrong, after a clean one all are right, and a replay ends in the same."""
    today = utc_now().date()
    story = Story(pipeline, engine, DateWindow.inclusive(start_date, today))
    pipeline.session.accounts("all")
    schedule = Schedule(seed, pipeline.world, account=ACCOUNT, today=today)
    rounds: list[Round] = []
    for _ in range(ROUNDS):
        rounds.append(schedule.next())
        before = {asset: story.held(asset) for asset in STREAMS.names}
        rounds[-1].order(pipeline.world)
        results = list(story.sync())
        pipeline.world.faults.clear()
        assert wrong_rows(story, results, before) == [], rounds
        told = [result.failure for result in results if result.failure is not None]
        assert all("fix:" in message and "a defect of lac" not in message for message in told), told
    rounds.append(schedule.next(troubled=False))
    results = list(story.sync())
    assert [result.failure for result in results if result.failure is not None] == []
    assert {asset: story.held(asset) for asset in STREAMS.names} == {
        asset: story.truth(asset) for asset in STREAMS.names
    }
    left = contents(engine)
    empty(engine)
    assert replay(pipeline, today - timedelta(days=1)) == []
    assert differences(left, contents(engine)) == {}, rounds
