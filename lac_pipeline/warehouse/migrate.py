"""Alembic, in this process: the schema brought to what the code expects, and the check that it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine

from lac_pipeline.errors import DatabaseBusyError, SchemaOutdatedError
from lac_pipeline.postgres import databases
from lac_pipeline.postgres.engine import make_engine, translating_errors
from lac_pipeline.warehouse.revision import migrations_folder
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.suitability import require_encoding, require_own_schema, require_writable


def _config(url: str | None = None, script_location: Path | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(script_location or migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def upgrade(url: str, *, script_location: Path | None = None, revision: str = "head") -> str | None:
    """Bring the schema up to date, and return the revision that it was at; processes that do so at once wait.

    Args:
        url: the database; it is made where the server has none of that name and this user may create it.
        script_location: the folder of the migrations; by default the project's own.
        revision: where to go; a failed migration leaves the schema as it was.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
        UnsuitableDatabaseError: it is not in UTF-8, or its schema is another program's.
        DatabaseBusyError: another process has been migrating for two minutes, or holds a table.
    """
    try:
        with translating_errors():
            databases.ensure_database(url)
            before = _require_suitable(url)
            command.upgrade(_config(url, script_location), revision)
            return before
    except TimeoutError as error:
        raise DatabaseBusyError(str(error), fix="wait for it, then run `lac migrate` again") from error


def _require_suitable(url: str) -> str | None:
    engine = make_engine(url, pooled=False)
    require_writable(engine)
    require_encoding(engine)
    revision = current(engine)
    require_own_schema(engine, revision=revision, known={*known_revisions()})
    return revision


def downgrade(url: str, revision: str, *, script_location: Path | None = None) -> None:
    """Take migrations back down to a revision; `base` removes every table with its rows.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    with translating_errors():
        command.downgrade(_config(url, script_location), revision)


def known_revisions() -> list[str]:
    """The revisions that this code can bring to its own, the newest first."""
    return [script.revision for script in _scripts()]


def head() -> str:
    """Return the revision that this code expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(engine: Engine) -> str | None:
    """Return the revision of the database; None when it was never migrated.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    with translating_errors(), engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_revision()


def require_head(engine: Engine) -> None:
    """Refuse to work on a schema that this code does not know.

    Raises:
        SchemaOutdatedError: the schema is missing, older or newer than the code.
        UnsuitableDatabaseError: the database is not in UTF-8, or its schema is another program's.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with translating_errors():
        require_encoding(engine)
    found, expected = current(engine), head()
    if found != expected:
        revisions = {script.revision for script in _scripts()}
        with translating_errors():
            require_own_schema(engine, revision=found, known=revisions)
        known = found is None or found in revisions
        raise SchemaOutdatedError(
            "the schema is missing or older than this code" if known else "the schema is newer than this code",
            detail=f"revision {found or 'none'} in the database, {expected} in the code",
            meaning="nothing is read or written before they agree",
            fix="run `lac migrate`" if known else "install the newer lac-pipeline here too",
        )


def _scripts() -> list[Script]:
    return list(ScriptDirectory.from_config(_config()).walk_revisions())
