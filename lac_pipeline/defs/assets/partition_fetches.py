"""What every asset that LinkedIn fills does: fetch each account window of the run; the IO manager stores them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import dagster as dg

from lac_pipeline.defs.account_loads import (
    AccountFailure,
    FetchedWindow,
    FetchedWindows,
    as_dagster_failure,
    failure,
    setting_aside,
)
from lac_pipeline.defs.assets.fetching import AssetRun, Fetcher
from lac_pipeline.defs.assets.left_behind import failed_before
from lac_pipeline.defs.assets.sources import Source
from lac_pipeline.defs.interrupts import cancelled_by_interrupts
from lac_pipeline.defs.metadata import StoredWindow
from lac_pipeline.defs.named_runs import add_names
from lac_pipeline.defs.partitions import AccountWindow, requested
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.defs.run_tags import ACCOUNT, NAMED, account_run, trigger_of
from lac_pipeline.errors import StorageError
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.query.overview import known_names


async def fetch_partitions(
    context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource, source: Source
) -> FetchedWindows:
    """Fetch every account window of the run; an account that fails is recorded and does not stop the others.

    Raises:
        dagster.Failure: the run's partitions make no sense, or no account at all could be fetched.
    """
    with as_dagster_failure():
        partitions = requested(context, warehouse.namespace)
    _tag(context, partitions, warehouse)
    fetcher = Fetcher(AssetRun.of(context), linkedin.client, warehouse.warehouse, warehouse.settings, source)
    windows: list[FetchedWindow] = []
    failures: list[AccountFailure] = []
    with cancelled_by_interrupts():
        for partition in _untroubled(context, warehouse, partitions):
            with setting_aside(partition, failures, log=context.log):
                windows.append(await fetcher.fetch(partition))
    if failures and not windows:
        raise failure(failures, warehouse.warehouse)
    return FetchedWindows(tuple(windows), tuple(failures))


async def fetch_and_store(fetcher: Fetcher, partition: AccountWindow) -> StoredWindow | AccountFailure:
    """Do what an asset's body and the IO manager do for one account window, without a run of Dagster's."""
    stored: list[StoredWindow] = []
    failures: list[AccountFailure] = []
    with setting_aside(partition, failures, log=fetcher.run.log):
        stored.append((await fetcher.fetch(partition)).store())
    outcomes: list[StoredWindow | AccountFailure] = [*stored, *failures]
    return outcomes[0]


def _untroubled(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, partitions: Sequence[AccountWindow]
) -> list[AccountWindow]:
    """The account windows for which nothing upstream failed in this run.

    Raises:
        dagster.Failure: it did for all of them.
    """
    troubled = failed_before(context, warehouse.warehouse) & {partition.account_id for partition in partitions}
    untroubled = [partition for partition in partitions if partition.account_id not in troubled]
    if troubled:
        named = ", ".join(map(known_names(warehouse.warehouse.engine, troubled).title, sorted(troubled)))
        not_tried = f"{named}: not tried, for an asset upstream failed"
        context.log.warning(not_tried)
        if not untroubled:
            raise dg.Failure(description=not_tried, allow_retries=False)
    return untroubled


def _tag(context: dg.AssetExecutionContext, partitions: Sequence[AccountWindow], warehouse: WarehouseResource) -> None:
    """Give a run from the UI the tags of our runs, so that limits per account and the freshness sensor see it.

    The names, for people, are also given to a run that was requested before they were known.
    """
    run = context.run
    accounts = sorted({partition.account_id for partition in partitions})
    if ACCOUNT not in run.tags and len(accounts) == 1:
        group = stream_of(context.asset_key.path[-1]).group
        tags = account_run(accounts[0], group, trigger_of(run.tags)) | warehouse.namespace.tags
        context.instance.add_run_tags(run.run_id, tags)
    if NAMED not in run.tags:
        with suppress(StorageError):
            add_names(context.instance, run, accounts, warehouse.warehouse.engine)
