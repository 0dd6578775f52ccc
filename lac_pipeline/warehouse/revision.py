"""Whether a schema is at the newest migration, without Alembic: loading all migrations takes longer than most commands.

`migrate` does the same with Alembic, and finds out what is wrong if the schema is not at that migration.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.exc import ProgrammingError

import lac_pipeline
from lac_pipeline.errors import ConfigError
from lac_pipeline.warehouse.schema.base import SCHEMA

_VERSION = sql_table("alembic_version", sql_column("version_num"), schema=SCHEMA)


def migrations_folder() -> Path:
    """Find the migrations: at the top of a checkout, or inside an installed wheel.

    Raises:
        ConfigError: neither is there.
    """
    package = Path(lac_pipeline.__file__).parent
    for folder in (package.parent / "migrations", package / "_project" / "migrations"):
        if (folder / "env.py").exists():
            return folder
    raise ConfigError("the migrations are missing beside the package", fix="install lac-pipeline again")


def newest() -> str | None:
    """The revision of the newest migration, by the names of their files, which begin with it."""
    names = (file.name for file in (migrations_folder() / "versions").glob("[0-9]*_*.py"))
    return max((name.split("_", 1)[0] for name in names), default=None)


def is_newest(engine: Engine) -> bool:
    """Whether the database is at that revision.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot be reached.
    """
    try:
        with engine.connect() as connection:
            return connection.scalars(select(_VERSION.c.version_num)).all() == [newest()]
    except ProgrammingError:  # it has no such table, or does not let this user read it
        return False
