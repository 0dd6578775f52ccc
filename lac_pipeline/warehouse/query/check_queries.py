"""Queries about what a run has just loaded, for the asset checks: each is one query over the run's windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Engine,
    Numeric,
    Select,
    Table,
    and_,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    text,
)

from lac_pipeline.linkedin.metrics import CATALOGUE, Kind
from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.streams import report_of, stream_of
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, SUCCESS, RejectedRecord_, SyncLog
from lac_pipeline.warehouse.schema.tables import METRICS, SCHEMA, Account, rows_of, stream_table, table_of
from lac_pipeline.windows import DateWindow

SHOWN = 20
NOTHING = Decimal("0.000001")
"""LinkedIn's sums of money may end in rounding: -2e-18 US dollars were seen on a day with one impression."""
QUIET_AFTER = 3
"""An account that had rows on each of so many days before is expected to have some on the next one too."""

_KEY = text(
    "SELECT attname FROM pg_constraint "
    "CROSS JOIN LATERAL unnest(conkey) WITH ORDINALITY AS part (number, place) "
    "JOIN pg_attribute ON attrelid = conrelid AND attnum = number "
    "WHERE contype = 'p' AND conrelid = to_regclass(:table) ORDER BY place"
)
"""PostgreSQL's catalogue says it at once; SQLAlchemy's inspector reads more, by several queries."""

Covered = Sequence[tuple[int, DateWindow | None]]
"""The accounts and UTC days that a run loaded; None: all days."""


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a query: how many rows, and at most twenty of them; and what is worth a note and no fault."""

    total: int
    rows: list[dict[str, Any]]
    notes: list[dict[str, Any]] = field(default_factory=list)


NOTHING_FOUND = Found(0, [])


class LoadChecks:
    """Queries about loaded rows. Every method raises `StorageError` when the query fails.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    @property
    def engine(self) -> Engine:
        """Where the rows are."""
        return self._engine

    def future(self, asset: str, covered: Covered, *, today: date) -> Found:
        """Rows of these accounts about days, or months, in the future."""
        table, day = _facts(asset)
        return self._find(select(*table.primary_key.columns).where(_of_accounts(asset, covered), day > today))

    def negative(self, asset: str, covered: Covered) -> Found:
        """Rows with a metric below zero, and the lowest of each; money that rounds to nothing is not below zero."""
        table, _ = _facts(asset)
        lowest = _lowest(table)
        query = select(*table.primary_key.columns, lowest.label("lowest"))
        return self._find(query.where(within(asset, covered), _has_negative(table, lowest)))

    def orphans(self, asset: str, covered: Covered) -> Found:
        """Campaigns, or creatives, that have metrics but no row of their own, with the days that they are about.

        One that was active on a day before LinkedIn's list was read completely, and is not in that list, was deleted:
        the list holds every status. It is a note.
        """
        table, day = _facts(asset)
        subject = report_of(asset).subject
        if subject is None:
            return NOTHING_FOUND
        entity, name = stream_table(subject.stream), subject.column
        days = (func.min(day).label("first_day"), func.max(day).label("last_day"))
        active = select(table.c.account_id, table.c[name], *days).where(within(asset, covered))
        each = active.group_by(table.c.account_id, table.c[name]).subquery()  # few, looked up once each
        query = select(each).where(~exists().where(entity.c.id == each.c[name]))
        if not self._find(query).total:
            return NOTHING_FOUND
        deleted = func.coalesce(each.c.first_day < _listed_on(subject.stream, each.c.account_id), false())
        found, noted = (self._find(query.where(condition)) for condition in (~deleted, deleted))
        return Found(found.total, found.rows, noted.rows)

    def without_currency(self, covered: Covered) -> Found:
        """Accounts of which no currency is known, or that are not in the table at all; their money has no unit."""
        ids = [account_id for account_id, _ in covered]
        with translating_errors(), self._engine.connect() as connection:
            named = select(Account.id).where(Account.id.in_(ids), func.length(Account.currency) > 0)
            known = set(connection.scalars(named))
        missing = sorted(set(ids) - known)
        return Found(len(missing), [{"account_id": account_id} for account_id in missing[:SHOWN]])

    def quiet(self, asset: str, covered: Covered, *, day: date) -> Found:
        """Accounts without a row on this day that had some on each of the three days before."""
        table, column = _facts(asset)
        read = [(account_id, window) for account_id, window in covered if window is None or day in window]
        before = DateWindow(day - timedelta(days=QUIET_AFTER), day)
        query = select(table.c.account_id, func.max(column).label("last_day_with_rows"))
        query = query.where(_of_accounts(asset, read), column >= before.start, column <= day)
        query = query.group_by(table.c.account_id)
        busy_before = func.count(column.distinct()).filter(column < day) == QUIET_AFTER
        return self._find(query.having(and_(busy_before, func.max(column) < day)))

    def key_in_force(self, asset: str) -> tuple[str, ...]:
        """The columns of the primary key that PostgreSQL enforces on the asset's table; none if there is none."""
        with translating_errors(), self._engine.connect() as connection:
            return tuple(connection.scalars(_KEY, {"table": f"{SCHEMA}.{stream_of(asset).table}"}))

    def newest_loads(self, asset: str, account_ids: Sequence[int]) -> list[tuple[int, DateWindow | None]]:
        """The days that were loaded last of each of these accounts, for a check that is evaluated by itself."""
        log = table_of(SyncLog).c
        newest = (
            select(log.account_id, log.partition_start, log.partition_end)
            .where(log.asset == asset, log.status.in_(CONFIRMED), log.account_id.in_(account_ids))
            .distinct(log.account_id)
            .order_by(log.account_id, log.started_at.desc())
        )
        with translating_errors(), self._engine.connect() as connection:
            rows = connection.execute(newest).all()
        return [(account_id, None if start is None else DateWindow(start, end)) for account_id, start, end in rows]

    def _find(self, query: Select[Any]) -> Found:
        counted = query.add_columns(func.count().over().label("of_all")).limit(SHOWN)
        with translating_errors(), self._engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(counted).mappings()]
        totals = [row.pop("of_all") for row in rows]
        return Found(totals[0] if totals else 0, rows)


