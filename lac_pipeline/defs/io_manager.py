"""Stores what an asset fetched: one PostgreSQL transaction per ad account and window, never a half-written one."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from lac_pipeline.defs.metadata import Metadata, StoredWindow, newest_metadata, partition_metadata, showing_keys
from lac_pipeline.defs.partitions import AccountWindow, fold, is_monthly
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.errors import DefectError, LacError
from lac_pipeline.warehouse.load.attempts import Attempt, Kept, Load, LoadResult
from lac_pipeline.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    import pandas as pd


ANSWERS_NAMED = 3
"""So many of the last answers are named where this program fails: the one that it fails on is among them."""
LONGEST_SAID = 500  # characters
FAILED_ACCOUNTS = "accounts"
"""In the metadata of a step's failure: the accounts that it is about."""


@dataclass(frozen=True, slots=True)
class FetchedWindow:
    """Everything LinkedIn answered for one account window, validated and ready to load."""

    partition: AccountWindow
    load: Load
    sources: tuple[str, ...] = ()
    seconds: float = 0.0

    def stored(self, result: LoadResult) -> StoredWindow:
        """What to tell of it once it is loaded."""
        return StoredWindow(self.partition, result, self.load.attempt.trigger, self.sources, self.seconds)


@dataclass(frozen=True, slots=True)
class AccountFailure:
    """An account window that could not be fetched or stored, and why; the others go on."""

    partition: AccountWindow
    error: LacError


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an asset hands to the IO manager: the windows that arrived and those that did not."""

    windows: tuple[FetchedWindow, ...]
    failures: tuple[AccountFailure, ...] = ()


class PostgresUpsertIOManager(dg.ConfigurableIOManager):
    """Upserts each fetched window into the table that bears the asset's name.

    `handle_output` loads every window that arrived; that an account failed fails the run, but one account's trouble
    never costs another its data, in this asset and in those downstream. `load_input` gives a downstream asset the rows
    of its partitions as a DataFrame.
    """

    warehouse: dg.ResourceDependency[WarehouseResource]

    def handle_output(self, context: dg.OutputContext, obj: Fetched) -> None:
        """Load the windows, and put the counts into their materializations.

        Where some accounts failed and others did not, the step of the asset's checks fails in place of this one, on
        which the assets downstream depend.

        Raises:
            dagster.Failure: naming each account that failed, after the others were stored, where no account is whole
                or this run evaluates no checks.
        """
        stored: list[StoredWindow] = []
        failures = list(obj.failures)
        for fetched in obj.windows:
            try:
                outcome = store(self.warehouse.warehouse, fetched, log=context.log)
            except BaseException as error:
                for unstored in obj.windows[len(stored) + len(failures) - len(obj.failures) :]:
                    self.warehouse.warehouse.fail(unstored.load.attempt, error)
                raise
            if isinstance(outcome, AccountFailure):
                failures.append(outcome)
            else:
                stored.append(outcome)
        metadata = self._metadata(context, stored)
        whole = {one.partition.account_id for one in stored} - {one.partition.account_id for one in failures}
        if failures and not (whole and _evaluates_checks(context)):
            for key in (key for one in stored for key in one.partition.keys):
                context.log_event(dg.AssetMaterialization(context.asset_key, partition=key, metadata=metadata[key]))
            raise failure(failures)
        for failed in failures:
            context.log.error(f"account {failed.partition.account_id}: {failed.error}")
        _cover(context, [key for one in stored for key in one.partition.keys])
        _add_by_partition(context, metadata)

    def _metadata(self, context: dg.OutputContext, stored: Sequence[StoredWindow]) -> Mapping[str, Metadata]:
        """What each partition shows; the rows are stored already, so a failure to show them is only logged."""
        asset, read = context.asset_key.path[-1], self.warehouse.warehouse.read
        metadata: defaultdict[str, Metadata] = defaultdict(dict)
        for one in stored:
            try:
                metadata |= partition_metadata(read, asset, one)
            except LacError as error:
                context.log.warning(f"no numbers of account {one.partition.account_id}: {error}")
        try:
            for key, one in showing_keys(stored, list(context.asset_partition_keys)).items():
                metadata[key] |= newest_metadata(read, asset, one)
        except Exception as error:  # noqa: BLE001 - whatever a font or a picture library raises, the load is done
            context.log.warning(f"no preview and plot: {error}")
        return metadata

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """Read the rows of the upstream partitions; without partitions, those of every account.

        Money columns hold `Decimal`. Without a row the frame is empty and has the table's columns.

        Raises:
            PartitionError: the account of a partition is not a number.
            StorageError: PostgreSQL cannot answer.
        """
        asset, read = context.asset_key.path[-1], self.warehouse.warehouse.read
        if not context.has_asset_partitions:
            return read.frame_of(asset)
        parts = fold(context.asset_partition_keys, monthly=is_monthly(context.asset_partitions_def))
        return read.frame_of(asset, [(part.account_id, part.window) for part in parts])


def store(warehouse: Warehouse, fetched: FetchedWindow, *, log: logging.Logger) -> StoredWindow | AccountFailure:
    """Load what was fetched for one account window; where that fails, the attempt is closed with the reason."""
    try:
        return fetched.stored(warehouse.load(fetched.load))
    except LacError as error:
        warehouse.fail(fetched.load.attempt, error)
        return AccountFailure(fetched.partition, error)
    except Exception as error:
        log.exception(f"account {fetched.partition.account_id}: a fault of this program")
        defect = defect_of(error, fetched.load.attempt, answers=fetched.load.answers)
        warehouse.fail(fetched.load.attempt, defect)
        return AccountFailure(fetched.partition, defect)


def defect_of(error: Exception, attempt: Attempt, *, answers: Sequence[Kept]) -> DefectError:
    """Tell a fault of this program to a person: what was read, and the answers that it fails on.

    Args:
        error: what Python raised.
        attempt: what was being synced.
        answers: what LinkedIn answered so far.
    """
    days = f" on {attempt.window}" if attempt.window else ""
    endpoints = ", ".join(dict.fromkeys(kept.endpoint for kept in answers)) or "LinkedIn"
    last = [f"the answer is kept in {kept.where}" for kept in answers[-ANSWERS_NAMED:]]
    return DefectError(
        f"lac cannot read what {endpoints} answered about {attempt.asset} of account {attempt.account_id}{days}",
        detail="\n".join([f"{type(error).__name__}: {error}"[:LONGEST_SAID], *last]),
        meaning="a defect of lac, not of your settings; nothing of it was written, and what was loaded before stays",
        fix=f"report it with {'these files' if len(last) > 1 else 'this file'}; the log of the run holds the details",
    )


def failure(failures: Sequence[AccountFailure]) -> dg.Failure:
    """One failure that tells every account's story; Dagster does not try it again, for the client has already."""
    story = "\n".join(f"account {failed.partition.account_id}: {failed.error}" for failed in failures)
    return dg.Failure(
        description=story,
        metadata={FAILED_ACCOUNTS: ", ".join(str(failed.partition.account_id) for failed in failures)},
        allow_retries=False,
    )


def checks_step(asset: str) -> str:
    """The step that evaluates the checks of an asset."""
    return f"{asset}_checks"


def _evaluates_checks(context: dg.OutputContext) -> bool:
    """Whether this run has a step for the checks of the asset, which can fail in its place."""
    return checks_step(context.asset_key.path[-1]) in context.step_context.execution_plan.step_keys_to_execute


def _cover(context: dg.OutputContext, stored: Sequence[str]) -> None:
    """Let Dagster emit materializations of these partitions alone, where the run was to fill more.

    Dagster knows no output that is there for some of its partitions: it takes those that the run names.
    """
    if set(stored) != set(context.asset_partition_keys):
        covered = context.asset_partitions_def.subset_with_partition_keys(stored)
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
