"""The history tables: every version of an entity, with the columns of its own table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Index, Table, column

from lac_pipeline.streams import STREAMS, Resource
from lac_pipeline.warehouse.schema import conversion_tables as _conversion_tables  # noqa: F401 - the same
from lac_pipeline.warehouse.schema import entities as _entities  # noqa: F401 - its tables are read below
from lac_pipeline.warehouse.schema import lead_tables as _lead_tables  # noqa: F401 - the same
from lac_pipeline.warehouse.schema.base import SCHEMA, Base

_UNTRACKED = frozenset(
    """
    version_tag last_modified_by last_callback_at latest_first_party_callback_at
    created_at updated_at fetched_at removed_at stale_since
    """.split()
)
"""What changes without a change of what people set."""


def history_of(original: Table, entity: str) -> Table:
    """Make the table of the versions of what another holds.

    Args:
        original: the table, whose key may have any number of columns.
        entity: what a person calls one of its rows.
    """
    key = [part.name for part in original.primary_key]
    copied = [name for name in original.columns if name.name not in _UNTRACKED and name.name not in key]
    return Table(
        f"{entity.replace(' ', '_')}_history",
        original.metadata,
        *(_copy(original.c[name]) for name in key),
        Column(
            "valid_from",
            DateTime(timezone=True),
            primary_key=True,
            comment="When this version began: LinkedIn's last modification, else the fetch that saw it first.",
        ),
        Column(
            "valid_to", DateTime(timezone=True), comment="When the next version began; NULL for the current version."
        ),
        *(_copy(column) for column in copied),
        Column("removed", Boolean, nullable=False, comment="Whether LinkedIn no longer returned it."),
        Index(
            f"uq_{entity.replace(' ', '_')}_history_open",
            *key,
            unique=True,
            postgresql_where=column("valid_to").is_(None),
        ),
        comment=f"One row per {entity} and version of it; exactly one, the current one, has no valid_to.",
    )


def _copy(original: Column[Any]) -> Column[Any]:
    return Column(
        original.name,
        original.type,
        primary_key=original.primary_key,
        autoincrement=False,
        nullable=original.nullable,
        comment=original.comment,
    )


HISTORIES: dict[str, Table] = {
    stream.name: history_of(Base.metadata.tables[f"{SCHEMA}.{stream.name}"], stream.source.singular)
    for stream in STREAMS
    if stream.history and isinstance(stream.source, Resource)
}
"""The history of each entity table."""
