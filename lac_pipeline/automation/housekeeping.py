"""Housekeeping: what a killed process left `running` is closed, and what is too old to be asked for is dropped."""

import os
import socket
from datetime import timedelta
from pathlib import Path

import dagster as dg

from lac_pipeline.resources import WarehouseResource
from lac_pipeline.run_tags import PROCESS
from lac_pipeline.storage.warehouse import Warehouse

INTERVAL_SECONDS = 120

IN_FLIGHT = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""The states of a run that is not over."""

RESTATEMENTS_KEPT = timedelta(days=400)
"""A year and some: long enough to compare a season with the last one, short enough for the table to stay small."""


@dg.sensor(
    name="housekeeping_sensor",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes runs and sync_log rows that a killed process left unfinished; drops restatements that were "
    f"seen more than {RESTATEMENTS_KEPT.days} days ago.",
)
def housekeeping_sensor(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SkipReason:
    """Close what nobody works on any more, and drop old restatements."""
    closed = close_unfinished(context.instance, warehouse.warehouse)
    dropped = warehouse.warehouse.prune_restatements(RESTATEMENTS_KEPT)
    done = [f"{closed} attempts of runs that are over were closed"] if closed else []
    done += [f"{dropped} old restatements were dropped"] if dropped else []
    return dg.SkipReason(", ".join(done) or "nothing to tidy up")


def close_unfinished(instance: dg.DagsterInstance, warehouse: Warehouse) -> int:
    """Fail the runs of `lac sync` processes that are gone, then close the attempts of all runs that are over.

    Nothing but this would end such a run: Dagster watches only the run workers that it started itself.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=list(IN_FLIGHT))):
        if PROCESS in run.tags and is_gone(run.tags[PROCESS]):
            instance.report_run_failed(run, message="its `lac sync` was killed; nothing was written")
    over = [run_id for run_id in warehouse.read.running_run_ids() if _is_over(instance, run_id)]
    return warehouse.close_orphans(over)


def _is_over(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished


def this_process() -> str:
    """This process, so that another one on this host can tell whether it still runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(process: str) -> bool:
    """Whether a process of this host, as `this_process` named it, has ended; of other hosts nothing is known."""
    host, pid, started = process.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it runs, as somebody else
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks, since numbers are used again; empty where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
