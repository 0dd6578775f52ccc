"""The rows of an account and its days, and the numbers that each partition is shown with."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Select,
    Table,
    and_,
    bindparam,
    func,
    not_,
    null,
    select,
)

from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import account_of, day_of, rows_of, stream_table
from lac_pipeline.windows import DateWindow

SUMMED = ("impressions", "clicks", "cost_in_local_currency")
"""The columns of daily metrics that each partition is shown with."""


class _Days(NamedTuple):
    """Bounds of days as parameters of a statement."""

    start: BindParameter[date]
    end: BindParameter[date]


_Account = int | BindParameter[int]
_ACCOUNT = bindparam("of_account", type_=BigInteger)
_DAYS = _Days(bindparam("first_day", type_=Date), bindparam("end_day", type_=Date))
_WRITTEN_AT = bindparam("written_at", type_=DateTime(timezone=True))


class PartitionNumbers(Struct, frozen=True):
    """What one partition holds now: an account, or one of its days or months.

    Attributes:
        rows: rows, without entities that were removed.
        inserted: those of them that the load inserted.
        updated: those of them that the load updated.
        impressions: their sum; None where it is unknown, or where rows overlap as those of several pivots do.
        clicks: their sum, or None as above.
        spend: the sum of their cost in the account's currency, or None as above.
    """

    rows: int = 0
    inserted: int = 0
    updated: int = 0
    impressions: int | None = None
    clicks: int | None = None
    spend: Decimal | None = None


def partition_numbers(
    connection: Connection, asset: str, account_id: int, window: DateWindow | None, *, written_at: datetime
) -> dict[date | None, PartitionNumbers]:
    """Count and sum an account's rows, as `Readings.by_partition` says."""
    chosen: dict[str, object] = {_ACCOUNT.key: account_id, _WRITTEN_AT.key: written_at}
    if window is not None:
        chosen |= {_DAYS.start.key: window.start, _DAYS.end.key: window.end}
    days = None if window is None else _DAYS
    query = _by_partition(asset, stream_table(asset), day_of(asset), days, summed=adds_up(asset))
    return {row[0]: PartitionNumbers(*row[1:]) for row in connection.execute(query, chosen)}


@cache
def _by_partition(
    asset: str, table: Table, day: Column[date] | None, days: _Days | None, *, summed: bool
) -> Select[Any]:
    """Make the query of `partition_numbers`, which each load of an asset needs."""
    by: list[ColumnElement[Any]] = [] if day is None else [day]
    new, updated = table.c.created_at == _WRITTEN_AT, table.c.updated_at == _WRITTEN_AT
    counts = func.count(), func.count().filter(new), func.count().filter(not_(new), updated)
    sums = [whole_sum(table.c[name]) for name in SUMMED] if summed else []
    query = select(*(by or [null()]), *counts, *sums).select_from(table)
    return query.where(stored_part(asset, _ACCOUNT, days)).group_by(*by)


def stored_part(asset: str, account_id: _Account, window: DateWindow | _Days | None) -> ColumnElement[bool]:
    """The rows of a part that LinkedIn still shows."""
    table, part = stream_table(asset), part_of(asset, account_id, window)
    return and_(part, table.c.removed_at.is_(None)) if "removed_at" in table.c else part


def part_of(asset: str, account_id: _Account, window: DateWindow | _Days | None) -> ColumnElement[bool]:
    """The rows of an account and its days; None: of all days."""
    account, day = and_(rows_of(asset), account_of(asset) == account_id), day_of(asset)
    if window is None or day is None:
        return account
    return and_(account, day >= window.start, day < window.end)


def adds_up(asset: str) -> bool:
    """Whether the rows of a partition add up to its total; those of several pivots split the same activity."""
    report = stream_of(asset).report
    return report is not None and report.totals_match
