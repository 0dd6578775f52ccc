"""Housekeeping: sync_log rows that a killed process left `running` are closed once their Dagster run is over."""

import dagster as dg

from lac_pipeline.resources import WarehouseResource

INTERVAL_SECONDS = 120


@dg.sensor(
    name="housekeeping_sensor",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes sync_log rows that a killed process left `running`, once their Dagster run is over.",
)
def housekeeping_sensor(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SkipReason:
    """Close the attempts whose run is over, or was never recorded."""
    over = [run_id for run_id in warehouse.warehouse.read.running_run_ids() if run_is_over(context.instance, run_id)]
    closed = warehouse.warehouse.close_orphans(over)
    return dg.SkipReason(f"{closed} attempts of runs that are over were closed" if closed else "nothing to tidy up")


def run_is_over(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether nothing works on this run any more."""
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished
