"""What every asset that LinkedIn fills does: fetch each account window, load it, and log the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from lac_pipeline.defs.account_loads import AccountFailure, Loaded, failure
from lac_pipeline.defs.assets.fetching import AssetRun, Fetched, Fetcher
from lac_pipeline.defs.assets.left_behind import failed_before
from lac_pipeline.defs.assets.sources import Source
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.metadata import StoredWindow
from lac_pipeline.defs.partitions import AccountWindow, requested
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.defs.run_tags import ACCOUNT, account_run, trigger_of
from lac_pipeline.errors import DefectError, LacError, PermissionMissingError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.settings import Settings
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.load.attempts import Load
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.warehouse import Warehouse


async def load_partitions(
    context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource, source: Source
) -> Loaded:
    """Load every account window of the run; an account that fails is recorded and does not stop the others.

    Raises:
        dagster.Failure: the run's partitions make no sense, or no account at all could be loaded.
    """
    try:
        partitions = requested(context)
    except LacError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    _tag(context, partitions)
    loader = WindowLoader(AssetRun.of(context), linkedin.client, warehouse.warehouse, warehouse.settings, source)
    outcomes = [await loader.load(partition) for partition in _untroubled(context, warehouse, partitions)]
    windows = tuple(outcome for outcome in outcomes if isinstance(outcome, StoredWindow))
    failures = tuple(outcome for outcome in outcomes if isinstance(outcome, AccountFailure))
    if failures and not windows:
        raise failure(failures)
    return Loaded(windows, failures)


@dataclass(frozen=True, slots=True)
class WindowLoader:
    """Loads account windows of one asset; it needs no run of Dagster's.

    Args:
        run: for which run.
        client: what sends the requests.
        warehouse: where the rows go.
        settings: which accounts and parts are read.
        source: what the asset reads.
    """

    run: AssetRun
    client: LinkedInClient
    warehouse: Warehouse
    settings: Settings
    source: Source

    async def load(self, partition: AccountWindow) -> StoredWindow | AccountFailure:
        """Load one account window; the attempt is in `sync_log` before the first request, and however it ends."""
        try:
            return await self._attempt(partition)
        except DefectError as error:
            self.run.log.exception(f"{partition.place}: a fault of this program")
            return AccountFailure(partition, error)
        except LacError as error:
            return AccountFailure(partition, error)

    async def _attempt(self, partition: AccountWindow) -> StoredWindow:
        """Fetch, load, result.

        Raises:
            LacError: the account is left out by LAC_ACCOUNT_IDS, or cannot be fetched or loaded.
        """
        run, account_id = self.run, partition.account_id
        refuse_excluded(account_id, self.settings)
        begun = self.warehouse.attempt(
            run.asset,
            account_id,
            run_id=run.run_id,
            trigger=run.trigger,
            window=partition.window,
            calls=lambda: self.client.calls,
        )
        with begun as attempt, CopySpool(self.source.columns(account_id)) as spool:
            fetched = await self._fetch(partition, spool)
            load = Load(
                attempt=attempt.attempt,
                spool=spool,
                rejected=fetched.rejected,
                fetched=fetched.records,
                api_calls=attempt.api_calls,
                pivot_types=fetched.pivots,
                unread_pivots=fetched.unread_pivots,
                parts=self.settings.parts.get(run.asset),
                accept_shrink=run.accept_shrink,
                flooded=fetched.flooded,
                responses=tuple(attempt.responses),
                forbidden=fetched.forbidden,
            )
            return StoredWindow(partition, attempt.load(load), run.trigger, fetched.sources, fetched.seconds)

    async def _fetch(self, partition: AccountWindow, spool: CopySpool) -> Fetched:
        """Fetch the window; of a stream that is spared, LinkedIn's refusal is what was fetched."""
        fetcher = Fetcher(self.run, self.client, self.warehouse, self.settings, self.source)
        try:
            return await fetcher.fetch(partition, spool)
        except PermissionMissingError as error:
            if not stream_of(self.run.asset).spared:
                raise
            self.run.log.warning(f"{partition.place}: skipped: {error}")
            return Fetched(self.source.pivots, forbidden=error)


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
        accounts = f"accounts {', '.join(map(str, sorted(troubled)))}: not tried, for an asset upstream failed"
        context.log.warning(accounts)
        if not untroubled:
            raise dg.Failure(description=accounts, allow_retries=False)
    return untroubled


def _tag(context: dg.AssetExecutionContext, partitions: Sequence[AccountWindow]) -> None:
    """Let a run from the UI carry what ours do, so that limits per account and the freshness sensor see it."""
    accounts = {partition.account_id for partition in partitions}
    if ACCOUNT not in context.run.tags and len(accounts) == 1:
        group = stream_of(context.asset_key.path[-1]).group
        tags = account_run(accounts.pop(), group, trigger_of(context.run.tags))
        context.instance.add_run_tags(context.run.run_id, tags)
