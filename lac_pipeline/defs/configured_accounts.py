"""Which ad accounts are loaded, checked and reported: all partitions, or those of them that LAC_ACCOUNT_IDS names."""

from __future__ import annotations

import dagster as dg

from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.errors import PartitionError
from lac_pipeline.settings import Settings


def configured_accounts(instance: dg.DagsterInstance, settings: Settings, namespace: Namespace = ALONE) -> list[int]:
    """The ids of the accounts that Dagster has partitions for and that `LAC_ACCOUNT_IDS` does not leave out, sorted."""
    known = sorted(int(key) for key in namespace.known_accounts(instance) if key.isdigit())
    return [account_id for account_id in known if not settings.excludes(account_id)]


def refuse_excluded(account_id: int, settings: Settings) -> None:
    """Refuse an ad account that `LAC_ACCOUNT_IDS` leaves out, however it was named: in a command, in the UI, in a run.

    Raises:
        PartitionError: it is left out.
    """
    if settings.excludes(account_id):
        raise PartitionError(
            f"ad account {account_id} is not in LAC_ACCOUNT_IDS",
            meaning=f"only {', '.join(map(str, sorted(settings.lac_account_ids)))} are loaded and reported; the rows "
            f"of {account_id} stay as they are",
            fix=f"add {account_id} to LAC_ACCOUNT_IDS, or remove the setting, and restart what was started with it",
        )
