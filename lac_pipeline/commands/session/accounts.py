"""Which ad accounts there are: configured, discovered, or with rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import column, func, select, table

from lac_pipeline.postgres.engine import make_engine, translating_errors
from lac_pipeline.postgres.url import read_url
from lac_pipeline.settings import Settings
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.connected import ConnectedWarehouse
from lac_pipeline.warehouse.query.overview import Overview

_FIX = "`lac sync --account all` finds the accounts that the token can see"
_PARTITIONS = table("dynamic_partitions", column("partitions_def_name"), column("partition"))
_OF_ACCOUNTS = "linkedin_account"


def partition_accounts(settings: Settings) -> list[int]:
    """Read from Dagster's database the accounts that it has partitions for, sorted.

    Dagster itself is not imported: that takes longer than everything else a small command does.

    Raises:
        StorageError: the query failed.
    """
    engine = make_engine(read_url(str(settings.dagster_url)).set(drivername="postgresql+psycopg"), pooled=False)
    query = select(_PARTITIONS.c.partition).where(_PARTITIONS.c.partitions_def_name == _OF_ACCOUNTS)
    with translating_errors(), engine.connect() as connection:
        if connection.scalar(select(func.to_regclass(_PARTITIONS.name))) is None:  # Dagster has not been here yet
            return []
        return sorted(int(key) for key in connection.scalars(query) if key.isdigit())


def loaded_accounts(settings: Settings) -> list[int]:
    """The accounts that are loaded here: Dagster's partitions, without those that LAC_ACCOUNT_IDS leaves out.

    Raises:
        StorageError: the query failed.
    """
    return [account_id for account_id in partition_accounts(settings) if not settings.excludes(account_id)]


def known_accounts_of(names: Sequence[str], settings: Settings, warehouse: ConnectedWarehouse) -> list[int] | None:
    """Read the ids of the ad accounts that a command is to be about; None where none is named, and all are meant.

    Raises:
        UnknownNameError: an account is neither configured nor discovered, and has no rows.
        StorageError: the query failed.
    """
    if not names:
        return None
    known = {*settings.lac_account_ids, *Overview(warehouse.engine).account_ids()}
    if not known.issuperset(map(int, names)):
        known |= {*partition_accounts(settings)}
    for name in names:
        if int(name) not in known:
            raise unknown_name("ad account", name, [str(candidate) for candidate in known], fix=_FIX)
    return [int(name) for name in names]
