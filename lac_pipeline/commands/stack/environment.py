"""What must be ready before a command runs: databases, schema, Dagster's home, and the variables that name them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lac_pipeline import private
from lac_pipeline.commands.stack.project import project_file
from lac_pipeline.home import make_home, unwritable_home
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT
from lac_pipeline.postgres.databases import ensure_database
from lac_pipeline.postgres.embedded.place import elsewhere
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine, translating_errors
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline.settings import Settings, export
from lac_pipeline.warehouse.revision import is_newest
from lac_pipeline.warehouse.suitability import require_encoding, require_room_for_dagster

EVENT_BATCH = "500"
"""Dagster writes a year's events in 0.6 s instead of 9 s when it may batch them."""


@contextmanager
def environment(settings: Settings, *, migrated: bool = False) -> Iterator[Settings]:
    """Start or find the databases, export the variables that Dagster needs, and yield the settings as they now are.

    Args:
        settings: what the person set.
        migrated: bring the schema to head, and create Dagster's tables; otherwise an old schema is refused.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
        SchemaOutdatedError: the schema is old, and `migrated` is False.
        UnsuitableDatabaseError: a database is not in UTF-8, or the schema is another program's.
        EmbeddedServerError: the embedded server does not start.
    """
    with _database_urls(settings) as (warehouse_url, dagster_url):
        if migrated:
            from lac_pipeline.warehouse import migrate  # noqa: PLC0415 - Alembic takes long to import

            migrate.upgrade(warehouse_url)
        else:
            _require_head(warehouse_url)
        _prepare_dagster_database(dagster_url, warehouse_url)
        export(_variables(settings, warehouse_url, dagster_url))
        if migrated:
            create_dagster_tables()
        yield Settings.load()


def create_dagster_tables() -> None:
    """Create Dagster's tables within an environment, so that the processes of a stack do not all begin with that.

    Raises:
        StorageError: the role may not create them.
    """
    import dagster as dg  # noqa: PLC0415 - Dagster takes long to import

    with translating_errors(), dg.DagsterInstance.get():
        pass


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Start or find the warehouse's database, whatever its schema is, and yield its URL.

    Raises:
        EmbeddedServerError: the embedded server does not start.
    """
    with _database_urls(settings) as (warehouse_url, _):
        yield warehouse_url


@contextmanager
def _database_urls(settings: Settings) -> Iterator[tuple[str, str]]:
    try:
        make_home(settings.home)
        dagster_home(settings.home)
    except OSError as error:
        raise unwritable_home(settings.home, error) from error
    if settings.warehouse_url is not None and settings.dagster_url is not None:
        yield settings.warehouse_url, settings.dagster_url
        return
    with EmbeddedServer(settings.home) as server:
        # After a crash the last second of Dagster's log is missing: a run whose end is not there is closed
        # as lost, and tried again. What the warehouse has committed is on disk, and all of the log before it.
        dagster_url = server.url(settings.dagster_postgres_db, "postgresql+psycopg2", flushed=False)
        yield server.url(settings.postgres_db), dagster_url


def _require_head(url: str) -> None:
    engine = make_engine(url)
    try:
        with translating_errors():
            require_encoding(engine)
            newest = is_newest(engine)
        if not newest:
            from lac_pipeline.warehouse import migrate  # noqa: PLC0415 - it finds out what is wrong, by Alembic

            migrate.require_head(engine)
    finally:
        engine.dispose()


def place_note(settings: Settings) -> str | None:
    """Return where the embedded database is, if not below LAC_HOME; the settings are those before `environment`."""
    place = elsewhere(settings.home) if settings.warehouse_url is None else None
    if place is None:
        return None
    return f"PostgreSQL's data are in {place}, for its user may not enter {settings.home}; remove both together"


def _prepare_dagster_database(url: str, warehouse_url: str) -> None:
    """Make Dagster's own database where it is missing; its connections are not ours, so only libpq can set them."""
    engine = make_engine(url)
    try:
        with translating_errors():
            ensure_database(engine, via=[str(read_url(warehouse_url).database)])
            require_encoding(engine)
            require_room_for_dagster(engine)
    finally:
        engine.dispose()


def _variables(settings: Settings, warehouse_url: str, dagster_url: str) -> dict[str, str]:
    home = dagster_home(settings.home)
    return {
        **LIBPQ_ENVIRONMENT,
        "DAGSTER_HOME": str(home),
        "DAGSTER_POSTGRES_URL": dagster_url,
        "DAGSTER_EVENT_BATCH_SIZE": EVENT_BATCH,
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DATABASE_URL": write_url(read_url(warehouse_url).set(drivername="postgresql")),  # psql reads it, too
        "LAC_DAGSTER_DIR": str(home / "storage"),
        "LAC_HOME": str(settings.home),
        **({"LAC_REPORTS": str(settings.lac_reports)} if settings.lac_reports else {}),
        "LAC_START_DATE": settings.start_date.isoformat(),
    }


def dagster_home(home: Path) -> Path:
    """Make Dagster's home below ours, with a copy of the project's `dagster.yaml`, and return its path."""
    folder = home / "dagster"
    private.make_folder(folder)
    original, copy = project_file("dagster.yaml"), folder / "dagster.yaml"
    if not copy.exists() or copy.read_bytes() != original.read_bytes():
        # Renamed into place: with half a file, a run that starts meanwhile would open another instance, in SQLite.
        private.replace(copy, original.read_bytes())
    return folder
