"""What a run of an asset did for its ad accounts: the windows that were fetched, then stored, and those that failed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dagster as dg
from msgspec import Struct

from lac_pipeline.defs.metadata import StoredWindow
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import DefectError, LacError
from lac_pipeline.warehouse.load.lifecycle import PendingLoad
from lac_pipeline.warehouse.query.overview import known_names
from lac_pipeline.warehouse.warehouse import Warehouse

FAILED_ACCOUNTS = "accounts"
"""In the metadata of a step's failure: the accounts that it is about."""
ERROR = "error"
"""In the metadata of a step's failure: the classes of its errors, by which alerts are of one kind."""


class AccountFailure(Struct, frozen=True):
    """An account window that could not be fetched or stored, and why; the others go on."""

    partition: AccountWindow
    error: LacError


class FetchedWindow(Struct, frozen=True):
    """An account window that was fetched and validated; its attempt in `sync_log` is open until it is stored.

    Attributes:
        partition: what it covers.
        pending: its rows and rejected records.
        sources: where the raw responses are kept.
        fetch_seconds: how long the requests took, waits included.
    """

    partition: AccountWindow
    pending: PendingLoad
    sources: tuple[str, ...]
    fetch_seconds: float

    def store(self) -> StoredWindow:
        """Store it in one transaction.

        Raises:
            LacError: nothing was written, and the attempt has failed.
        """
        trigger = self.pending.load.attempt.trigger
        return StoredWindow(self.partition, self.pending.store(), trigger, self.sources, self.fetch_seconds)


class FetchedWindows(Struct, frozen=True):
    """What an asset hands to the IO manager: the windows that were fetched and those that were not."""

    windows: tuple[FetchedWindow, ...]
    failures: tuple[AccountFailure, ...] = ()


@contextmanager
def setting_aside(partition: AccountWindow, failures: list[AccountFailure], *, log: logging.Logger) -> Iterator[None]:
    """Add what fails an account window to the failures, so that the others go on."""
    try:
        yield
    except DefectError as error:
        log.exception(f"{partition.place}: a fault of this program")
        failures.append(AccountFailure(partition, error))
    except LacError as error:
        failures.append(AccountFailure(partition, error))


def failure(failures: Sequence[AccountFailure], warehouse: Warehouse) -> dg.Failure:
    """One failure with every account's error; Dagster does not try it again, for the client has already."""
    return dg.Failure(
        description="\n".join(failure_lines(failures, warehouse)),
        metadata={
            FAILED_ACCOUNTS: ", ".join(str(failed.partition.account_id) for failed in failures),
            ERROR: ", ".join(sorted({type(failed.error).__name__ for failed in failures})),
        },
        allow_retries=False,
    )


def failed_accounts(metadata: Mapping[str, dg.MetadataValue]) -> set[int]:
    """The accounts that a step's failure is about; none where it is about no account alone."""
    named = metadata.get(FAILED_ACCOUNTS)
    return {int(account) for account in str(named.value).split(", ")} if named is not None else set()


def failure_lines(failures: Sequence[AccountFailure], warehouse: Warehouse) -> list[str]:
    """The error of each account."""
    names = known_names(warehouse.engine, [failed.partition.account_id for failed in failures])
    return [f"account {names.title(failed.partition.account_id)}: {failed.error}" for failed in failures]


@contextmanager
def as_dagster_failure() -> Iterator[None]:
    """Let an error of ours fail the step with its own words, and without a retry."""
    try:
        yield
    except LacError as error:
        metadata = {ERROR: type(error).__name__}
        raise dg.Failure(description=str(error), metadata=metadata, allow_retries=False) from error
