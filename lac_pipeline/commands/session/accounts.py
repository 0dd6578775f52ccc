"""Which ad accounts there are: configured, discovered, or with rows."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.partitions import known_accounts
from lac_pipeline.settings import Settings
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.warehouse import Warehouse

_FIX = "`lac sync --account all` finds the accounts that the token can see"


def loaded_accounts(settings: Settings) -> list[int]:
    """The accounts that are loaded here: Dagster's partitions, without those that LAC_ACCOUNT_IDS leaves out."""
    with dg.DagsterInstance.get() as instance:
        return configured_accounts(instance, settings)


def known_accounts_of(names: Sequence[str], settings: Settings, warehouse: Warehouse) -> list[int] | None:
    """Read the ids of the ad accounts that a command is to be about; None where none is named, and all are meant.

    Raises:
        UnknownNameError: an account is neither configured nor discovered, and has no rows.
        StorageError: the query failed.
    """
    if not names:
        return None
    known = {*settings.lac_account_ids, *Overview(warehouse.engine).account_ids()}
    if not known.issuperset(map(int, names)):
        with dg.DagsterInstance.get() as instance:
            known |= {int(key) for key in known_accounts(instance) if key.isdigit()}
    for name in names:
        if int(name) not in known:
            raise unknown_name("ad account", name, [str(candidate) for candidate in known], fix=_FIX)
    return [int(name) for name in names]
