"""The materialization that a result of a check is about."""

import dagster as dg
from dagster._core.events import DagsterEventType

from lac_pipeline.defs.checks.check_targets import look_up_targets

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-12-31")


@dg.asset(partitions_def=DAYS)
def numbers() -> None:
    """An asset of many days."""


@dg.asset_check(asset=numbers)
def filled(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """A check that has looked its target up."""
    look_up_targets(context)
    return dg.AssetCheckResult(passed=True)


def test_a_result_is_about_the_newest_materialization() -> None:
    """A check's result names the materialization that Dagster would have found."""
    defs = dg.Definitions(assets=[numbers], asset_checks=[filled])
    job = defs.resolve_implicit_global_asset_job_def()
    with dg.instance_for_test() as instance:
        for day in ("2026-01-01", "2026-01-02"):
            run = job.execute_in_process(instance=instance, partition_key=day)
        newest = instance.get_latest_materialization_event(numbers.key)
        (result,) = run.get_asset_check_evaluations()
        records = instance.get_records_for_run(run.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION).records
    target = result.target_materialization_data
    assert newest is not None
    assert target is not None
    assert (target.run_id, target.storage_id) == (newest.run_id, records[0].storage_id)
