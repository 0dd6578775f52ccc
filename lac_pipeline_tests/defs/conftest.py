"""The whole pipeline in one process: a simulated LinkedIn over HTTP, PostgreSQL, and a Dagster instance in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import text

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.load.rejects import OpenRejection, open_rejections
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.conftest import own_environment
from lac_pipeline_tests.defs.webhook import Receiver, listening

DEFAULT = STREAMS.chosen("default")
"""What is loaded unless LAC_STREAMS says otherwise."""
ASSETS = [*DEFAULT.names]
TIMES = ["created_at", "updated_at", "fetched_at", "stale_since"]
OLDER = timedelta(hours=5)
AGED = (
    "UPDATE linkedin_ads.sync_log SET started_at = started_at - :by, finished_at = finished_at - :by",
    "UPDATE linkedin_ads.stream_state SET synced_at = synced_at - :by, attempted_at = attempted_at - :by",
)


@dataclass
class Pipeline:
    """What a test drives: the world that LinkedIn shows, and the pipeline that reads it."""

    world: World
    settings: Settings
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    warehouse: Warehouse

    @property
    def session(self) -> AccountSync:
        """Syncs accounts, as `lac sync` does."""
        return AccountSync(self.definitions, instance=self.instance, warehouse=self.warehouse, settings=self.settings)

    def sync(
        self, account: str = "all", *, since: date | None = None, until: date | None = None, force: bool = False
    ) -> list[GroupSync]:
        """Run what `lac sync` runs."""
        request = SyncRequest(since=since, until=until, force=force)
        accounts = self.session.accounts(account, force=force)
        return list(self.session.sync(accounts, request))

    def materialize(
        self, assets: list[str], *, partition: str | None = None, tags: Mapping[str, str] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Materialize assets as the UI does: one partition, or a range by its tags."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            asset_selection=[dg.AssetKey(asset) for asset in assets],
            partition_key=partition,
            tags=dict(tags or {}),
            instance=self.instance,
            raise_on_error=False,
        )

    def table(self, asset: str) -> pd.DataFrame:
        """All rows of an asset's table, without the times at which we saw them."""
        frame = self.warehouse.read.frame_of(
            asset, [(int(account["id"]), None) for account in self.world.truth.accounts()]
        )
        return frame.drop(columns=[name for name in TIMES if name in frame])

    def rejections(self) -> list[OpenRejection]:
        """What is in quarantine."""
        return open_rejections(self.warehouse.engine)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every asset's table."""
        return {asset: self.table(asset) for asset in self.settings.streams.names}


@pytest.fixture
def world() -> World:
    """One busy ad account; a test that needs another world overrides this."""
    return World.synthetic(accounts=1, campaigns=6, creatives=12, days=40)


@pytest.fixture
def start_date() -> date:
    """The first day loaded: as many days on every day of a month, and mostly not the first of one."""
    return utc_now().date() - timedelta(days=20)


@pytest.fixture
def streams() -> str:
    """LAC_STREAMS; a test that looks at few of them names those, for a sync of all takes several times as long."""
    return "default"


@pytest.fixture
def pipeline(world: World, start_date: date, streams: str, warehouse_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline against that world, with an empty warehouse."""
    with running_pipeline(world, start_date, warehouse_url, tmp_path, LAC_STREAMS=streams) as pipeline:
        yield pipeline


def age(pipeline: Pipeline) -> None:
    """Let everything have happened five hours earlier."""
    with pipeline.warehouse.engine.begin() as connection:
        for statement in AGED:
            connection.execute(text(statement), {"by": OLDER})


@contextmanager
def running_pipeline(
    world: World, start_date: date, warehouse_url: str, home: Path, **given: str
) -> Iterator[Pipeline]:
    """Run the simulator on that world and open the pipeline; in the world it is noon, whatever the hour here.

    LinkedIn's numbers of the running day come in by the hour, so a test just after midnight would see none of today's.
    """
    world.set_now(utc_now().replace(hour=12, minute=0))
    with own_environment(), SimulatorServer(world) as simulator, dg.DagsterInstance.ephemeral() as instance:
        isolate(
            connection_settings(world, simulator.url)
            | {"DATABASE_URL": warehouse_url, "LAC_HOME": str(home), "LAC_START_DATE": start_date.isoformat()}
            | given
        )
        settings = Settings.load()
        with open_warehouse(settings) as warehouse:
            yield Pipeline(world, settings, build_definitions(settings), instance, warehouse)


def checks_alone(pipeline: Pipeline, asset: str, *names: str) -> dict[str, dg.AssetCheckEvaluation]:
    """Evaluate these checks of an asset, or all, without materializing it, as the UI's Execute button does."""
    job = pipeline.definitions.resolve_implicit_global_asset_job_def()
    graph = pipeline.definitions.resolve_asset_graph()
    of_asset = {key for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(asset)}
    keys = {key for key in of_asset if (key.name in names if names else key.name != "reconciliation")}
    result = job.get_subset(asset_selection=set(), asset_check_selection=keys).execute_in_process(
        instance=pipeline.instance
    )
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def error_types(pipeline: Pipeline, run_id: str) -> set[str | None]:
    """The classes of the errors of a run's attempts, as `sync_log` has them."""
    return {error["type"] for attempt in pipeline.warehouse.read.attempts_of(run_id) for error in attempt.errors}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A running webhook."""
    with listening() as receiver:
        yield receiver
