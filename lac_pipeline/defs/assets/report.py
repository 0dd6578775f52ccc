"""The performance report of an ad account: one HTML page, made from the account's latest snapshot."""

import dagster as dg

from lac_pipeline.archive.documents import Documents
from lac_pipeline.defs.account_loads import as_dagster_failure
from lac_pipeline.defs.assets.options import OWNERS
from lac_pipeline.defs.assets.snapshot import FRESHNESS, GROUP, SNAPSHOT, account_metadata, first_day, place_metadata
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.partitions import account_number
from lac_pipeline.defs.resources import IO_MANAGER, WAREHOUSE, WarehouseResource, warehouse_in
from lac_pipeline.errors import PartitionError
from lac_pipeline.reporting.glance import headline, key_numbers, picture, small_picture
from lac_pipeline.reporting.plots import as_markdown
from lac_pipeline.reporting.report import render_report
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, read_document
from lac_pipeline.reporting.summary import with_current_checks
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.query.overview import known_names
from lac_pipeline.warehouse.query.performance import known_problems

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
        warehouse = warehouse_in(context, namespace)
        with as_dagster_failure():
            account_id = account_number(context.partition_key)
            snapshot = latest_snapshot(warehouse, account_id)
            problems = known_problems(
                warehouse.warehouse.engine,
                account_id,
                parts=warehouse.settings.parts,
                since=first_day(warehouse, snapshot.as_of),
            )
            snapshot = with_current_checks(snapshot, problems)
            page = render_report(snapshot)
            name = f"reports/{snapshot.account.id}/{snapshot.as_of}.html"
            place = Documents(warehouse.settings.raw_url).write(name, page)
        context.log.info(f"account {snapshot.account.id} as of {snapshot.as_of}: {place}")
        where = place_metadata(place, name=name, settings=warehouse.settings)
        size = {"bytes": dg.MetadataValue.int(len(page.encode()))}
        return dg.MaterializeResult(
            metadata={**account_metadata(snapshot), **where, **_numbers(snapshot), **_pictures(snapshot), **size}
        )

    return asset


def _numbers(snapshot: AccountSnapshot) -> dict[str, dg.MetadataValue]:
    """The eight numbers of the last 30 days, each with its change."""
    return {
        number.name: dg.MetadataValue.text(f"{number.text} ({number.change.text})" if number.change else number.text)
        for number in key_numbers(snapshot)
    }


def _pictures(snapshot: AccountSnapshot) -> dict[str, dg.MetadataValue]:
    """Spend by day, which the UI shows without a click, and the charts of the page behind one."""
    small, svg = small_picture(snapshot), picture(snapshot)
    shown = {
        "spend_by_day": small,
        "picture": None if svg is None else as_markdown(svg, alt=headline(snapshot)),
    }
    return {name: dg.MetadataValue.md(markdown) for name, markdown in shown.items() if markdown is not None}


def latest_snapshot(warehouse: WarehouseResource, account_id: int) -> AccountSnapshot:
    """Read the snapshot that the report is made from.

    Raises:
        PartitionError: there is none, or it was made by a version with another schema, or LAC_ACCOUNT_IDS leaves the
            account out.
    """
    refuse_excluded(account_id, warehouse.settings)
    document = AccountSnapshots(warehouse.warehouse.engine).latest(account_id)
    snapshot = None if document is None else read_document(document)
    if snapshot is None:
        account = known_names(warehouse.warehouse.engine, [account_id]).title(account_id)
        raise PartitionError(
            f"account {account} has no snapshot of this version",
            meaning=f"the report is made from `{SNAPSHOT}`, which was not materialized for this account",
            fix=f"materialize `{SNAPSHOT}` of partition {account_id} first, or both together",
        )
    return snapshot
