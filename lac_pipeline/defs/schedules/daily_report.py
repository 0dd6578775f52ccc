"""The daily report: a snapshot and a page for every ad account that has numbers."""

from collections.abc import Iterator

import dagster as dg

from lac_pipeline.defs.assets.report import REPORT
from lac_pipeline.defs.assets.snapshot import GROUP, SNAPSHOT
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.resources import WAREHOUSE, WarehouseResource, warehouse_in
from lac_pipeline.defs.run_requests import tick_key
from lac_pipeline.defs.run_tags import account_run
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.overview import Overview

DELIVERED = (SNAPSHOT, REPORT)
SCHEDULE = "daily_report"


def daily_report(namespace: Namespace = ALONE) -> dg.ScheduleDefinition:
    """The schedule that requests one run per ad account."""
    delivered = namespace.keys(DELIVERED)

    @dg.schedule(
        name=namespace.name(SCHEDULE),
        cron_schedule="0 6 * * *",
        execution_timezone="UTC",
        target=dg.AssetSelection.assets(*delivered),
        required_resource_keys={namespace.resource(WAREHOUSE)},
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Makes the snapshot and the report of every account whose metrics were ever synced, at 06:00 UTC, "
        "after the nightly restatement.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        return _requests(context, warehouse_in(context, namespace))

    return schedule


def _requests(
    context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    namespace = warehouse.namespace
    states = warehouse.gate.states(configured_accounts(context.instance, warehouse.settings, namespace))
    accounts = [
        state.account_id for state in states if state.group is AssetGroup.METRICS and state.synced_at is not None
    ]
    if not accounts:
        yield dg.SkipReason("no ad account has metrics yet; freshness_sensor loads them")
    names = AccountNames(Overview(warehouse.warehouse.engine).names(accounts))
    for account_id in accounts:
        yield dg.RunRequest(
            run_key=tick_key(namespace.name(SCHEDULE), account_id, at=context.scheduled_execution_time),
            asset_selection=namespace.keys(DELIVERED),
            partition_key=str(account_id),
            tags=account_run(account_id, GROUP, "scheduled", names) | namespace.tags,
        )
