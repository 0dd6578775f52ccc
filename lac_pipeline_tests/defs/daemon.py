"""Dagster's daemon without its threads: ticks as it makes them, over the code location as it loads it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
from dagster._core.definitions.selector import PartitionRangeSelector, PartitionsByAssetSelector, PartitionsSelector
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES, PartitionBackfill
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.scheduler.instigation import InstigatorTick, InstigatorType, SensorInstigatorData
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs
from sqlalchemy import make_url

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.named_runs import NamingRunCoordinator
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.defs.storage import PooledPostgresStorage

log = logging.getLogger(__name__)

MOST_ITERATIONS = 20

QUEUED = {
    "run_coordinator": {"module": NamingRunCoordinator.__module__, "class": NamingRunCoordinator.__name__},
    "run_launcher": {
        "module": "dagster._core.launcher.sync_in_memory_run_launcher",
        "class": "SyncInMemoryRunLauncher",
    },
}
"""Runs stay in the queue until a test executes them."""
BACKFILL = "backfill"


@dataclass(frozen=True)
class Daemon:
    """The part of the daemon that evaluates schedules and sensors, and submits the runs that they request."""

    instance: dg.DagsterInstance
    workspace: WorkspaceProcessContext

    def know(self, *accounts: int) -> None:
        """Let these ad accounts be partitions."""
        self.instance.add_dynamic_partitions(str(account_partitions.name), [str(account) for account in accounts])

    def run_schedules(self, *, at: datetime, killed_when: Callable[[], bool] = lambda: False) -> None:
        """Look at all schedules at this moment, to the end or until killed; the first look only notes when it was."""
        for _ in launch_scheduled_runs(self.workspace, log, at, iteration_times={}):
            if killed_when():
                return

    def run_sensors(self) -> None:
        """Evaluate all sensors that are due."""
        for _ in execute_sensor_iteration(self.workspace, log, None, None):
            pass

    def run_sensor(self, name: str) -> InstigatorTick:
        """Evaluate one sensor as if its interval had passed, and no other; its tick."""
        for state in self.instance.all_instigator_state(instigator_type=InstigatorType.SENSOR):
            started = None if state.instigator_name == name else utc_now().timestamp()
            data = state.instigator_data
            assert isinstance(data, SensorInstigatorData)
            self.instance.update_instigator_state(
                state.with_data(
                    SensorInstigatorData(
                        min_interval=data.min_interval,
                        cursor=data.cursor,
                        last_tick_start_timestamp=started,
                        sensor_type=data.sensor_type,
                    )
                )
            )
        self.run_sensors()
        return self.ticks()[name]

    def backfill(self, partitions: Mapping[str, Sequence[str]]) -> PartitionBackfill:
        """Materialize these partitions of each asset as the UI's launch dialog does, to the end."""
        with dg.partition_loading_context(dynamic_partitions_store=self.instance):
            self.instance.add_backfill(
                PartitionBackfill.from_partitions_by_assets(
                    backfill_id=BACKFILL,
                    asset_graph=self.workspace.create_request_context().asset_graph,
                    backfill_timestamp=utc_now().timestamp(),
                    tags={},
                    dynamic_partitions_store=self.instance,
                    partitions_by_assets=[
                        PartitionsByAssetSelector(asset_key=dg.AssetKey(asset), partitions=_single(keys))
                        for asset, keys in partitions.items()
                    ],
                    title=None,
                    description=None,
                    run_config=None,
                )
            )
        for _ in range(MOST_ITERATIONS):
            for _ in execute_backfill_iteration(self.workspace, log):
                pass
            backfill = self.instance.get_backfill(BACKFILL)
            assert backfill is not None
            if backfill.status in BULK_ACTION_TERMINAL_STATUSES:
                return backfill
            self.execute_queued()
        raise AssertionError("the backfill is not over")

    def execute_queued(self) -> None:
        """Execute the runs in the queue, in this process."""
        for run in self.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])):
            self.instance.launch_run(run.run_id, self.workspace.create_request_context())

    def ticks(self) -> dict[str, InstigatorTick]:
        """The last tick of each schedule and sensor that ever ticked."""
        states = self.instance.all_instigator_state()
        ticks = [
            tick
            for state in states
            for tick in self.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
        ]
        return {tick.instigator_name: tick for tick in ticks}

    def runs(self, name: str) -> list[dg.DagsterRun]:
        """The runs that a schedule or sensor requested."""
        by = [dg.RunsFilter(tags={f"dagster/{kind}_name": name}) for kind in ("schedule", "sensor")]
        return [run for state in by for run in self.instance.get_runs(state)]


def _single(keys: Sequence[str]) -> PartitionsSelector:
    return PartitionsSelector(ranges=[PartitionRangeSelector(start=key, end=key) for key in keys])


@contextmanager
def running_daemon(database_url: str, *, storage: type[PooledPostgresStorage] | None = None) -> Iterator[Daemon]:
    """A daemon over this process's settings and a new Dagster instance, which keeps its records in this database.

    Args:
        database_url: of an empty database.
        storage: what keeps the records there; Dagster's own by default.
    """
    url = make_url(database_url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    config = {"postgres_url": url}
    overrides = QUEUED | {
        "storage": {"postgres": config}
        if storage is None
        else {"custom": {"module": storage.__module__, "class": storage.__name__, "config": config}}
    }
    module = LoadableTargetOrigin(executable_path=sys.executable, module_name="lac_pipeline.definitions")
    target = InProcessWorkspaceLoadTarget(InProcessCodeLocationOrigin(module, location_name="lac"))
    with (
        dg.instance_for_test(overrides=overrides) as instance,
        create_test_daemon_workspace_context(target, instance) as workspace,
    ):
        yield Daemon(instance, workspace)
