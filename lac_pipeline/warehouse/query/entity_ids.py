"""The stored ids of entities, for what LinkedIn gives only for each of them by itself."""

from __future__ import annotations

from sqlalchemy import Engine, select

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.tables import account_of, stream_table


def entity_ids(engine: Engine, stream: str, account_id: int, *, without: tuple[str, str]) -> list[int]:
    """List the ids of an account's entities that LinkedIn still returns, in order.

    Args:
        engine: as `make_engine` makes it.
        stream: of what entities.
        account_id: ad account.
        without: a column, and its value in the entities that are left out.

    Raises:
        StorageError: the query failed.
    """
    table = stream_table(stream)
    name, value = without
    query = select(table.c.id).where(
        account_of(stream) == account_id, table.c.removed_at.is_(None), table.c[name].is_distinct_from(value)
    )
    with translating_errors(), engine.connect() as connection:
        return list(connection.scalars(query.order_by(table.c.id)))