def key_of(asset: str) -> tuple[str, ...]:
    """The columns by which a row of the asset is known."""
    return tuple(column.name for column in stream_table(asset).primary_key.columns)


def _listed_on(stream: str, account_id: ColumnElement[int]) -> ColumnElement[date]:
    """The UTC day on which an account's list of entities was last read; NULL where a record of it is in quarantine."""
    log, rejected = table_of(SyncLog).c, table_of(RejectedRecord_).c
    refused = exists().where(rejected.asset == stream, rejected.account_id == account_id, rejected.closed_at.is_(None))
    read_on = func.max(func.timezone("UTC", log.started_at)).cast(Date)
    listed = select(read_on).where(log.asset == stream, log.account_id == account_id, log.status == SUCCESS)
    return listed.where(~refused).scalar_subquery()


def _facts(asset: str) -> tuple[Table, ColumnElement[date]]:
    table = stream_table(asset)
    return table, table.c[str(stream_of(asset).day_column)]


def _lowest(table: Table) -> ColumnElement[Any]:
    """The lowest metric of a row, whether each has a column or all are in one."""
    if METRICS in table.c:
        metric = func.jsonb_each_text(table.c[METRICS]).table_valued("value")
        return select(func.min(cast(metric.c.value, Numeric))).select_from(metric).scalar_subquery()
    return func.least(*(table.c[metric.column] for metric in CATALOGUE if metric.column in table.c))


def _has_negative(table: Table, lowest: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a metric of a row is below zero; each column is compared as it is, which is faster than the lowest."""
    if METRICS in table.c:
        return lowest < -NOTHING
    metrics = (metric for metric in CATALOGUE if metric.column in table.c)
    return or_(*(table.c[metric.column] < (0 if metric.kind is Kind.COUNT else -NOTHING) for metric in metrics))


def _of_accounts(asset: str, covered: Covered) -> ColumnElement[bool]:
    of_accounts = stream_table(asset).c.account_id.in_(sorted({account_id for account_id, _ in covered}))
    return and_(rows_of(asset), of_accounts)


def within(asset: str, covered: Covered) -> ColumnElement[bool]:
    """Whether a row of the asset is of these accounts and days."""
    table, day = _facts(asset)
    windows = or_(
        false(),
        *(
            table.c.account_id == account_id
            if window is None
            else and_(table.c.account_id == account_id, day >= window.start, day < window.end)
            for account_id, window in covered
        ),
    )
    return and_(rows_of(asset), windows)
