"""Seeded histories of failures, tested by three oracles.

No sync that exits 0 leaves a wrong row; a clean sync afterwards ends in LinkedIn's truth; and a replay of the archive
into emptied tables ends in what the syncs left. More histories: `pytest -m slow --fault-seeds 1000 PATH`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Connection, Engine, delete, select

from lac_pipeline.archive.store import RawArchive
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.defs.account_loads import AccountFailure
from lac_pipeline.defs.assets.fetching import AssetRun, Fetcher
from lac_pipeline.defs.assets.partition_fetches import fetch_and_store
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.opening import OUTCOMES
from lac_pipeline.defs.partitions import account_window
from lac_pipeline.defs.resources import client_config, token_store
from lac_pipeline.errors import DefectError, LacError
from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.metrics import allowed
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.truth import Truth
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS, AssetGroup, stream_of
from lac_pipeline.streams.sync_windows import month_window
from lac_pipeline.warehouse.load.attempts import UNREAD_PIVOT
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.warehouse.schema.tables import Base, stream_table
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.conftest import fresh_warehouse
from lac_pipeline_tests.faults.oracles import contents, differences, empty, replay
from lac_pipeline_tests.faults.schedules import Round, Schedule

log = logging.getLogger(__name__)

pytestmark = pytest.mark.slow

ACCOUNT = 520000001
ASSETS = [stream.name for stream in STREAMS if not stream.optional]
ROUNDS = 3
DAYS = 9
PIVOTS = ("MEMBER_COMPANY_SIZE", "MEMBER_INDUSTRY", "MEMBER_JOB_TITLE", "MEMBER_SENIORITY")
"""As many as differ from a LinkedIn that fails on every pivot."""
MONTH_DAYS = 31
ENTITIES: dict[str, Callable[[Truth], list[Any]]] = {
    "accounts": lambda truth: [account for account in truth.accounts() if account["id"] == ACCOUNT],
    "campaign_groups": lambda truth: truth.campaign_groups(ACCOUNT),
    "campaigns": lambda truth: truth.campaigns(ACCOUNT),
    "creatives": lambda truth: truth.creatives(ACCOUNT),
    "conversions": lambda truth: truth.conversions(ACCOUNT),
    "lead_forms": lambda truth: truth.lead_forms(ACCOUNT),
}
NAMED_APART = frozenset({"name", "name_source"})
"""Columns of creatives that hang on posts, which the world's truth of creatives does not tell."""
MOVING = frozenset({"linkedin_last_modified_at", "version_tag"})

Rows = dict[tuple[object, ...], tuple[object, ...]]
Tables = dict[str, Rows]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Draw as many histories as were requested."""
    first, count = metafunc.config.getoption("--first-seed"), metafunc.config.getoption("--fault-seeds")
    metafunc.parametrize("seed", range(first, first + count))


@pytest.fixture
def world(seed: int) -> World:
    """A small account, another one for each seed."""
    return World.synthetic(accounts=1, campaigns=3 + seed % 3, creatives=5 + seed % 4, days=DAYS, seed=seed)


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    """Where the replays tell which partitions they loaded."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def database(server: EmbeddedServer, maintenance: Connection, warehouse_template: str) -> Iterator[str]:
    """The URL of one database for all histories, which each of them finds empty."""
    yield from fresh_warehouse(server, maintenance, template=warehouse_template)


@pytest.fixture(scope="module")
def shared(database: str) -> Iterator[Engine]:
    """One engine for all histories: it remembers the statements that it has compiled."""
    engine = make_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def story(
    world: World, database: str, shared: Engine, reachable_path: Path, instance: dg.DagsterInstance
) -> Iterator[Story]:
    """That account, and a warehouse and an archive that hold nothing of it yet."""
    with shared.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
    today = utc_now().date()
    start = today - timedelta(days=DAYS)
    world.set_now(utc_now().replace(hour=12, minute=0))
    with SimulatorServer(world) as simulator:
        place = {"DATABASE_URL": database, "LAC_HOME": str(reachable_path)}
        chosen = {"LAC_START_DATE": start.isoformat(), "LAC_MEMBER_PIVOTS": ",".join(PIVOTS)}
        isolate(connection_settings(world, simulator.url) | place | chosen)
        settings = Settings.load()
        archive = cache(lambda: RawArchive(settings.raw_url, run_id=OUTCOMES, clock=utc_now))
        yield Story(world, settings, Warehouse(shared, archive=archive), instance, DateWindow.inclusive(start, today))


