"""What `lac doctor` reads from PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.base import SCHEMA, Base, server_time

_ON_TABLES = ("SELECT", "INSERT", "UPDATE", "DELETE")


class Server(NamedTuple):
    """The server that holds the warehouse: its version as a number such as 180000, the user, and the database."""

    version: int
    user: str
    database: str


def server(engine: Engine) -> Server:
    """Read the server's version and encoding.

    Raises:
        StorageError: the query failed.
    """
    query = select(func.current_setting("server_version_num"), func.current_user(), func.current_database())
    with translating_errors(), engine.connect() as connection:
        version, user, database = connection.execute(query).one()
    return Server(int(version), str(user), str(database))


def clock(engine: Engine) -> datetime:
    """Read the server's clock, in UTC.

    Raises:
        StorageError: the query failed.
    """
    with translating_errors(), engine.connect() as connection:
        return server_time(connection)


def missing_rights(engine: Engine) -> list[str]:
    """List the rights that loading takes and this user lacks, such as `DELETE on linkedin_ads.campaigns`.

    Raises:
        StorageError: the query failed.
    """
    rights = {f"USAGE on schema {SCHEMA}": func.has_schema_privilege(SCHEMA, "USAGE")}
    rights["TEMPORARY on the database"] = func.has_database_privilege(func.current_database(), "TEMPORARY")
    for name in Base.metadata.tables:
        rights |= {f"{right} on {name}": func.has_table_privilege(name, right) for right in _ON_TABLES}
    with translating_errors(), engine.connect() as connection:
        stored = connection.execute(select(*rights.values())).one()
    return [right for right, has in zip(rights, stored, strict=True) if not has]
