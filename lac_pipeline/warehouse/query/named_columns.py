"""Names in the place of ids, or beside them, for what a person is shown."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause

from lac_pipeline.warehouse.schema.tables import stream_table


def with_names(rows: FromClause, streams: Mapping[str, str]) -> tuple[FromClause, dict[str, ColumnElement[str | None]]]:
    """Join rows with the entities that their columns name.

    Args:
        rows: a table or subquery.
        streams: whose id a column has, by column; those that the rows lack are passed over.

    Returns:
        The joined rows, and by column the entity's name: NULL where it is not known.
    """
    joined, names = rows, dict[str, ColumnElement[str | None]]()
    for column, stream in streams.items():
        if column in rows.c:
            entity = stream_table(stream).alias()
            joined = joined.outerjoin(entity, entity.c.id == rows.c[column])
            names[column] = entity.c.name
    return joined, names
