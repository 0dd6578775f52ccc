"""What all tables share: the schema, how constraints are named, Python's types in PostgreSQL, and the row times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, DateTime, MetaData, Numeric, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB

from lac_pipeline.warehouse.schema.declaring import DeclaredTable, table_column

SCHEMA = "linkedin_ads"

AHEAD = timedelta(minutes=5)
"""A stamp that lies further ahead of the server's clock than this was made by a wrong clock and orders nothing."""

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


_CLOCK = select(func.clock_timestamp())


def server_time(connection: Connection) -> datetime:
    """Read PostgreSQL's clock: the one clock that all machines which load share."""
    now: datetime = connection.execute(_CLOCK).scalar_one()
    return now.astimezone(UTC)


class Base(DeclaredTable):
    """The root of all tables: ids BIGINT, text TEXT, money NUMERIC, times TIMESTAMPTZ, nested objects JSONB."""

    metadata = MetaData(schema=SCHEMA, naming_convention=NAMING_CONVENTION)
    column_types: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bool: Boolean,
        Decimal: Numeric,
        date: Date,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
    }


class RowTimes:
    """When this warehouse first stored a row, and when its values last changed."""

    created_at: Column[datetime] = table_column(
        server_default=func.now(), sort_order=900, comment="When the row was first loaded; never changes."
    )
    updated_at: Column[datetime] = table_column(
        server_default=func.now(), sort_order=901, comment="When a value of the row last changed."
    )


class LoadedTimes(RowTimes):
    """Row times of what is loaded from LinkedIn, and since when a row could not be brought up to date."""

    stale_since: Column[datetime | None] = table_column(
        sort_order=904,
        comment="Start of the first fetch whose record of this row failed validation (see rejected_records), so that "
        "the row stayed as it was; NULL while the row is as LinkedIn last returned it.",
    )


class EntityTimes(LoadedTimes):
    """Row times of entities, which are confirmed one by one at every sync."""

    fetched_at: Column[datetime] = table_column(
        server_default=func.now(),
        sort_order=902,
        comment="Start of the last fetch that loaded LinkedIn's record of the row.",
    )


class Removable:
    """Entities that LinkedIn may stop returning; the row stays because metrics go on referring to it."""

    removed_at: Column[datetime | None] = table_column(
        sort_order=903, comment="Since when LinkedIn no longer returns the row; NULL while it does."
    )
