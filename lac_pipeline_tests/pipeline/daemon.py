"""Dagster's daemon without its threads: ticks as it makes them, over the code location as it loads it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.scheduler.instigation import InstigatorTick
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget, create_test_daemon_workspace_context
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs

from lac_pipeline.partitions import account_partitions

log = logging.getLogger(__name__)

QUEUED = {"run_coordinator": {"module": "dagster._core.run_coordinator", "class": "QueuedRunCoordinator"}}
"""Runs that a tick asks for stay in the queue."""


@dataclass(frozen=True)
class Daemon:
    """The part of the daemon that evaluates schedules and sensors, and submits the runs that they ask for."""

    instance: dg.DagsterInstance
    workspace: WorkspaceProcessContext

    def know(self, *accounts: int) -> None:
        """Let these ad accounts be partitions."""
        self.instance.add_dynamic_partitions(str(account_partitions.name), [str(one) for one in accounts])

    def run_schedules(self, *, at: datetime, killed_when: Callable[[], bool] = lambda: False) -> None:
        """Look at all schedules at this moment, to the end or until killed; the first look only notes when it was."""
        for _ in launch_scheduled_runs(self.workspace, log, at, iteration_times={}):
            if killed_when():
                return

    def run_sensors(self) -> None:
        """Evaluate all sensors that are due."""
        for _ in execute_sensor_iteration(self.workspace, log, None, None):
            pass

    def ticks(self) -> dict[str, InstigatorTick]:
        """The last tick of each schedule and sensor that ever ticked."""
        states = self.instance.all_instigator_state()
        ticks = [
            tick
            for one in states
            for tick in self.instance.get_ticks(one.instigator_origin_id, one.selector_id, limit=1)
        ]
        return {tick.instigator_name: tick for tick in ticks}

    def runs(self, name: str) -> list[dg.DagsterRun]:
        """The runs that a schedule or sensor asked for."""
        by = [dg.RunsFilter(tags={f"dagster/{kind}_name": name}) for kind in ("schedule", "sensor")]
        return [run for one in by for run in self.instance.get_runs(one)]


@contextmanager
def running_daemon() -> Iterator[Daemon]:
    """A daemon over a new Dagster instance on disk and this process's settings."""
    module = LoadableTargetOrigin(executable_path=sys.executable, module_name="lac_pipeline.definitions")
    target = InProcessTestWorkspaceLoadTarget(InProcessCodeLocationOrigin(module, location_name="lac"))
    with (
        dg.instance_for_test(overrides=QUEUED) as instance,
        create_test_daemon_workspace_context(target, instance) as workspace,
    ):
        yield Daemon(instance, workspace)
