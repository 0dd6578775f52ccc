"""The typed view of each report that `LAC_REPORTS` declares: ids, names and metrics as columns of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lac_pipeline.linkedin.metrics import Kind
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.streams import STREAMS, Stream
from lac_pipeline.streams.custom_reports import SUBJECTS
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.tables import Account, CustomReport
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of, literal

DECLARED = "in the report that LAC_REPORTS declares"
"""Stands in the comment of each view that was made here, and of no other."""
_TIMES = ("created_at", "updated_at", "stale_since")


@dataclass(slots=True)
class _Parts:
    """What a view is made of so far."""

    columns: list[ViewColumn] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)


def report_view(stream: Stream) -> View:
    """The view of a declared report; it has the report's name as an asset.

    Raises:
        KeyError: the stream is no declared report.
    """
    report = stream.report
    if report is None or not report.known_by:
        raise KeyError(stream.name)
    parts = _Parts()
    pivots = report.known_by["pivots"].split(",")
    for place, pivot in enumerate(pivots, start=1):
        _add_pivot(parts, pivot, place)
    metrics = [
        ViewColumn(
            metric.column,
            f"(m.metrics ->> {literal(metric.column)})::{'bigint' if metric.kind is Kind.COUNT else 'numeric'}",
            metric.description,
        )
        for metric in report.metrics
    ]
    known = " AND ".join(f"m.{name} = {literal(value)}" for name, value in report.known_by.items())
    account = ViewColumn("account_name", "a.name", "Name of the account.")
    return View(
        stream.name,
        _grain(stream, pivots),
        (*columns_of(CustomReport, "m", "account_id"), account, *columns_of(Account, "a", "currency"),
         ViewColumn(*_day(stream)), *parts.columns, *metrics, *columns_of(CustomReport, "m", *_TIMES)),
        "\n".join(
            (f"FROM {SCHEMA}.{stream.table} m", f"LEFT JOIN {SCHEMA}.accounts a ON a.id = m.account_id", *parts.joins,
             f"WHERE {known}")
        ),
    )  # fmt: skip


def column_types(view: View) -> Iterator[tuple[ViewColumn, str]]:
    """The columns of a report's view with their types in PostgreSQL, as far as its SQL and its tables show them."""
    of_tables = {column.name: column.type for column in (*Account.__table__.c, *CustomReport.__table__.c)}
    for column in view.columns:
        _, cast, shown = column.expression.rpartition("::")
        table_type = of_tables.get(column.name)
        yield column, shown if cast else "text" if table_type is None else str(table_type.compile()).lower()


def _grain(stream: Stream, pivots: list[str]) -> str:
    period = "month" if stream.monthly else "UTC day"
    split = ", ".join(pivot_of(pivot).title.lower() for pivot in pivots)
    return (
        f"One row per account, {period} and combination of {split} {DECLARED}, with names as they are now; money in "
        "the account's currency. Rows from before the report was split in this way are not in it. A metric is NULL "
        "where it was not read yet, or LinkedIn gave none."
    )


def _day(stream: Stream) -> tuple[str, str, str]:
    if stream.monthly:
        return "month", "m.date", "First UTC day of the month; months are whole."
    return "date", "m.date", "UTC day of the activity."


def _add_pivot(parts: _Parts, pivot: str, place: int) -> None:
    """Add the columns of a pivot's values: an id and a name, a segment and a name, or the text as LinkedIn sends it."""
    value, title = f"m.pivot_values[{place}]", pivot_of(pivot).title
    subject = SUBJECTS.get(pivot)
    if subject is None:
        column = pivot.lower()
        parts.columns.append(ViewColumn(column, f"{value}::text", f"{title} as LinkedIn sends it."))
        if pivot_of(pivot).members:
            name = f"COALESCE(n{place}.name, {value})::text"
            parts.columns.append(ViewColumn(f"{column}_name", name, f"{title}; as sent where no name is known."))
            parts.joins.append(f"LEFT JOIN {SCHEMA}.urn_names n{place} ON n{place}.urn = {value}")
    elif subject.column != "account_id":  # which each row has
        number = f"substring({value} from '(?:^|:)([0-9]{{1,18}})$')::bigint"
        parts.columns.append(ViewColumn(subject.column, number, f"{title}: the number of its URN."))
        if subject.stream in STREAMS:
            entity = f"e{place}"
            named = f"COALESCE({entity}.name, {value})::text"
            name = subject.column.removesuffix("id") + "name"
            parts.columns.append(ViewColumn(name, named, f"Name of the {title.lower()}; its URN where it is unknown."))
            parts.joins.append(f"LEFT JOIN {SCHEMA}.{subject.stream} {entity} ON {entity}.id = {number}")
