"""What an export reads: tables and views at one moment, by partition, and a digest of each partition's rows.

A partition has changed where its digest has. Nothing else tells of every change: stamps of rows do not show what was
deleted, and rows of views have none. The digests take a pass over the rows on the server; no row leaves it for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    FromClause,
    Text,
    cast,
    column,
    func,
    inspect,
    literal_column,
    null,
    or_,
    select,
    table,
    text,
    true,
)

from lac_pipeline.errors import ExportError
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.query.relations import columns_in, relations_in
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.lead_tables import LeadAnswerRow, LeadFormResponse
from lac_pipeline.warehouse.schema.tables import HISTORIES, Account
from lac_pipeline.windows import month_of

NUMERIC = "numeric"
ACCOUNT, MONTH = "account_id", "month"
BATCH = 10_000
"""So many rows are in memory at a time."""
_DAYS = (MONTH, "date", "day", "week")
"""Columns that say to which month a row belongs; the first that a relation has counts."""
_NAMED_BY_ID = (Account.__tablename__, HISTORIES[Account.__tablename__].name)
"""Tables in which `id` is the ad account."""
_UNLIMITED = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
"""An export takes as long as its destination does."""
_ALIAS = "exported"

_ORIGIN = text("""
SELECT concat(c.system_identifier, '/', d.oid), d.datname
FROM pg_control_system() c, pg_database d
WHERE d.datname = current_database()
""")

Row = Sequence[Any]


class ExportedColumn(NamedTuple):
    """A column: its name and its PostgreSQL type, without precision."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ExportedRelation:
    """A table or view.

    Attributes:
        name: of the table or view.
        kind: which of the two.
        columns: all that it has.
    """

    name: str
    kind: str
    columns: tuple[ExportedColumn, ...]

    @property
    def day(self) -> str | None:
        """The column whose month a row belongs to."""
        names = [each.name for each in self.columns]
        return next((name for name in _DAYS if name in names), None)

    @property
    def has_account(self) -> bool:
        """Whether its rows belong to ad accounts."""
        known = (*_NAMED_BY_ID, LeadAnswerRow.__tablename__)
        return self.name in known or any(each.name == ACCOUNT for each in self.columns)

    @property
    def partitioned_by(self) -> tuple[str, ...]:
        """What its partitions are named by: `account_id`, `month`, both or neither."""
        return (*([ACCOUNT] if self.has_account else []), *([MONTH] if self.day else []))


