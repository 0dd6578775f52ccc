"""Where Alembic meets the database: one process migrates at a time, and the others wait for it.

The URL comes from `lac_pipeline.warehouse.migrate`, from `alembic -x url=...`, or from the settings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.schema import CreateSchema

from lac_pipeline.errors import ConfigError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.schema.tables import SCHEMA, Base

LOCK = 0x6C61635F6D6967  # "lac_mig" in ASCII
PATIENCE = 120.0  # seconds
LIMITS = {"lock_timeout": "10s", "statement_timeout": "0"}  # an index may take longer than the role may query


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Look at our own schema and tables only: the database may hold other people's."""
    if kind == "schema":
        return name == SCHEMA
    return kind != "table" or f"{SCHEMA}.{name}" in Base.metadata.tables


OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "version_table_schema": SCHEMA,
    "include_schemas": True,
    "include_name": include_name,
    "compare_type": True,
    "compare_server_default": True,
}


def migrate(connection: sa.Connection) -> None:
    """Run the migrations that are asked for; what bounds them ends with their transaction."""
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        connection.execute(sa.select(*(sa.func.set_config(name, value, True) for name, value in LIMITS.items())))
        context.run_migrations()


@contextmanager
def alone(engine: sa.Engine) -> Iterator[None]:
    """Hold the lock of all who migrate, in a transaction on a connection of its own.

    A lock of the transaction ends with it, also behind a pooler that gives each transaction another server connection.
    The lock is polled for: who blocks on it holds a snapshot, for which CREATE INDEX CONCURRENTLY would wait for ever.
    """
    end = time.monotonic() + PATIENCE
    with engine.connect() as connection:
        while not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))):
            connection.rollback()
            if time.monotonic() > end:
                raise TimeoutError(f"another process has been migrating this database for {PATIENCE:.0f} seconds")
            time.sleep(0.2)
        connection.execute(sa.select(sa.func.set_config("idle_in_transaction_session_timeout", "0", True)))
        try:
            yield
        finally:
            connection.rollback()


def make_schema(connection: sa.Connection) -> None:
    """Make the schema unless it is there, and commit: Alembic would take an open transaction for its caller's."""
    if not sa.inspect(connection).has_schema(SCHEMA):
        connection.execute(CreateSchema(SCHEMA))
    connection.commit()


def database_url() -> str:
    """Find out which database is meant: the caller says so, or the settings do."""
    given = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    if given is None:
        given = Settings.load().warehouse_url
    if given is None:
        raise ConfigError("no database is named", fix="set DATABASE_URL, or say `alembic -x url=postgresql://...`")
    return str(given)


def online() -> None:
    """Migrate the database at the given URL, alone."""
    engine = make_engine(database_url(), pooled=False, application_name="lac migrate")
    with alone(engine), engine.connect() as connection:
        make_schema(connection)
        migrate(connection)


def offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(url="postgresql+psycopg://", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
