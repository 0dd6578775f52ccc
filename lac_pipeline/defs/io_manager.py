"""Stores what an asset fetched, one transaction for each account window, and reads rows for assets downstream."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.partitions.subset.default import DefaultPartitionsSubset

from lac_pipeline.defs.account_loads import FetchedWindows, failure, failure_lines, setting_aside
from lac_pipeline.defs.interrupts import raise_lost
from lac_pipeline.defs.metadata import (
    Metadata,
    StoredWindow,
    behind_numbers,
    newest_metadata,
    partition_metadata,
    showing_keys,
)
from lac_pipeline.defs.partitions import fold, is_monthly, partition_day
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.errors import LacError

if TYPE_CHECKING:
    import pandas as pd


class PostgresUpsertIOManager(dg.ConfigurableIOManager):
    """Upserts what an asset fetched into the table that bears its name, and reads tables back.

    `handle_output` stores each account window in one transaction and puts the counts into the materializations; that
    an account failed fails the run, but one account's trouble never costs another its data, in this asset and in those
    downstream. `load_input` gives a downstream asset the rows of its partitions as a DataFrame.
    """

    warehouse: dg.ResourceDependency[WarehouseResource]

    def handle_output(self, context: dg.OutputContext, obj: FetchedWindows) -> None:
        """Store the windows that were fetched, and describe them.

        Where some accounts failed and others did not, the step of the asset's checks fails in place of this one, on
        which the assets downstream depend.

        Raises:
            dagster.Failure: naming each account that failed, where no account is whole or this run evaluates no checks.
        """
        stored: list[StoredWindow] = []
        failures = list(obj.failures)
        try:
            for fetched in obj.windows:
                with setting_aside(fetched.partition, failures, log=context.log):
                    stored.append(fetched.store())
                raise_lost(self.warehouse.interrupts)  # a driver makes an error of its own of what interrupts it
        except BaseException:  # an interrupt, after which Dagster emits nothing
            with suppress(Exception):
                self._materialize(context, stored)
            raise
        whole = {window.partition.account_id for window in stored} - {error.partition.account_id for error in failures}
        if failures and not (whole and _evaluates_checks(context)):
            self._materialize(context, stored)
            raise failure(failures, self.warehouse.warehouse)
        for line in failure_lines(failures, self.warehouse.warehouse):
            context.log.error(line)
        emitted = _keys_of(stored)
        _add_by_partition(context, self._metadata(context, stored, emitted))
        _cover(context, emitted)

    def _materialize(self, context: dg.OutputContext, stored: Sequence[StoredWindow]) -> None:
        """Log the materializations of what is stored, where Dagster will emit none."""
        emitted = _keys_of(stored)
        metadata = self._metadata(context, stored, emitted)
        for key in emitted:
            context.log_event(dg.AssetMaterialization(context.asset_key, partition=key, metadata=metadata[key]))

    def _metadata(
        self, context: dg.OutputContext, stored: Sequence[StoredWindow], emitted: Sequence[str]
    ) -> Mapping[str, Metadata]:
        """What each partition shows; the rows are stored already, so a failure to show them is only logged."""
        asset, read = context.asset_key.path[-1], self.warehouse.warehouse.read
        metadata: defaultdict[str, Metadata] = defaultdict(dict)
        try:
            accounts = read.accounts(window.partition.account_id for window in stored)
        except LacError as error:
            context.log.warning(f"no numbers, preview and plot: {error}")
            return metadata
        for stored_window in stored:
            try:
                account = accounts[stored_window.partition.account_id]
                metadata |= partition_metadata(read, asset, stored_window, account)
            except LacError as error:
                context.log.warning(f"no numbers of account {stored_window.partition.account_id}: {error}")
        try:
            showing = showing_keys(stored, emitted)
            for key, entries in newest_metadata(self.warehouse.warehouse, asset, showing, accounts):
                metadata[key] = behind_numbers(metadata[key], entries)
        except Exception as error:  # noqa: BLE001 - whatever a font or a picture library raises, the load is done
            context.log.warning(f"no preview and plot: {error}")
        return metadata

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """Read the rows of the upstream partitions; without partitions, those of every account.

        Money columns hold `Decimal`. Without a row the frame is empty and has the table's columns.

        Raises:
            PartitionError: the account of a partition is not a number.
            StorageError: the query failed.
        """
        asset, read = context.asset_key.path[-1], self.warehouse.warehouse.read
        if not context.has_asset_partitions:
            return read.frame_of(asset)
        parts = fold(context.asset_partition_keys, monthly=is_monthly(context.asset_partitions_def))
        return read.frame_of(asset, [(part.account_id, part.window) for part in parts])


def checks_step(asset: dg.AssetKey) -> str:
    """The step that evaluates the checks of an asset."""
    return f"{asset.to_python_identifier()}_checks"


def _evaluates_checks(context: dg.OutputContext) -> bool:
    """Whether this run has a step for the checks of the asset, which can fail in its place."""
    return checks_step(context.asset_key) in context.step_context.execution_plan.step_keys_to_execute


def _keys_of(stored: Iterable[StoredWindow]) -> list[str]:
    """Partition keys as events are read: by day, and of a day by account, so that the newest day comes last."""
    keys = (key for window in stored for key in window.partition.keys)
    return sorted(keys, key=lambda key: (partition_day(key) or date.min, key))


def _cover(context: dg.OutputContext, emitted: Sequence[str]) -> None:
    """Let Dagster emit materializations of these partitions alone, in this order.

    Dagster knows no output that is there for some of its partitions: it takes those that the run names, from a set.
    """
    known = {str(key): key for key in context.asset_partition_keys}
    covered = context.asset_partitions_def.subset_with_partition_keys([known[key] for key in emitted])
    if isinstance(covered, DefaultPartitionsSubset):  # the keys of a dictionary are a set, and keep their order
        covered = tuple.__new__(DefaultPartitionsSubset, (dict.fromkeys(known[key] for key in emitted).keys(),))
    context._asset_partitions_subset = covered  # noqa: SLF001 - as above


def _add_by_partition(context: dg.OutputContext, metadata: Mapping[str, Metadata]) -> None:
    """Add each partition's metadata to its materialization, which Dagster emits when the output is handled.

    `StepExecutionContext.add_asset_metadata` does the same, but enumerates the run's partitions for every call: six
    seconds for three accounts and a year.
    """
    step = context.step_context
    gathered = step._metadata_accumulator  # noqa: SLF001 - as above
    for key, entries in metadata.items():
        gathered = gathered.with_additional_asset_metadata(context.asset_key, key, entries)
    step._metadata_accumulator = gathered  # noqa: SLF001
