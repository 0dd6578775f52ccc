"""The stored rows of every account, counted in a few queries however many accounts there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import ARRAY, BigInteger, Engine, Select, Text, and_, func, literal, select, union, union_all

from lac_pipeline.errors import StorageError
from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, RejectedRecord_, SyncLog
from lac_pipeline.warehouse.schema.tables import Account, account_of, day_of, rows_of, stream_table
from lac_pipeline.windows import DateWindow


class Affected(Struct, frozen=True):
    """An asset of an account that has open rejections, and the days that they are of; None for entities."""

    account_id: int
    asset: str
    window: DateWindow | None
    rejects: int


def known_names(engine: Engine, account_ids: Collection[int | None]) -> AccountNames:
    """The names of accounts that are about to be named to a person; none where PostgreSQL does not respond."""
    named = [account_id for account_id in account_ids if account_id is not None]
    with suppress(StorageError):
        return AccountNames(Overview(engine).names(named) if named else {})
    return NAMELESS


class Overview:
    """Counts over all accounts. Every method raises `StorageError` when the query fails.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)
        self._bounded = engine

    def account_ids(self) -> list[int]:
        """The accounts that were ever synced, or tried."""
        query = union(select(Account.id), select(SyncLog.account_id)).subquery()
        with translating_errors(), self._engine.connect() as connection:
            return list(connection.scalars(select(query.c[0]).order_by(query.c[0])))

    def names(
        self, account_ids: Collection[int] | None = None, *, within: timedelta | None = None
    ) -> dict[int, str | None]:
        """The name of each account that was loaded, or of these accounts.

        Args:
            account_ids: only these; None for all.
            within: how long PostgreSQL may take, waits for locks included; as long as it takes by default.
        """
        query = select(Account.id, Account.name)
        if account_ids is not None:
            query = query.where(Account.id == func.any(literal([*account_ids], ARRAY(BigInteger))))
        engine = self._engine if within is None else self._bounded  # the limit holds for a transaction
        with translating_errors(), engine.connect() as connection:
            if within is not None:
                milliseconds = within // timedelta(milliseconds=1)
                connection.execute(select(func.set_config("statement_timeout", f"{milliseconds}", True)))
            return dict(connection.execute(query).tuples().all())

    def rows(
        self, account_ids: Iterable[int], assets: Iterable[str], window: DateWindow | None = None
    ) -> dict[tuple[int, str], int]:
        """Count the rows by account and asset; of facts those within the window, of entities those not removed."""
        accounts = list(account_ids)
        query = union_all(*(_rows(asset, accounts, window) for asset in assets))
        with translating_errors(), self._engine.connect() as connection:
            return {(account_id, asset): count for account_id, asset, count in connection.execute(query)}

    def rejected(self, *, account_ids: Collection[int] | None = None, asset: str | None = None) -> list[Affected]:
        """Count the open rejections by account and asset, with the days that they span."""
        table = RejectedRecord_
        keys = (table.account_id, table.asset)
        query = select(*keys, func.min(table.partition_start), func.max(table.partition_end), func.count())
        query = query.where(table.closed_at.is_(None)).group_by(*keys).order_by(*keys)
        query = query if account_ids is None else query.where(table.account_id.in_(account_ids))
        query = query if asset is None else query.where(table.asset == asset)
        with translating_errors(), self._engine.connect() as connection:
            return [Affected(row, name, _window(*days), n) for row, name, *days, n in connection.execute(query)]

    def seconds_per_call(self) -> float | None:
        """How long a sync took for each request it sent, over the last thousand attempts; None before the first."""
        recent = (
            select(SyncLog.finished_at - SyncLog.started_at, SyncLog.api_calls_made)
            .where(SyncLog.status.in_(CONFIRMED), SyncLog.api_calls_made > 0)
            .order_by(SyncLog.started_at.desc())
            .limit(1000)
            .subquery()
        )
        query = select(func.sum(recent.c[0]), func.sum(recent.c[1]))
        with translating_errors(), self._engine.connect() as connection:
            spent, calls = connection.execute(query).one()
        return spent / timedelta(seconds=1) / float(calls) if calls else None


def _rows(asset: str, account_ids: list[int], window: DateWindow | None) -> Select[tuple[int, str, int]]:
    table = stream_table(asset)
    account, day = account_of(asset), day_of(asset)
    mine = and_(rows_of(asset), account.in_(account_ids))
    query = select(account, literal(asset, Text), func.count()).where(mine).group_by(account)
    if "removed_at" in table.c:
        query = query.where(table.c.removed_at.is_(None))
    if window is not None and day is not None:
        query = query.where(day >= window.start, day < window.end)
    return query


def _window(start: date | None, end: date | None) -> DateWindow | None:
    return None if start is None or end is None else DateWindow(start, end)
