"""What a downstream asset is given as its input: the rows of exactly its upstream partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import Column, insert

from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.io_manager import PostgresUpsertIOManager
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.streams import STREAMS, Partitioning, stream_of
from lac_pipeline.warehouse.schema.tables import account_of, stream_table
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.conftest import own_environment

ACCOUNTS = (510000001, 510000002)
QUIET = 510000003
START = date(2026, 9, 1)
MONEY = "cost_in_local_currency"
DAYS = DateWindow(START, date(2026, 11, 3))
ENTITIES, DAILY, MONTHLY = (
    [stream.name for stream in STREAMS if stream.partitioning is partitioning]
    for partitioning in (Partitioning.ACCOUNT, Partitioning.ACCOUNT_DAY, Partitioning.ACCOUNT_MONTH)
)


@pytest.fixture(scope="module")
def definitions(module_warehouse_url: str) -> Iterator[dg.Definitions]:
    """The definitions over a warehouse that these tests read alone: a row of every day and month for both accounts."""
    with own_environment():
        app = {"LINKEDIN_CLIENT_ID": "client", "LINKEDIN_CLIENT_SECRET": "secret"}
        app |= {"LAC_STREAMS": "all", "LAC_CAMPAIGN_DEMOGRAPHICS": "all"}
        isolate(app | {"DATABASE_URL": module_warehouse_url, "LAC_START_DATE": START.isoformat()})
        engine = make_engine(module_warehouse_url)
        try:
            with engine.begin() as connection:
                for asset in STREAMS.names:
                    connection.execute(insert(stream_table(asset)), list(_rows(asset)))
        finally:
            engine.dispose()
        yield build_definitions(Settings.load())


def _rows(asset: str) -> Iterator[dict[str, Any]]:
    """A row of each account, in each of its days or months."""
    columns = stream_table(asset).c
    needed = [column for column in columns if not column.nullable and column.server_default is None]
    day_column = stream_of(asset).day_column
    days = [None] if day_column is None else [day for day in DAYS if asset in DAILY or day.day == 1]
    for place, account in enumerate(ACCOUNTS, start=1):
        for day in days:
            row = {column.name: _filled(column, place, day) for column in needed}
            metrics = {"impressions": place, MONEY: Decimal("0.1")} if day else {}
            row |= {name: value for name, value in metrics.items() if name in columns}
            yield row | {account_of(asset).name: account} | ({} if day_column is None else {day_column: day})


def _filled(column: Column[Any], place: int, day: date | None) -> object:
    """A value for a column that needs one, another for each account and day where the key may consist of it."""
    if column.type.python_type is int:
        return place
    if column.type.python_type is datetime:
        return datetime.combine(day or START, time(), UTC)
    return f"{column.table.name} {place} {day}"


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    """Dagster, which knows the accounts."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(account_partitions.name), [str(account) for account in (*ACCOUNTS, QUIET)])
        yield instance


Loaded = Callable[..., pd.DataFrame]


@pytest.fixture
def loaded(definitions: dg.Definitions, instance: dg.DagsterInstance) -> Loaded:
    """Give what a downstream asset gets of the partitions from the first key through the last."""
    return partial(load, definitions, instance)


def load(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    asset: str,
    first: str | None = None,
    last: str | None = None,
) -> pd.DataFrame:
    """Load an asset as Dagster does for a downstream one."""
    with dg.build_resources({"warehouse": WarehouseResource()}) as opened:
        context = dg.build_input_context(
            asset_key=asset,
            asset_partitions_def=definitions.resolve_assets_def(asset).partitions_def,
            asset_partition_key_range=dg.PartitionKeyRange(first, last or first) if first else None,
            instance=instance,
        )
        return PostgresUpsertIOManager(warehouse=opened.warehouse).load_input(context)


def cells(frame: pd.DataFrame, day: str) -> list[tuple[int, date]]:
    """The account and the day of each row, in order."""
    return sorted(zip(frame["account_id"], frame[day], strict=True))


