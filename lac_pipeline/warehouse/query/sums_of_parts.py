"""Whether the rows of a report add up to those of the report that they are parts of: conversions by rule, or devices.

Both tables hold the numbers, so the comparison costs no call. A day of an entity is compared where it was over when
both reports were read, within two hours of each other: LinkedIn credits conversions to past days for months, so reads
that lie further apart may rightly differ. Tolerance: none on days that were over for two days, where the report says
that the numbers agree exactly; otherwise 1 % of the whole, and at least one, or a cent. A day of an entity of which a
record was refused, or a number is unknown or stale, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    Engine,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)

from lac_pipeline.linkedin.metrics import BY_NAME, Kind, Metric
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams import report_of
from lac_pipeline.warehouse.load.reconciliation import CENT, YOUNG_SHARE
from lac_pipeline.warehouse.load.restatements import SETTLED_AFTER
from lac_pipeline.warehouse.query.check_queries import SHOWN, Found
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, RejectedRecord_, SyncLog
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import stream_table, table_of
from lac_pipeline.windows import DateWindow

Refused = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]
"""Says in SQL whether a record of an entity's day was refused."""
TOGETHER = timedelta(hours=2)
"""Reads that lie further apart are not compared."""


class SumsOfParts:
    """Compares a report's rows with those that they add up to.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def differing(self, asset: str, account_id: int, window: DateWindow) -> Found | None:
        """Days of entities on which the parts do not add up to the whole; None where no day can be compared.

        Raises:
            StorageError: the query failed.
        """
        report = report_of(asset)
        rule = report.adds_up_to
        if rule is None or report.subject is None:
            return None
        parts, whole = stream_table(asset), stream_table(rule.stream)
        with translating_errors(), self._engine.connect() as connection:
            sides = ((parts, rule.pivot), (whole, None))
            read = [_read_at(connection, table.name, account_id, window, pivot) for table, pivot in sides]
            days = [day for day in window if _comparable(day, [times.get(day) for times in read])]
            if not days:
                return None
            young = [day for day in days if any(times[day].date() - day <= SETTLED_AFTER for times in read)]
            metrics, entity = [BY_NAME[name] for name in rule.metrics], report.subject.column
            of_pivot = [parts.c[str(report.pivot_column)] == report.label_of(rule.pivot)] if rule.pivot else []
            added = _numbers(parts, entity, metrics, account_id, days).where(*of_pivot).subquery("added")
            own = _numbers(whole, entity, metrics, account_id, days).subquery("own")
            refused = partial(_refused, (asset, whole.name), account_id)
            query = _differing(added, own, metrics, uncertain=young if rule.exact else days, refused=refused)
            rows = [dict(row) for row in connection.execute(query.limit(SHOWN)).mappings()]
        totals = [row.pop("of_all") for row in rows]
        return Found(totals[0] if totals else 0, [{entity: row.pop("entity"), **row} for row in rows])


def _read_at(
    connection: Connection, asset: str, account_id: int, window: DateWindow, pivot: str | None
) -> dict[date, datetime]:
    """When each day of the window was last read, by the pivot where one is given."""
    log = table_of(SyncLog).c
    loads = (
        select(log.partition_start, log.partition_end, log.started_at)
        .where(log.asset == asset, log.account_id == account_id, log.status.in_(CONFIRMED))
        .where(log.partition_start < window.end, log.partition_end > window.start)
        .where(*([log.parts.any(pivot)] if pivot else []))
        .order_by(log.started_at)
    )
    return {
        day: started_at.astimezone(UTC)
        for start, end, started_at in connection.execute(loads)
        for day in DateWindow(max(start, window.start), min(end, window.end))
    }


def _comparable(day: date, read_at: Sequence[datetime | None]) -> bool:
    """Whether both reports were read after the day, and together."""
    first, second = read_at
    if first is None or second is None:
        return False
    return day < min(first, second).date() and abs(first - second) <= TOGETHER


def _numbers(table: Table, key: str, metrics: Sequence[Metric], account_id: int, days: list[date]) -> Select[Any]:
    """Sum a table's rows by entity and day; a sum is NULL as soon as one of its values is."""
    return (
        select(
            table.c[key].label("entity"),
            table.c.date,
            *(whole_sum(table.c[metric.column]).label(metric.column) for metric in metrics),
            func.bool_or(table.c.stale_since.is_not(None)).label("stale"),
        )
        .where(table.c.account_id == account_id, _among(table.c.date, days))
        .group_by(table.c[key], table.c.date)
    )


def _among(day: ColumnElement[date], days: list[date]) -> ColumnElement[bool]:
    """Whether it is one of the days, which are one parameter: a text with each of 90 days takes longer to write."""
    return day == func.any(literal(days, ARRAY(Date)))


def _differing(
    added: FromClause, own: FromClause, metrics: Sequence[Metric], *, uncertain: list[date], refused: Refused
) -> Select[Any]:
    entity, day = func.coalesce(own.c.entity, added.c.entity), func.coalesce(own.c.date, added.c.date)
    stale = or_(func.coalesce(own.c.stale, false()), func.coalesce(added.c.stale, false()))
    shown, apart = [], []
    for metric in metrics:
        total, sum_of_parts = _known(own, metric), _known(added, metric)
        least = CENT if metric.kind is Kind.MONEY else 1
        tolerance = case((_among(day, uncertain), func.greatest(least, YOUNG_SHARE * total)), else_=0)
        shown += [total.label(metric.column), sum_of_parts.label(f"{metric.column}_of_parts")]
        apart.append(func.abs(total - sum_of_parts) > tolerance)
    return (
        select(entity.label("entity"), day.label("date"), *shown, func.count().over().label("of_all"))
        .select_from(added.join(own, and_(own.c.entity == added.c.entity, own.c.date == added.c.date), full=True))
        .where(or_(*apart), ~stale, ~refused(entity, day))
        .order_by(day, entity)
    )


def _known(side: FromClause, metric: Metric) -> ColumnElement[Any]:
    """A side's number: 0 where LinkedIn had no row, and NULL where it is unknown."""
    return case((side.c.entity.is_(None), 0), else_=side.c[metric.column])


def _refused(
    assets: Sequence[str], account_id: int, entity: ColumnElement[Any], day: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a record in quarantine is about the entity's day, or may be; the first of its pivot values names it."""
    table = RejectedRecord_
    named = func.substring(func.jsonb_extract_path_text(table.raw, "pivotValues", "0"), r":(\d+)$")
    return (
        select(table.id)
        .where(table.asset.in_(assets), table.account_id == account_id, table.closed_at.is_(None))
        .where(table.partition_start <= day, table.partition_end > day)
        .where(or_(named.is_(None), named == cast(entity, Text)))
        .exists()
    )
