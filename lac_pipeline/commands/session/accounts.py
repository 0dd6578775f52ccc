"""Which ad accounts there are: configured, discovered, or with rows."""

from __future__ import annotations

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


def known_account(account: str | None, settings: Settings, warehouse: Warehouse) -> int | None:
    """Read the id of an ad account that a command is to be about; None stays None.

    Raises:
        UnknownNameError: the account is neither configured nor discovered, and has no rows.
        StorageError: PostgreSQL cannot answer.
    """
    if account is None:
        return None
    known = {*settings.lac_account_ids, *Overview(warehouse.engine).account_ids()}
    if int(account) not in known:
        with dg.DagsterInstance.get() as instance:
            known |= {int(key) for key in known_accounts(instance) if key.isdigit()}
    if int(account) not in known:
        raise unknown_name("ad account", account, [str(one) for one in known], fix=_FIX)
    return int(account)