@dataclass(frozen=True, slots=True)
class RowsOfPartition:
    """What the rows of a partition come to.

    Attributes:
        account_id: ad account; None where the relation has none, or the rows are about none.
        month: first UTC day of the month; None where the relation has no day, or the rows have none.
        rows: how many.
        digest: other rows give another one; the order in which they are read does not matter.
    """

    account_id: int | None
    month: date | None
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The partitions of a relation, and how many decimal places its numbers have.

    Attributes:
        partitions: by account and month.
        places: for each column of type numeric with a value, the most decimal places of one.
    """

    partitions: tuple[RowsOfPartition, ...]
    places: dict[str, int]


class Origin(NamedTuple):
    """The database that an export reads.

    Attributes:
        id: of the database, among all of all servers: that of its cluster and its OID there. A replica has the same
            one, a database that was made again or restored to another server has another.
        name: of the database, for people.
    """

    id: str
    name: str


class ExportReader:
    """Reads the warehouse as it was when the reader was opened, in one transaction.

    Attributes:
        as_of: that moment.
    """

    def __init__(self, connection: Connection, as_of: datetime) -> None:
        self._connection = connection
        self.as_of = as_of

    def origin(self) -> Origin:
        """Return which database is read.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors():
            return Origin._make(self._connection.execute(_ORIGIN).one())

    @classmethod
    @contextmanager
    def opened(cls, engine: Engine, *, destination: str) -> Iterator[Self]:
        """Open a reader for an export to a destination, which one at a time may have.

        Args:
            engine: of a role that may read.
            destination: what the destination is called on every machine.

        Raises:
            ExportError: another export to the destination is running.
            StorageError: PostgreSQL cannot be reached.
        """
        with translating_errors(), engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                connection.execute(select(*(func.set_config(name, value, True) for name, value in _UNLIMITED.items())))
                lock = func.hashtextextended(f"lac export {destination}", 0)
                if not connection.scalar(select(func.pg_try_advisory_xact_lock(lock))):
                    raise ExportError(
                        "another export to the same place is running",
                        detail=destination,
                        meaning="two at once would write the same files; this one wrote nothing",
                        fix="wait until the other one has ended, or export to another place",
                    )
                yield cls(connection, connection.execute(select(func.now())).scalar_one())

    def relations(self, *, hidden: Collection[str]) -> list[ExportedRelation]:
        """List the tables and views that this role may read, without those that are hidden.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors():
            found = [relation for relation in relations_in(self._connection) if relation.name not in hidden]
            return [
                ExportedRelation(
                    relation.name,
                    relation.kind,
                    tuple(
                        ExportedColumn(each.name, each.type.partition("(")[0])
                        for each in columns_in(self._connection, relation.name)
                    ),
                )
                for relation in found
            ]

    def all_names(self) -> set[str]:
        """Name every table and view of the schema, those that this role may not read too.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors():
            inspector = inspect(self._connection)
            return {*inspector.get_table_names(SCHEMA), *inspector.get_view_names(SCHEMA)}

    def contents(self, relation: ExportedRelation, account_ids: Sequence[int] | None) -> Contents:
        """Read which partitions a relation has.

        Args:
            relation: as `relations` lists it.
            account_ids: of these ad accounts alone; None for every row. Rows that belong to no account are always read
                where the relation has none.

        Raises:
            StorageError: the query failed.
        """
        numbers = [each.name for each in relation.columns if each.type == NUMERIC]
        rows = _source(relation)
        parts = (_account(relation, rows).label("part_account"), _month(relation, rows).label("part_month"))
        digest = func.sum(func.hashtextextended(literal_column(f"CAST({_ALIAS}.* AS text)"), 0))
        scales = [func.max(func.scale(rows.c[name])) for name in numbers]
        query = select(*parts, func.count(), cast(digest, Text), *scales).select_from(rows)
        if account_ids is not None and relation.has_account:
            query = query.where(_account(relation, rows).in_(account_ids))
        with translating_errors():
            found = self._connection.execute(query.group_by(*parts).order_by(*parts)).all()
        places = {
            name: max(known)
            for name, scales_of in zip(numbers, zip(*(row[4:] for row in found), strict=True), strict=False)
            if (known := [scale for scale in scales_of if scale is not None])
        }
        return Contents(tuple(RowsOfPartition(*row[:4]) for row in found), places)

    def rows(
        self,
        relation: ExportedRelation,
        account_id: int | None,
        months: Collection[date | None],
        *,
        as_they_are: Collection[str],
    ) -> Iterator[tuple[date | None, Iterator[list[Row]]]]:
        """Read an account's partitions, month by month, each in batches of which one is in memory at a time.

        Args:
            relation: as `relations` lists it.
            account_id: as in `contents`.
            months: as in `contents`.
            as_they_are: PostgreSQL types whose values are read as such; others are read as text.

        Raises:
            StorageError: the query failed.
        """
        rows = _source(relation)
        month = _month(relation, rows)
        values = [
            rows.c[each.name] if each.type in as_they_are else cast(rows.c[each.name], Text)
            for each in relation.columns
        ]
        query = select(month, *values).where(_of_account(relation, rows, account_id))
        if relation.day is not None:
            query = query.where(_of_months(rows.c[relation.day], months)).order_by(rows.c[relation.day])
        options = {"stream_results": True, "max_row_buffer": BATCH}
        with translating_errors(), self._connection.execute(query, execution_options=options) as result:
            runs = (
                (key, [row[1:] for row in run])
                for batch in result.partitions(BATCH)
                for key, run in groupby(batch, key=lambda row: row[0])
            )
            for key, runs_of_month in groupby(runs, key=lambda run: run[0]):
                yield key, (batch for _, batch in runs_of_month)


def _source(relation: ExportedRelation) -> FromClause:
    columns: list[Column[Any]] = [column(each.name) for each in relation.columns]  # type: ignore[misc]
    return table(relation.name, *columns, schema=SCHEMA).alias(_ALIAS)


def _account(relation: ExportedRelation, rows: FromClause) -> ColumnElement[int]:
    """The ad account that a row belongs to."""
    if ACCOUNT in rows.c:
        return cast(rows.c[ACCOUNT], BigInteger)
    if relation.name in _NAMED_BY_ID:
        return cast(rows.c.id, BigInteger)
    if relation.name == LeadAnswerRow.__tablename__:
        owner = select(LeadFormResponse.account_id).where(LeadFormResponse.id == rows.c.response_id)
        return owner.scalar_subquery()
    return cast(null(), BigInteger)


def _month(relation: ExportedRelation, rows: FromClause) -> ColumnElement[date]:
    """The month that a row belongs to, as its first UTC day."""
    if relation.day is None:
        return cast(null(), Date)
    day = cast(rows.c[relation.day], Date)
    return day if relation.day == MONTH else cast(func.date_trunc("month", day), Date)


def _of_account(relation: ExportedRelation, rows: FromClause, account_id: int | None) -> ColumnElement[bool]:
    if not relation.has_account:
        return true()
    account = _account(relation, rows)
    return account.is_(None) if account_id is None else account == account_id


def _of_months(day: ColumnElement[date], months: Collection[date | None]) -> ColumnElement[bool]:
    """Whether a day lies in one of the months, in a form that an index on the day serves."""
    spans = [month_of(each) for each in sorted(each for each in months if each is not None)]
    in_one = [(day >= span.start) & (day < span.end) for span in spans]
    return or_(*in_one, *([day.is_(None)] if None in months else []))
