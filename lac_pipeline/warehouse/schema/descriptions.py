"""The comments of the tables, for Dagster's asset pages and for the documents."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy.dialects import postgresql

from lac_pipeline.streams import STREAMS, Stream
from lac_pipeline.warehouse.schema.report_views import column_types, report_view
from lac_pipeline.warehouse.schema.tables import HISTORIES, SCHEMA, Base


class ColumnDescription(Struct, frozen=True):
    """A column: its name, its PostgreSQL type, and the comment that stands in the database."""

    name: str
    type: str
    comment: str


class TableDescription(Struct, frozen=True):
    """A table: the name to query it by, its grain, and its columns in order."""

    relation: str
    comment: str
    columns: tuple[ColumnDescription, ...]


def table_names() -> list[str]:
    """The names of all tables: what LinkedIn fills, the histories of it, then the others by name."""
    first = [*STREAMS.names, *(table.name for table in HISTORIES.values())]
    return [*first, *sorted({table.name for table in Base.metadata.tables.values()} - {*first})]


def describe_asset(stream: Stream) -> TableDescription:
    """Describe what people read of an asset: the table that it fills, or the view of its own where it shares one."""
    if stream.shares is None:
        return describe_table(stream.name)
    view = report_view(stream)
    columns = tuple(ColumnDescription(column.name, kind, column.comment) for column, kind in column_types(view))
    return TableDescription(f"{SCHEMA}.{view.name}", view.grain, columns)


def describe_table(name: str) -> TableDescription:
    """Describe a table; an asset's is the one of its name."""
    table = Base.metadata.tables[f"{SCHEMA}.{name}"]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    columns = tuple(
        ColumnDescription(column.name, column.type.compile(dialect).lower(), column.comment or "")
        for column in table.columns
    )
    return TableDescription(f"{SCHEMA}.{table.name}", table.comment or "", columns)
