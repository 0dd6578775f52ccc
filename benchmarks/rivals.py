"""Other ways to get the same rows into the same table, for scale."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, registry

from benchmarks.workload import ASSET, COLUMNS, Rows
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.schema.tables import SCHEMA, CreativeDailyMetric, table_of


def copy_from(connection: Connection, spool: CopySpool) -> None:
    """Send the spool straight into the table."""
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(SCHEMA, ASSET), columns)
    driver: psycopg.Connection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in spool.chunks():
            copy.write(chunk)


def plain_copy(engine: Engine, spool: CopySpool) -> None:
    """COPY into the empty table and commit: the floor that everything is measured against."""
    with engine.begin() as connection:
        copy_from(connection, spool)


def executemany(engine: Engine, rows: Rows) -> None:
    """SQLAlchemy's `INSERT .. ON CONFLICT DO UPDATE` with a list of dictionaries."""
    statement = insert(table_of(CreativeDailyMetric))
    statement = statement.on_conflict_do_update(
        index_elements=["creative_id", "date"],
        set_={name: statement.excluded[name] for name in COLUMNS[2:]},
    )
    with engine.begin() as connection:
        connection.execute(statement, [dict(zip(COLUMNS, row, strict=True)) for row in rows])


class _MappedRow:
    """A row as an object of SQLAlchemy's ORM."""

    def __init__(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)


def row_by_row(engine: Engine, rows: Rows) -> None:
    """SQLAlchemy's ORM: look for each row, then add it or set its values."""
    with Session(engine) as session, session.begin():
        for row in rows:
            values = dict(zip(COLUMNS, row, strict=True))
            found = session.get(_MappedRow, (values["creative_id"], values["date"]))
            if found is None:
                session.add(_MappedRow(**values))
            else:
                for name, value in values.items():
                    setattr(found, name, value)


registry().map_imperatively(_MappedRow, table_of(CreativeDailyMetric))

RIVALS: dict[str, Callable[[Engine, Rows], None]] = {
    "SQLAlchemy executemany upsert": executemany,
    "ORM, row by row": row_by_row,
}


def empty(engine: Engine) -> None:
    """Empty the table and the logs, and let the planner know."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (ASSET, "sync_log", "metric_restatements"):
            connection.execute(text(f"TRUNCATE {SCHEMA}.{table}"))
        connection.execute(text(f"VACUUM ANALYZE {SCHEMA}.{ASSET}"))
