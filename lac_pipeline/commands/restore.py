"""`lac restore`: a dump brought back, in place of what the schema holds."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect

from lac_pipeline.commands.stack.environment import database
from lac_pipeline.commands.stack.foreground import run_in_foreground
from lac_pipeline.errors import LacError, StorageError
from lac_pipeline.postgres.clients import libpq_variables, program_of, shell
from lac_pipeline.postgres.databases import ensure_database, major_version
from lac_pipeline.postgres.engine import make_engine, translating_errors
from lac_pipeline.postgres.url import read_url
from lac_pipeline.settings import Settings, export
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.query.relations import dependents
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran import SCHEMAS
from lac_pipeline.warehouse.schema.view import literal
from lac_pipeline.warehouse.suitability import VERSION_TABLE


@dataclass(frozen=True, slots=True)
class Restored:
    """A finished restore.

    Attributes:
        database: that the tables are in.
        version: the revision that its schema is at now.
        dropped: views of other schemas that read the tables that were replaced, and went with them.
    """

    database: str
    version: str
    dropped: tuple[str, ...] = ()


def holds_tables(settings: Settings) -> bool:
    """Whether there is something that a restore would replace.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
    """
    with database(settings) as url, translating_errors():
        ensure_database(url)
        return bool(inspect(make_engine(url, pooled=False)).get_table_names(SCHEMA))


def views_of_others(settings: Settings) -> tuple[str, ...]:
    """The views of other schemas that a restore drops, because they read what it replaces; each with its schema.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
    """
    with database(settings) as url:
        return dependents(make_engine(url, pooled=False), SCHEMAS)


def restore(settings: Settings, file: Path) -> Restored:
    """Replace our schemas by those of the dump, in one transaction, and bring them to this version's.

    Raises:
        ConfigError: this machine has no pg_restore for the server.
        DatabaseUnavailableError: PostgreSQL cannot be reached.
        StorageError: the file is no dump of this pipeline, or of a version that is not known yet, or PostgreSQL refuses
            it; the program printed why, and nothing changed.
    """
    if not file.exists():
        raise LacError(f"there is no file {file}", fix="name a file that `lac dump` has written")
    with database(settings) as url:
        ensure_database(url)
        dropped = dependents(make_engine(url, pooled=False), SCHEMAS)
        export(libpq_variables(read_url(url)))
        with tempfile.NamedTemporaryFile(dir=settings.home, prefix="restore-", suffix=".sql") as script:
            # A whole script first: psql would commit the half that it got from a program that fails.
            unpack = [str(program_of("pg_restore", major_version(url))), "--no-owner", "--no-privileges"]
            _require(run_in_foreground([*unpack, f"--file={script.name}", str(file)]), "pg_restore")
            drop = f"SET client_min_messages = warning; DROP SCHEMA IF EXISTS {', '.join(SCHEMAS)} CASCADE"
            load = [str(shell()), "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
            once = ["--single-transaction", f"--command={drop}", f"--file={script.name}", f"--command={_check()}"]
            _require(run_in_foreground([*load, *once]), "psql")
        migrate.upgrade(url)
    return Restored(str(read_url(url).database), migrate.head(), dropped)


def _check() -> str:
    """SQL that fails, and so takes the restore back, if what was restored cannot be brought to this version's."""
    known = ", ".join(map(literal, migrate.known_revisions()))
    return f"""DO $$ BEGIN
    IF to_regclass('{SCHEMA}.{VERSION_TABLE}') IS NULL THEN
        RAISE 'the file is no dump of {SCHEMA} as this pipeline makes it';
    ELSIF NOT EXISTS (SELECT FROM {SCHEMA}.{VERSION_TABLE} WHERE version_num IN ({known})) THEN
        RAISE 'the dump is of a newer version of lac: install that one';
    END IF;
END $$"""


def _require(status: int, program: str) -> None:
    if status:
        raise StorageError(
            f"{program} failed",
            detail=f"exit status {status}",
            meaning="what was in the database is as it was",
            fix="see what it printed above",
        )
