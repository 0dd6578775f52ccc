"""What is read back from the warehouse: previews, frames, spend by campaign, what a run did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Engine,
    RowMapping,
    Select,
    Table,
    Text,
    bindparam,
    false,
    func,
    or_,
    select,
)

from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.load.attempts import UNIDENTIFIED, Attempt
from lac_pipeline.warehouse.query.account_labels import AccountLabels
from lac_pipeline.warehouse.query.partition_numbers import (
    PartitionNumbers,
    part_of,
    partition_numbers,
    stored_part,
)
from lac_pipeline.warehouse.query.preview_query import preview_query
from lac_pipeline.warehouse.schema.operational_tables import SyncLog
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import (
    Account,
    Campaign,
    CampaignDailyMetric,
    rows_of,
    stream_table,
    table_of,
)
from lac_pipeline.windows import DateWindow

if TYPE_CHECKING:
    import pandas as pd

_ATTEMPTS = (
    select(SyncLog.__table__)
    .where(SyncLog.run_id == bindparam("of_run", type_=Text))
    .order_by(SyncLog.started_at, SyncLog.asset)
)
_LABELS = select(Account.id, Account.name, Account.currency).where(
    Account.id == func.any(bindparam("account_ids", type_=ARRAY(BigInteger)))
)


class CampaignSpend(Struct, frozen=True):
    """What a campaign delivered over all days in the warehouse; money in the account's currency.

    A sum is None where the metric was not read, or not given, on one of the days.
    """

    account_id: int
    account_name: str | None
    currency: str | None
    campaign_id: int
    campaign_name: str
    status: str | None
    days: int
    impressions: int | None
    clicks: int | None
    spend: Decimal | None
    leads: int | None


class AttemptRecord(Struct, frozen=True):
    """A row of `sync_log`: an attempt and what came of it."""

    attempt: Attempt
    status: str
    reason: str | None
    finished_at: datetime | None
    fetched: int
    inserted: int
    updated: int
    unchanged: int
    pruned: int
    rejected: int
    superseded: int
    api_calls: int
    errors: list[dict[str, str | None]]

    @property
    def seconds(self) -> float | None:
        """How long it took, fetching included; None while it runs."""
        return None if self.finished_at is None else (self.finished_at - self.attempt.started_at).total_seconds()

    @property
    def unidentified(self) -> list[dict[str, str | None]]:
        """Why rows that were not returned stay, where a refused record that names no row may be about them."""
        return [error for error in self.errors if error["type"] == UNIDENTIFIED]


class Readings:
    """The reading side of the warehouse. Every method raises `StorageError` when the query fails.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    def preview(
        self, asset: str, account_id: int, *, window: DateWindow | None = None, limit: int = 10
    ) -> list[dict[str, Any]]:
        """Return some rows of an asset, the newest days first, without columns that are NULL in all of them.

        Beside the id of the campaign or creative that a row is about stands its name. Of a declared report, and of an
        asset whose names only a view has, they are those of the view. Who a member is, is left out.
        """
        part = select(stream_table(asset)).where(part_of(asset, account_id, window))
        query = preview_query(asset, part, account_id, window)
        with translating_errors(), self._engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query.limit(limit)).mappings()]
        filled = {name for row in rows for name, value in row.items() if value is not None}
        filled.difference_update(stream_of(asset).members)
        return [{name: value for name, value in row.items() if name in filled} for row in rows]

    def frame_of(self, asset: str, parts: Iterable[tuple[int, DateWindow | None]] | None = None) -> pd.DataFrame:
        """Return the rows of some accounts, each in its window of UTC days; without parts, all rows of the asset.

        They are in key order: money as Decimal, days as date, times as aware UTC.
        """
        table = stream_table(asset)
        every = (
            [rows_of(asset)] if parts is None else [part_of(asset, account_id, window) for account_id, window in parts]
        )
        chosen = or_(false(), *every)
        query = select(table).where(chosen).order_by(*table.primary_key.columns)
        with translating_errors(), self._engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        import pandas as pd  # noqa: PLC0415 - half a second that most processes of the pipeline do without

        return pd.DataFrame.from_records(rows, columns=[column.name for column in table.c])

    def count(self, asset: str, account_id: int, window: DateWindow | None = None) -> int:
        """Count an account's rows of an asset; entities that were removed do not count."""
        query = select(func.count()).select_from(stream_table(asset)).where(stored_part(asset, account_id, window))
        with translating_errors(), self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def by_partition(
        self, asset: str, account_id: int, window: DateWindow | None, *, written_at: datetime
    ) -> dict[date | None, PartitionNumbers]:
        """Count and sum an account's rows by day or month, an entity's under None; days without a row are left out.

        Args:
            asset: an asset that is loaded from LinkedIn.
            account_id: ad account.
            window: the UTC days; None for entities.
            written_at: of the load (`LoadResult.written_at`) whose inserted and updated rows are counted.
        """
        with translating_errors(), self._engine.connect() as connection:
            return partition_numbers(connection, asset, account_id, window, written_at=written_at)

    def spend_by_campaign(self, *, account_id: int | None = None, limit: int = 20) -> list[CampaignSpend]:
        """Return the campaigns that spent most, each with its sums over all days; currencies are not converted.

        Campaigns whose spend is unknown come last.
        """
        with translating_errors(), self._engine.connect() as connection:
            return [CampaignSpend(*row) for row in connection.execute(_spend(account_id).limit(limit))]

    def daily_sums(
        self, asset: str, account_id: int, window: DateWindow
    ) -> list[tuple[date, Decimal | None, int | None]]:
        """Return spend and impressions of each day that has rows, in order; None where a row of the day has none."""
        metric = stream_table(asset).c
        sums = (whole_sum(metric.cost_in_local_currency), whole_sum(metric.impressions))
        days = select(metric.date, *sums).where(part_of(asset, account_id, window))
        with translating_errors(), self._engine.connect() as connection:
            rows = connection.execute(days.group_by(metric.date).order_by(metric.date))
            return [(row[0], row[1], row[2]) for row in rows]

    def top_spend(
        self, asset: str, entities: str, key: str, account_id: int, window: DateWindow, *, limit: int
    ) -> list[tuple[int, str | None, Decimal | None]]:
        """Return id, name and spend of the entities that cost most; the name is None where the entity is not known.

        Entities whose spend is None, as a row of the window has none, come last.
        """
        metric, entity = stream_table(asset).c, stream_table(entities).c
        spend = whole_sum(metric.cost_in_local_currency).label("spend")
        top = select(metric[key], spend).where(part_of(asset, account_id, window)).group_by(metric[key])
        first = top.order_by(spend.desc().nulls_last(), metric[key]).limit(limit).subquery()
        named = select(first.c[key], entity.name, first.c.spend).outerjoin(entity.id.table, entity.id == first.c[key])
        with translating_errors(), self._engine.connect() as connection:
            return [
                (row[0], row[1], row[2])
                for row in connection.execute(named.order_by(first.c.spend.desc().nulls_last(), first.c[key]))
            ]

    def attempts_of(self, run_id: str) -> list[AttemptRecord]:
        """Return what a run did, in the order in which it began."""
        with translating_errors(), self._engine.connect() as connection:
            return [_record(row) for row in connection.execute(_ATTEMPTS, {"of_run": run_id}).mappings()]

    def running_run_ids(self) -> list[str]:
        """Return the runs that have attempts which did not end, which housekeeping looks up in Dagster."""
        query = select(SyncLog.run_id).where(SyncLog.status == "running").distinct().order_by(SyncLog.run_id)
        with translating_errors(), self._engine.connect() as connection:
            return list(connection.scalars(query))

    def account(self, account_id: int) -> AccountLabels:
        """Return what people know the account by; nothing before the account was synced."""
        return self.accounts([account_id])[account_id]

    def accounts(self, account_ids: Iterable[int]) -> dict[int, AccountLabels]:
        """Return what people know each of the accounts by; nothing before the account was synced."""
        unknown = {account_id: AccountLabels(account_id, None, None) for account_id in account_ids}
        with translating_errors(), self._engine.connect() as connection:
            found = connection.execute(_LABELS, {"account_ids": [*unknown]})
            return unknown | {labels[0]: AccountLabels(*labels) for labels in found}

    def known_account_ids(self) -> list[int]:
        """Return the accounts that were ever synced, in order."""
        with translating_errors(), self._engine.connect() as connection:
            return list(connection.scalars(select(Account.id).order_by(Account.id)))


