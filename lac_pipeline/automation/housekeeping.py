"""Housekeeping: what a killed process left `running` is closed, and what is too old to be asked for is dropped."""

from datetime import timedelta

import dagster as dg

from lac_pipeline.resources import WarehouseResource

INTERVAL_SECONDS = 120

RESTATEMENTS_KEPT = timedelta(days=400)
"""A year and some: long enough to compare a season with the last one, short enough for the table to stay small."""


@dg.sensor(
    name="housekeeping_sensor",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes sync_log rows that a killed process left `running`, once their Dagster run is over; drops "
    f"restatements seen more than {RESTATEMENTS_KEPT.days} days ago.",
)
def housekeeping_sensor(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SkipReason:
    """Close the attempts whose run is over, or was never recorded, and drop old restatements."""
    over = [run_id for run_id in warehouse.warehouse.read.running_run_ids() if run_is_over(context.instance, run_id)]
    closed = warehouse.warehouse.close_orphans(over)
    dropped = warehouse.warehouse.prune_restatements(RESTATEMENTS_KEPT)
    done = [f"{closed} attempts of runs that are over were closed"] if closed else []
    done += [f"{dropped} old restatements were dropped"] if dropped else []
    return dg.SkipReason(", ".join(done) or "nothing to tidy up")


def run_is_over(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether nothing works on this run any more."""
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished
