"""`lac migrate`: the schema, brought to this version's, and Dagster's tables."""

from __future__ import annotations

from dataclasses import dataclass

from lac_pipeline.commands.stack.environment import create_dagster_tables, database, environment, place_note
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.migrate import head, upgrade


@dataclass(frozen=True, slots=True)
class Migrated:
    """Where a database stands after a migration.

    Attributes:
        version: the schema's revision.
        moved: whether it was at another revision, or at none.
        place_note: where the embedded database is, if it is not below LAC_HOME.
        views: the views of declared reports that were made or replaced.
    """

    version: str
    moved: bool
    place_note: str | None
    views: tuple[str, ...] = ()


def migrate(settings: Settings) -> Migrated:
    """Bring the schema to this version's, and the views of reports to what is declared, and create Dagster's tables.

    Several processes may do so at once.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
        UnsuitableDatabaseError: a database is not in UTF-8, or the schema is another program's.
        EmbeddedServerError: the embedded server does not start.
        StorageError: the view of a declared report cannot be replaced, for other views stand on it; or the role may
            not create Dagster's tables.
    """
    with database(settings) as url:
        before = upgrade(url)
        with environment(settings) as ready, open_warehouse(ready) as warehouse:
            views = warehouse.make_report_views(ready.streams)
            create_dagster_tables()
        return Migrated(head(), before != head(), place_note(settings), tuple(views))