def _spend(account_id: int | None) -> Select[Any]:
    metric: Table = table_of(CampaignDailyMetric)
    sums = select(
        metric.c.account_id,
        metric.c.campaign_id,
        func.count().label("days"),
        *(
            whole_sum(metric.c[name]).label(name)
            for name in ("impressions", "clicks", "cost_in_local_currency", "one_click_leads")
        ),
    ).group_by(metric.c.account_id, metric.c.campaign_id)
    total = (sums if account_id is None else sums.where(metric.c.account_id == account_id)).subquery()
    return (
        select(
            total.c.account_id,
            Account.name,
            Account.currency,
            total.c.campaign_id,
            func.coalesce(Campaign.name, func.concat(total.c.campaign_id)),
            Campaign.status,
            total.c.days,
            total.c.impressions,
            total.c.clicks,
            total.c.cost_in_local_currency,
            total.c.one_click_leads,
        )
        .outerjoin(Campaign, Campaign.id == total.c.campaign_id)
        .outerjoin(Account, Account.id == total.c.account_id)
        .order_by(total.c.cost_in_local_currency.desc().nulls_last(), total.c.campaign_id)
    )


def _record(row: RowMapping) -> AttemptRecord:
    start, end = row["partition_start"], row["partition_end"]
    window = None if start is None or end is None else DateWindow(start, end)
    return AttemptRecord(
        attempt=Attempt(row["asset"], row["account_id"], row["run_id"], row["trigger"], window, row["started_at"]),
        status=row["status"],
        reason=row["reason"],
        finished_at=row["finished_at"],
        fetched=row["rows_fetched"],
        inserted=row["rows_inserted"],
        updated=row["rows_updated"],
        unchanged=row["rows_unchanged"],
        pruned=row["rows_pruned"],
        rejected=row["rows_rejected"],
        superseded=row["rows_superseded"],
        api_calls=row["api_calls_made"],
        errors=row["errors"] or [],
    )