@pytest.mark.parametrize("day", [date(2026, 10, 1), date(2026, 10, 15), date(2026, 10, 31), date(2026, 11, 1)], ids=str)
@pytest.mark.parametrize("asset", DAILY)
def test_a_day_is_that_day_alone(loaded: Loaded, asset: str, day: date) -> None:
    """The first of a month looks like a month's key, but of a daily asset it is one day."""
    assert cells(loaded(asset, f"{ACCOUNTS[0]}|{day}"), "date") == [(ACCOUNTS[0], day)]


@pytest.mark.parametrize("asset", DAILY)
def test_days_across_the_end_of_a_month_are_those_days(loaded: Loaded, asset: str) -> None:
    """A range over the edge of a month holds its days and no other day of either month."""
    first, last = date(2026, 9, 30), date(2026, 10, 2)
    frame = loaded(asset, f"{ACCOUNTS[0]}|{first}", f"{ACCOUNTS[0]}|{last}")
    assert cells(frame, "date") == [(ACCOUNTS[0], first + timedelta(days=n)) for n in range(3)]


@pytest.mark.parametrize("asset", DAILY)
def test_one_day_of_many_accounts(loaded: Loaded, asset: str) -> None:
    """A run over one day and all accounts gets that day of each."""
    day = date(2026, 11, 1)
    frame = loaded(asset, f"{ACCOUNTS[0]}|{day}", f"{ACCOUNTS[1]}|{day}")
    assert cells(frame, "date") == [(account, day) for account in ACCOUNTS]


@pytest.mark.parametrize("asset", MONTHLY)
def test_a_month_is_that_month_alone(loaded: Loaded, asset: str) -> None:
    """The key of a month stands for the month, whose rows carry its first day."""
    month = date(2026, 10, 1)
    assert cells(loaded(asset, f"{ACCOUNTS[1]}|{month}"), "month") == [(ACCOUNTS[1], month)]


@pytest.mark.parametrize("asset", MONTHLY)
def test_a_range_of_months_is_those_months(loaded: Loaded, asset: str) -> None:
    """The last key of a range is a whole month too."""
    frame = loaded(asset, f"{ACCOUNTS[0]}|2026-09-01", f"{ACCOUNTS[0]}|2026-10-01")
    assert cells(frame, "month") == [(ACCOUNTS[0], date(2026, 9, 1)), (ACCOUNTS[0], date(2026, 10, 1))]


@pytest.mark.parametrize("asset", ENTITIES)
def test_an_account_is_its_own_rows(loaded: Loaded, asset: str) -> None:
    """An asset that is partitioned by account alone gives the rows of that account."""
    frame = loaded(asset, str(ACCOUNTS[1]))
    assert list(frame[account_of(asset).name]) == [ACCOUNTS[1]]


@pytest.mark.parametrize("asset", STREAMS.names)
def test_without_partitions_it_is_every_row(loaded: Loaded, asset: str) -> None:
    """Who names no partition gets the table, not an empty frame."""
    assert len(loaded(asset)) == len(list(_rows(asset)))


@pytest.mark.parametrize("asset", STREAMS.names)
def test_nothing_has_the_columns_of_the_table(loaded: Loaded, asset: str) -> None:
    """Partitions without a row give an empty frame on which the same code runs."""
    day = "" if asset in ENTITIES else "|2026-10-01"
    frame = loaded(asset, f"{QUIET}{day}")
    assert frame.empty
    assert list(frame.columns) == [column.name for column in stream_table(asset).c]


@pytest.mark.parametrize("asset", [asset for asset in [*DAILY, *MONTHLY] if MONEY in stream_table(asset).c])
def test_money_is_exact(loaded: Loaded, asset: str) -> None:
    """Ten times 0.1 is one: money stays Decimal on its way into the frame."""
    costs = loaded(asset)[MONEY].head(10)
    assert {type(cost) for cost in costs} == {Decimal}
    assert sum(costs) == len(costs) * Decimal("0.1")
