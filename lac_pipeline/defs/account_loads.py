"""What a run of an asset did for its ad accounts: the windows that were loaded, and those that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from lac_pipeline.defs.metadata import StoredWindow
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import LacError

FAILED_ACCOUNTS = "accounts"
"""In the metadata of a step's failure: the accounts that it is about."""


@dataclass(frozen=True, slots=True)
class AccountFailure:
    """An account window that could not be fetched or loaded, and why; the others go on."""

    partition: AccountWindow
    error: LacError


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an asset hands to the IO manager: the windows that were loaded and those that were not."""

    windows: tuple[StoredWindow, ...]
    failures: tuple[AccountFailure, ...] = ()


def failure(failures: Sequence[AccountFailure]) -> dg.Failure:
    """One failure with every account's error; Dagster does not try it again, for the client has already."""
    story = "\n".join(f"account {failed.partition.account_id}: {failed.error}" for failed in failures)
    return dg.Failure(
        description=story,
        metadata={FAILED_ACCOUNTS: ", ".join(str(failed.partition.account_id) for failed in failures)},
        allow_retries=False,
    )
