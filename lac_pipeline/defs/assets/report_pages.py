"""What a materialization of `performance_report` makes: the page, and what the UI shows of it."""

import logging

import dagster as dg

from lac_pipeline.archive.documents import Documents
from lac_pipeline.defs.assets.snapshot import SNAPSHOT
from lac_pipeline.defs.assets.snapshot_documents import account_metadata, first_day, place_metadata
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.errors import PartitionError
from lac_pipeline.reporting.glance import headline, key_numbers, picture, small_picture
from lac_pipeline.reporting.plots import as_markdown
from lac_pipeline.reporting.report import render_report
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, read_document
from lac_pipeline.reporting.summary import with_current_checks
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.query.overview import known_names
from lac_pipeline.warehouse.query.performance import known_problems


def keep_report(warehouse: WarehouseResource, account_id: int, *, log: logging.Logger) -> dict[str, dg.MetadataValue]:
    """Make the report of an account's latest snapshot, keep it as a page, and return what the UI shows of it.

    Raises:
        PartitionError: there is no snapshot, or it was made by a version with another schema, or LAC_ACCOUNT_IDS leaves
            the account out.
        ArchiveError: the page cannot be written.
        StorageError: a query failed.
    """
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
    log.info(f"account {snapshot.account.id} as of {snapshot.as_of}: {place}")
    where = place_metadata(place, name=name, settings=warehouse.settings)
    size = {"bytes": dg.MetadataValue.int(len(page.encode()))}
    return {**account_metadata(snapshot), **where, **_numbers(snapshot), **_pictures(snapshot), **size}


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
