"""Housekeeping: closes the attempts of processes that no longer exist, and deletes rows that are too old."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.resources import WAREHOUSE, warehouse_in
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import LOST, PROCESS
from lac_pipeline.defs.sensors.own_runs import is_own
from lac_pipeline.defs.sensors.run_retention import delete_old_runs
from lac_pipeline.printable import counted
from lac_pipeline.warehouse.warehouse import Warehouse

INTERVAL_SECONDS = 60

LONGEST_START = timedelta(minutes=5)
LOST_MESSAGE = (
    "its process is gone: it was killed, or PostgreSQL refused connections; what it had not stored is not written"
)

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


def housekeeping_sensor(namespace: Namespace = ALONE) -> dg.SensorDefinition:
    """The sensor that closes what no process works on any more, and drops what is too old."""

    @dg.sensor(
        name=namespace.name("housekeeping_sensor"),
        required_resource_keys={namespace.resource(WAREHOUSE)},
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process no longer exists, however they were started, and closes their rows of "
        f"sync_log. Deletes restatements that were seen more than {RESTATEMENTS_KEPT.days} days ago, and what members "
        "filled into lead forms more than LAC_LEAD_ANSWERS_DAYS days ago. Deletes runs that ended more than "
        "LAC_RUN_RETENTION_DAYS days ago, except those that hold what Dagster shows of a partition.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        given = warehouse_in(context, namespace)
        closed = close_unfinished(context.instance, given.warehouse, namespace)
        dropped = given.warehouse.prune_restatements(RESTATEMENTS_KEPT)
        answers = given.warehouse.drop_lead_answers(timedelta(days=given.settings.lac_lead_answers_days))
        done = [f"closed {counted(closed, 'attempt')} of runs that are over"] if closed else []
        done += [f"dropped {counted(dropped, 'old restatement')}"] if dropped else []
        done += [f"deleted {counted(answers, 'old answer')} of leads"] if answers else []
        runs = _delete_old_runs(context, given.settings.lac_run_retention_days, namespace)
        done += [f"deleted {counted(runs, 'old run')}"] if runs else []
        return dg.SkipReason(", ".join(done) or "nothing to tidy up")

    return sensor


def _delete_old_runs(context: dg.SensorEvaluationContext, days: int, namespace: Namespace) -> int:
    """Delete runs as the setting has it, and remember in the sensor's cursor how far this came."""
    if not days:
        return 0
    deleted, cursor = delete_old_runs(
        context.instance, timedelta(days=days), context.cursor, now=utc_now(), namespace=namespace
    )
    context.update_cursor(cursor)
    return deleted


def close_unfinished(instance: dg.DagsterInstance, warehouse: Warehouse, namespace: Namespace = ALONE) -> int:
    """Fail the runs whose process is gone, then close the attempts of all runs that are over.

    Nothing but this would end such a run for two hours: Dagster's default launcher does not watch the processes of runs
    that have started, and what does, cannot write it down while PostgreSQL refuses connections.
    """
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(IN_FLIGHT))):
        own = is_own(record.dagster_run, namespace)
        if own and is_lost(instance, record, now=utc_now()) and not _is_over(instance, record.dagster_run.run_id):
            instance.add_run_tags(record.dagster_run.run_id, {LOST: record.dagster_run.run_id})
            instance.report_run_failed(record.dagster_run, message=LOST_MESSAGE)
    over = [run_id for run_id in warehouse.read.running_run_ids() if _is_over(instance, run_id)]
    return warehouse.close_orphans(over)


def is_lost(instance: dg.DagsterInstance, record: dg.RunRecord, *, now: datetime) -> bool:
    """Whether the process that executed a run in flight is gone.

    A run names its process before its first step. One that has started, but neither named a process nor begun a step
    in five minutes, ended in between.
    """
    run = record.dagster_run
    process = RunProcess.read(run.tags.get(PROCESS), run_id=run.run_id)
    if process is not None:
        return process.is_gone
    if run.status is not dg.DagsterRunStatus.STARTED or record.start_time is None:
        return False  # it waits in the queue; of those that are being launched, run monitoring takes care
    nameless = now - datetime.fromtimestamp(record.start_time, UTC)
    return nameless > LONGEST_START and not instance.get_run_step_stats(run.run_id)


def _is_over(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished
