"""Which parts of a report were read for which days: metrics and pivots that were chosen after days were loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Engine, Text, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE
from sqlalchemy.sql.selectable import FromClause

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams import report_of
from lac_pipeline.warehouse.check_results import Check, CheckState, MissingParts
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, SyncLog
from lac_pipeline.warehouse.schema.tables import table_of
from lac_pipeline.windows import DateWindow

NO_RUN = ""
"""The run of a result that is found by reading the log."""


def reads(parts: Mapping[str, Sequence[str]], attempts: FromClause) -> ColumnElement[bool]:
    """SQL condition: an attempt read these parts of its asset, or its parts are unknown."""
    asset, read = attempts.c.asset, attempts.c.parts
    enough = [and_(asset == name, read.op("@>", is_comparison=True)(_texts(chosen))) for name, chosen in parts.items()]
    return or_(read.is_(None), asset.not_in(list(parts)), *enough)


class Parts:
    """Finds the days of which chosen metrics and pivots were not read.

    Args:
        engine: as `make_engine` makes it.
        parts: what is chosen now, by asset.
    """

    def __init__(self, engine: Engine, parts: Mapping[str, Sequence[str]]) -> None:
        self._engine = engine
        self._parts = parts

    def missing(self, account_ids: Collection[int], *, since: date) -> list[CheckState]:
        """Return, by account and asset, the days from `since` on that were loaded without something chosen now.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors(), self._engine.connect() as connection:
            return missing_parts(connection, self._parts, account_ids, since=since)


def missing_parts(
    connection: Connection, parts: Mapping[str, Sequence[str]], account_ids: Collection[int], *, since: date
) -> list[CheckState]:
    """Return, by account and asset, the days from `since` on that were loaded without some of these parts.

    Of a report that is requested entity by entity `entities_read` shows what is missing.
    """
    parts = {asset: chosen for asset, chosen in parts.items() if report_of(asset).one_by_one is None}
    return [
        CheckState(
            check=Check.PARTS_READ,
            asset=asset,
            account_id=account_id,
            passed=False,
            facts=MissingParts(_lacking(connection, parts, account_id, asset, window)),
            window=window,
            run_id=NO_RUN,
        )
        for account_id, asset, window in _windows(connection, parts, account_ids, since)
    ]


def _windows(
    connection: Connection, parts: Mapping[str, Sequence[str]], account_ids: Collection[int], since: date
) -> list[tuple[int, str, DateWindow]]:
    """The days of attempts that read less, without those of attempts that read everything, joined."""
    log = table_of(SyncLog).c
    days = func.range_agg(func.daterange(log.partition_start, log.partition_end), type_=DATEMULTIRANGE)
    whole = reads(parts, table_of(SyncLog))
    nothing = func.datemultirange(type_=DATEMULTIRANGE)
    lacking = days.filter(~whole).op("-")(func.coalesce(days.filter(whole), nothing))
    by_asset = (
        select(log.account_id, log.asset, func.unnest(lacking).label("days"))
        .where(
            log.account_id == func.any(literal(list(account_ids), ARRAY(BigInteger))),
            log.asset == func.any(_texts(list(parts))),
            log.status.in_(CONFIRMED),
            log.partition_end > since,
        )
        .group_by(log.account_id, log.asset)
        .having(days.filter(~whole).is_not(None))
        .subquery()
    )
    key = (by_asset.c.account_id, by_asset.c.asset, func.lower(by_asset.c.days))
    query = select(*key, func.upper(by_asset.c.days)).order_by(*key)
    return [
        (account_id, asset, DateWindow(max(start, since), end))
        for account_id, asset, start, end in connection.execute(query)
        if end > since
    ]


def _lacking(
    connection: Connection, parts: Mapping[str, Sequence[str]], account_id: int, asset: str, window: DateWindow
) -> tuple[str, ...]:
    log = table_of(SyncLog).c
    query = (
        select(log.parts)
        .where(
            log.account_id == account_id,
            log.asset == asset,
            log.status.in_(CONFIRMED),
            log.partition_end > window.start,
            log.partition_start < window.end,
            ~reads(parts, table_of(SyncLog)),
        )
        .distinct()
    )
    read = [set(attempt_parts) for attempt_parts in connection.scalars(query)]
    return tuple(part for part in parts[asset] if any(part not in parts_read for parts_read in read))


def _texts(values: Sequence[str]) -> ColumnElement[list[str]]:
    return literal(list(values), ARRAY(Text))