async def _at_once(_seconds: float) -> None:
    """Wait for nothing."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of a sync: the asset's attempts, and the errors of those that failed."""

    attempts: Sequence[AttemptRecord]
    errors: Sequence[LacError]


@dataclass
class Story:
    """An account that is synced again and again."""

    world: World
    settings: Settings
    warehouse: Warehouse
    instance: dg.DagsterInstance
    window: DateWindow
    columns: dict[str, Sequence[str]] = field(default_factory=dict)

    def sync(self, run_id: str) -> Synced:
        """Sync all days of the account as its assets do in a run of each group, by a client that does not wait."""
        errors = [error for group in self.settings.streams.groups for error in asyncio.run(self._sync(group, run_id))]
        return Synced(self.warehouse.read.attempts_of(run_id), errors)

    async def _sync(self, group: AssetGroup, run_id: str) -> list[LacError]:
        errors: dict[str, LacError | None] = {}
        async with self._client(run_id) as client:
            for stream in self.settings.streams.in_group(group):
                if stream.parent in errors:  # Dagster skips what is downstream of a step that failed
                    errors[stream.name] = None
                    continue
                run = AssetRun(stream.name, run_id, "on_demand", accept_shrink=False, log=log)
                source = source_of(stream, self.settings)
                fetcher = Fetcher(run, client, self.warehouse, self.settings, source)
                outcome = await fetch_and_store(fetcher, account_window(ACCOUNT, group, self.days(group)))
                if isinstance(outcome, AccountFailure):
                    errors[stream.name] = outcome.error
        return [error for error in errors.values() if error is not None]

    def _client(self, run_id: str) -> AbstractAsyncContextManager[LinkedInClient]:
        config = client_config(self.settings)
        return connect(
            replace(config, requests_per_second=1e6, application_requests_per_second=1e6),
            ledger=ApiUsage(self.warehouse.engine),
            archive=RawArchive(self.settings.raw_url, run_id=run_id, clock=utc_now),
            tokens=token_store(self.settings, self.warehouse),
            progress=lambda _: None,
            clock=utc_now,
            sleep=_at_once,
        )

    def replay(self) -> list[str]:
        """Replay the archive; return what failed."""
        return replay(self.settings, self.warehouse, self.instance, since=self.window.last - timedelta(days=1))

    def days(self, group: AssetGroup) -> DateWindow | None:
        """The days of a group of assets."""
        if group is AssetGroup.ENTITIES:
            return None
        months = month_window(self.window, start=self.window.start, today=self.window.last)
        return months if group is AssetGroup.DEMOGRAPHICS else self.window

    def truth(self) -> Tables:
        """What LinkedIn would return now, as rows of the tables."""
        tables: Tables = {}
        for asset in ASSETS:
            tables[asset] = {}
            for validator, records in self._truth(asset):
                page = validator.validate(records)
                assert not page.rejected
                self.columns[asset] = validator.columns
                for row in page.rows:
                    values = dict(zip(validator.columns, row, strict=True))
                    tables[asset] |= {_key(asset, values): _values(asset, values, validator.columns)}
        return tables

    def stored(self) -> Tables:
        """The rows of the tables; those that LinkedIn no longer returns do not count."""
        return {asset: self._stored(asset) for asset in ASSETS}

    def _stored(self, asset: str) -> Rows:
        table, rows = stream_table(asset), Rows()
        query = select(table)
        query = query.where(table.c.removed_at.is_(None)) if "removed_at" in table.c else query
        with self.warehouse.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                rows[_key(asset, row)] = _values(asset, row, self.columns[asset])
        return rows

    def _truth(self, asset: str) -> Iterator[tuple[RecordValidator, list[Any]]]:
        stream, truth, settings = stream_of(asset), self.world.truth, self.settings
        report = stream.report
        if report is None:
            yield validator_of(stream, ACCOUNT), ENTITIES[asset](truth)
            return
        for pivot in settings.pivots_of(report):
            days = 1 if report.granularity == "DAILY" else MONTH_DAYS
            version = settings.linkedin_api_version
            metrics = allowed(settings.metrics_of(stream), pivots=report.requested(pivot), version=version, days=days)
            names = [metric.name for metric in metrics]
            window = self.days(stream.group) or self.window
            rows = truth.analytics(ACCOUNT, pivot, report.granularity, window, names, within=report.within)
            as_sent = json.loads(json.dumps(rows), parse_float=Decimal)
            yield validator_of(stream, ACCOUNT, pivot=pivot, metrics=metrics), as_sent


