"""The performance report of an ad account: one HTML page, made from the account's latest snapshot."""

import dagster as dg

from lac_pipeline.defs.account_loads import as_dagster_failure
from lac_pipeline.defs.assets.options import OWNERS
from lac_pipeline.defs.assets.snapshot import FRESHNESS, GROUP, SNAPSHOT
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.partitions import account_number
from lac_pipeline.defs.resources import IO_MANAGER, WAREHOUSE, warehouse_in

REPORT = "performance_report"

_DESCRIPTION = """One HTML page per ad account: spend, results and ratios with their trends, the best and the weakest
campaigns, creatives and audience. The page needs no script and no other file, and can be read on paper, on a phone, in
light and in dark mode. It is made from the account's latest `account_snapshot`; `document` in the metadata says where
it is."""


def report_asset(namespace: Namespace) -> dg.AssetsDefinition:
    """The asset `performance_report`, downstream of `account_snapshot`."""

    @dg.asset(
        key=namespace.key(REPORT),
        group_name=namespace.group(GROUP),
        partitions_def=namespace.accounts,
        deps=[dg.AssetDep(namespace.key(SNAPSHOT))],
        description=_DESCRIPTION,
        owners=OWNERS,
        kinds={"html"},
        freshness_policy=FRESHNESS,
        required_resource_keys={namespace.resource(WAREHOUSE)},
        io_manager_key=namespace.resource(IO_MANAGER),
    )
    def asset(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        # It imports the 50 classes of the snapshot, and few processes make a report.
        from lac_pipeline.defs.assets.report_pages import keep_report  # noqa: PLC0415

        warehouse = warehouse_in(context, namespace)
        with as_dagster_failure():
            shown = keep_report(warehouse, account_number(context.partition_key), log=context.log)
        return dg.MaterializeResult(metadata=shown)

    return asset
