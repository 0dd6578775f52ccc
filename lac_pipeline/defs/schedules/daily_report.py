"""The daily report: a snapshot and a page for every ad account that has numbers."""

from collections.abc import Iterator

import dagster as dg

from lac_pipeline.defs.assets.report import REPORT
from lac_pipeline.defs.assets.snapshot import GROUP, SNAPSHOT
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.run_requests import tick_key
from lac_pipeline.defs.run_tags import account_run
from lac_pipeline.streams import AssetGroup

DELIVERED = (SNAPSHOT, REPORT)
SCHEDULE = "daily_report"


@dg.schedule(
    name=SCHEDULE,
    cron_schedule="0 6 * * *",
    execution_timezone="UTC",
    target=dg.AssetSelection.assets(*DELIVERED),
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Makes the snapshot and the report of every account whose metrics were ever synced, at 06:00 UTC, "
    "after the nightly restatement.",
)
def daily_report(
    context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Request one run per ad account."""
    states = warehouse.gate.states(configured_accounts(context.instance, warehouse.settings))
    accounts = [
        state.account_id for state in states if state.group is AssetGroup.METRICS and state.synced_at is not None
    ]
    if not accounts:
        yield dg.SkipReason("no ad account has metrics yet; freshness_sensor loads them")
    for account_id in accounts:
        yield dg.RunRequest(
            run_key=tick_key(SCHEDULE, account_id, at=context.scheduled_execution_time),
            asset_selection=[dg.AssetKey(name) for name in DELIVERED],
            partition_key=str(account_id),
            tags=account_run(account_id, GROUP, "scheduled"),
        )
