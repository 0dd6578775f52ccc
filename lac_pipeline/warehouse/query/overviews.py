"""The few lines that an asset's page shows of each ad account: one query for all accounts of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Engine,
    FromClause,
    Numeric,
    RowMapping,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.streams import Overview, Stream, stream_of
from lac_pipeline.warehouse.query.named_columns import with_names
from lac_pipeline.warehouse.schema.operational_tables import UrnName
from lac_pipeline.warehouse.schema.report_views import report_view
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import stream_table
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.windows import DateWindow, month_of

LINES = 10
"""How many lines an account has at most."""
PARTS = 10
"""How many parts of a line are read at most."""
NAMED = 3
"""How many records of a line are named at most."""
DAYS = timedelta(days=30)
"""How many days are summed, up to the newest one that was loaded."""

_ACCOUNT, _PLACE, _WHOLE = "_account", "_place", "_whole"
_COUNT, _PART, _PART_NAME, _SHARE = "_count", "_part", "_part_name", "_share_of_"
_NAMES, _VALUES, _CURRENCIES = "_first_names", "_first_values", "_first_currencies"
"""Columns of the query beside those of the overview; the first underscore keeps them apart."""


class Part(Struct, frozen=True):
    """A part of a line: the value as LinkedIn sends it, its name if it has one, and its share of each sum, if known."""

    value: str
    name: str
    shares: tuple[Any, ...]


class Named(Struct, frozen=True):
    """A record that a line names: its name or id, the value that it was chosen by, and the currency of money."""

    name: str
    value: Any
    currency: str | None


class Line(Struct, frozen=True):
    """A line of an overview.

    Attributes:
        by: the values by which its rows are put together, names in place of ids; None where they have none.
        count: how many rows it stands for.
        sums: of the columns that are summed, in their order; None where one of the values is unknown.
        parts: the largest of its parts.
        named: some of its records.
    """

    by: tuple[Any, ...]
    count: int
    sums: tuple[Any, ...] = ()
    parts: tuple[Part, ...] = ()
    named: tuple[Named, ...] = ()


class Lines(Struct, frozen=True):
    """The lines of one account.

    Attributes:
        lines: in their order, at most `LINES`.
        more: whether there are more.
        window: the UTC days that they are about; None of records without days.
    """

    lines: tuple[Line, ...]
    more: bool
    window: DateWindow | None


def read_lines(engine: Engine, asset: str, windows: Mapping[int, DateWindow | None]) -> dict[int, Lines]:
    """Read the overview of an asset for some accounts; one without a row has no line.

    Args:
        engine: as `make_engine` makes it.
        asset: an asset that is loaded from LinkedIn and has an overview.
        windows: the accounts, each with the UTC days that were loaded; None for entities.

    Raises:
        KeyError: the asset has no overview.
        StorageError: the query failed.
    """
    stream = stream_of(asset)
    overview = stream.overview
    if overview is None:
        raise KeyError(asset)
    days = {account: window and shown_window(stream, overview, window) for account, window in windows.items()}
    part = overview.part and overview.part[0]
    query = _of_parts(stream, overview, days, part=part) if part else _of_rows(stream, overview, days)
    with translating_errors(), reading(engine).connect() as connection:
        rows = connection.execute(query).mappings().all()
    by_account: defaultdict[int, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_account[row[_ACCOUNT]].append(row)
    lines = {account: [*_lines(overview, by_account[account])] for account in windows}
    return {account: Lines(tuple(found[:LINES]), len(found) > LINES, days[account]) for account, found in lines.items()}


def shown_window(stream: Stream, overview: Overview, window: DateWindow) -> DateWindow:
    """The days that an overview sums, or the months, up to the newest day that was loaded."""
    if not stream.monthly:
        return DateWindow(window.end - DAYS, window.end)
    months = month_of(window.last)
    for _ in range(overview.months - 1):
        months = DateWindow(month_of(months.start - timedelta(days=1)).start, months.end)
    return months


def _relation(stream: Stream, overview: Overview) -> FromClause:
    if overview.view is None:
        return stream_table(stream.name)
    if overview.view == stream.name:
        return report_view(stream).selectable
    return next(view.selectable for view in VIEWS if view.name == overview.view)


def _account_of(relation: FromClause) -> ColumnElement[Any]:
    return relation.c.account_id if "account_id" in relation.c else relation.c.id


def _where(
    stream: Stream, overview: Overview, relation: FromClause, days: Mapping[int, DateWindow | None]
) -> ColumnElement[bool]:
    columns = relation.c
    day = stream.day_column if overview.view is None else stream.partitioning.value
    accounts = or_(
        *(
            and_(
                _account_of(relation) == account,
                *([] if window is None or day is None else [columns[day] >= window.start, columns[day] < window.end]),
            )
            for account, window in days.items()
        )
    )
    there = columns.removed_at.is_(None) if "removed_at" in columns else true()
    return and_(accounts, there, *(columns[name] == value for name, value in overview.only.items()))


def _of_rows(stream: Stream, overview: Overview, days: Mapping[int, DateWindow | None]) -> Select[Any]:
    """Lines with their sums, and with the names of some records; the newest days first where lines are days."""
    relation = _relation(stream, overview)
    account, keys = _account_of(relation), [relation.c[name] for name in overview.by]
    sums = [whole_sum(cast(relation.c[name], Numeric)).label(f"_{name}") for name in overview.sums]
    newest = [key.desc() for key in keys if key.name == stream.partitioning.value]
    largest = [column.desc().nulls_last() for column in (*sums, func.count())][:1] if sums or overview.counted else []
    order = func.row_number().over(partition_by=account, order_by=[*(newest or largest), *keys])
    lines = (
        select(account.label(_ACCOUNT), *keys, func.count().label(_COUNT), *sums, order.label(_PLACE))
        .add_columns(*_first(overview, relation))
        .where(_where(stream, overview, relation, days))
        .group_by(account, *keys)
        .subquery()
    )
    return _first_lines(lines, overview)


def _first(overview: Overview, relation: FromClause) -> Iterator[ColumnElement[Any]]:
    """The records of a line that are named, those with the largest value first."""
    if overview.first is None:
        return
    columns = relation.c
    value = columns[overview.first[0]]
    currency = overview.first[0].replace("_amount", "_currency")
    name = func.coalesce(columns.name, cast(columns.id, Text))
    chosen = {_NAMES: name, _VALUES: value} | ({_CURRENCIES: columns[currency]} if currency != value.name else {})
    for label, column in chosen.items():
        values = func.array_agg(aggregate_order_by(column, value.desc(), columns.id), type_=ARRAY(column.type))
        yield values.filter(value.is_not(None))[1:NAMED].label(label)


def _of_parts(stream: Stream, overview: Overview, days: Mapping[int, DateWindow | None], *, part: str) -> Select[Any]:
    """Lines with the shares of their largest parts."""
    relation = _relation(stream, overview)
    account, keys = _account_of(relation), [relation.c[name] for name in overview.by]
    sums = {name: whole_sum(cast(relation.c[name], Numeric)) for name in overview.sums}
    line = [account, *keys]

    def whole(value: ColumnElement[Any]) -> ColumnElement[Any]:
        known = func.count().over(partition_by=line) == func.count(value).over(partition_by=line)
        return case((known, func.sum(value).over(partition_by=line)))

    first = next(iter(sums.values()))
    parts = (
        select(account.label(_ACCOUNT), *keys, relation.c[part].label(_PART), whole(first).label(_WHOLE))
        .add_columns(*((value / func.nullif(whole(value), 0)).label(f"{_SHARE}{name}") for name, value in sums.items()))
        .add_columns(
            func.row_number()
            .over(partition_by=line, order_by=[first.desc().nulls_last(), relation.c[part]])
            .label("_rank")
        )
        .where(_where(stream, overview, relation, days))
        .group_by(*line, relation.c[part])
        .subquery()
    )
    place = func.dense_rank().over(
        partition_by=parts.c[_ACCOUNT],
        order_by=[parts.c[_WHOLE].desc().nulls_last(), *(parts.c[name] for name in overview.by)],
    )
    largest = select(parts, place.label(_PLACE)).where(parts.c["_rank"] <= PARTS).subquery()
    return _first_lines(largest, overview)


def _first_lines(lines: Subquery, overview: Overview) -> Select[Any]:
    """The first lines of each account, one more than are shown, with names in place of ids."""
    joined, names = with_names(lines, overview.names)
    columns = {column.name: column for column in lines.c if column.name not in (_PLACE, _WHOLE)}
    selected: list[ColumnElement[Any]] = [
        func.coalesce(names[name], cast(column, Text)).label(name) if name in names else column
        for name, column in columns.items()
    ]
    order = [lines.c[_ACCOUNT], lines.c[_PLACE]]
    if _PART in columns:
        joined = joined.outerjoin(UrnName.__table__, UrnName.urn == columns[_PART])
        selected.append(func.coalesce(UrnName.name, columns[_PART]).label(_PART_NAME))
        order.append(lines.c["_rank"])
    return select(*selected).select_from(joined).where(lines.c[_PLACE] <= LINES + 1).order_by(*order)


def _lines(overview: Overview, rows: Iterable[RowMapping]) -> Iterator[Line]:
    """Make an account's lines of its rows; those of a line with parts follow each other."""
    if overview.part is None:
        for row in rows:
            named = zip(*(row.get(name) or () for name in (_NAMES, _VALUES)), strict=True)
            currencies = row.get(_CURRENCIES) or ()
            yield Line(
                tuple(row[name] for name in overview.by),
                row[_COUNT],
                tuple(row[f"_{name}"] for name in overview.sums),
                named=tuple(
                    Named(name, value, currencies[place] if currencies else None)
                    for place, (name, value) in enumerate(named)
                ),
            )
        return
    parts: dict[tuple[Any, ...], list[Part]] = {}
    for row in rows:
        shares = tuple(row[f"{_SHARE}{name}"] for name in overview.sums)
        parts.setdefault(tuple(row[name] for name in overview.by), []).append(Part(row[_PART], row[_PART_NAME], shares))
    for by, of_line in parts.items():
        yield Line(by, len(of_line), parts=tuple(of_line))