def _key(asset: str, values: Any) -> tuple[object, ...]:  # noqa: ANN401 - a row of any table
    return tuple(values[column.name] for column in stream_table(asset).primary_key.columns)


def _place_of_pivot(asset: str) -> int | None:
    """Where in a key the pivot is; None where the rows of a table are of one alone."""
    report = stream_of(asset).report
    names = [column.name for column in stream_table(asset).primary_key.columns]
    return None if report is None or report.pivot_column is None else names.index(report.pivot_column)


def _values(asset: str, values: Any, columns: Sequence[str]) -> tuple[object, ...]:  # noqa: ANN401 - as above
    left_out = MOVING | (NAMED_APART if asset == "creatives" else frozenset())
    return tuple(values[name] for name in columns if name not in left_out)


def wrong_rows(attempts: Sequence[AttemptRecord], *, before: Tables, stored: Tables, truth: Tables) -> list[str]:
    """What a sync left that is neither LinkedIn's truth nor what was there before and is recorded as left alone."""
    found: list[str] = []
    for record in attempts:
        asset = record.attempt.asset
        ours, theirs = stored[asset], truth[asset]
        if record.status == "failed":
            wrong = ours != before[asset]
        elif record.status == "success":
            wrong = ours != theirs
        else:
            strange = [key for key, row in ours.items() if row not in (theirs.get(key), before[asset].get(key))]
            unread = sum(error["type"] == UNREAD_PIVOT for error in record.errors)
            place = _place_of_pivot(asset) if unread else None
            missing = Counter(None if place is None else key[place] for key in theirs if key not in ours)
            # All rows of a pivot that was not read may be missing, and one for each record that was refused.
            unexplained = sum(sorted(missing.values())[: max(0, len(missing) - unread)])
            wrong = bool(strange) or unexplained > record.rejected
        if wrong:
            keys = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
            apart = [(key, ours.get(key), theirs.get(key)) for key in keys]
            found.append(f"{asset} {record.status}, {record.rejected} rejected: {apart[:3]}")
    return found


def test_a_history_of_failures_ends_in_the_truth(seed: int, story: Story) -> None:
    """After each sync no row is wrong, after a clean one all are right, and a replay ends in the same."""
    world, engine = story.world, story.warehouse.engine
    schedule = Schedule(seed, world, account=ACCOUNT, today=story.window.last)
    rounds: list[Round] = []
    stored: Tables = {asset: {} for asset in ASSETS}
    for number in range(ROUNDS):
        rounds.append(schedule.next())
        rounds[-1].order(world)
        synced = story.sync(f"troubled-{number}")
        world.faults.clear()
        before, truth, stored = stored, story.truth(), story.stored()
        assert wrong_rows(synced.attempts, before=before, stored=stored, truth=truth) == [], rounds
        assert all(error.fix and not isinstance(error, DefectError) for error in synced.errors), synced.errors
    rounds.append(schedule.next(troubled=False))
    synced = story.sync("clean")
    assert (len(synced.attempts), synced.errors) == (len(ASSETS), [])
    assert story.stored() == story.truth()
    left = contents(engine)
    empty(engine)
    assert story.replay() == []
    assert differences(left, contents(engine)) == {}, rounds
