"""Stores what an asset fetched: one PostgreSQL transaction per ad account and window, never a half-written one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from lac_pipeline.errors import LacError
from lac_pipeline.partitions import AccountWindow, fold
from lac_pipeline.resources import WarehouseResource
from lac_pipeline.storage.attempts import Load, LoadResult


@dataclass(frozen=True, slots=True)
class FetchedWindow:
    """Everything LinkedIn answered for one account window, validated and ready to load."""

    partition: AccountWindow
    load: Load
    sources: tuple[str, ...] = ()


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

    `handle_output` loads every window that arrived, then fails the run if any account failed: one account's trouble
    never costs another its data. `load_input` gives a downstream asset the rows of its partitions as a DataFrame.
    """

    warehouse: dg.ResourceDependency[WarehouseResource]

    def handle_output(self, context: dg.OutputContext, obj: Fetched) -> None:
        """Load the windows, put the counts into the materialization, and fail if an account failed.

        Raises:
            dagster.Failure: naming each account that failed, after the others were stored.
        """
        results: list[LoadResult] = []
        failures = list(obj.failures)
        stored: list[AccountWindow] = []
        for fetched in obj.windows:
            try:
                results.append(self.warehouse.warehouse.load(fetched.load))
                stored.append(fetched.partition)
            except LacError as error:
                self.warehouse.warehouse.fail(fetched.load.attempt, error)
                failures.append(AccountFailure(fetched.partition, error))
        metadata = load_metadata(results, [source for fetched in obj.windows for source in fetched.sources])
        if failures:
            _materialize(context, stored, metadata)
            raise failure(failures)
        context.add_output_metadata(metadata)

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """Read the rows of the upstream partitions; money columns hold `Decimal`."""
        keys = context.asset_partition_keys if context.has_asset_partitions else ()
        frames = [
            self.warehouse.warehouse.read.frame(context.asset_key.path[-1], [part.account_id], part.window)
            for part in fold(keys, monthly=any(key.endswith("-01") and "|" in key for key in keys))
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def load_metadata(results: Sequence[LoadResult], sources: Sequence[str]) -> dict[str, dg.MetadataValue]:
    """The counts of a materialization, summed over its windows, as numbers so that the UI can plot them."""
    counts = ("fetched", "inserted", "updated", "unchanged", "pruned", "rejected", "api_calls")
    metadata: dict[str, dg.MetadataValue] = {
        name: dg.MetadataValue.int(sum(getattr(result, name) for result in results)) for name in counts
    }
    metadata["dagster/partition_row_count"] = dg.MetadataValue.int(
        sum(result.inserted + result.updated + result.unchanged for result in results)
    )
    metadata["seconds"] = dg.MetadataValue.float(round(sum(result.seconds for result in results), 3))
    if sources:
        metadata["raw_answers"] = dg.MetadataValue.json(list(sources[:20]))
    return metadata


def failure(failures: Sequence[AccountFailure]) -> dg.Failure:
    """One failure that tells every account's story; Dagster does not try it again, for the client has already."""
    story = "\n".join(f"account {failed.partition.account_id}: {failed.error}" for failed in failures)
    return dg.Failure(
        description=story,
        metadata={"accounts": ", ".join(str(failed.partition.account_id) for failed in failures)},
        allow_retries=False,
    )


def _materialize(
    context: dg.OutputContext, stored: Iterable[AccountWindow], metadata: dict[str, dg.MetadataValue]
) -> None:
    for window in stored:
        for key in window.keys:
            context.log_event(dg.AssetMaterialization(context.asset_key, partition=key, metadata=metadata))
