"""`lac migrate`: the schema, brought to this version's."""

from __future__ import annotations

from dataclasses import dataclass

from lac_pipeline.commands.stack.environment import environment, place_note
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.migrate import head


@dataclass(frozen=True, slots=True)
class Migrated:
    """Where a database stands after a migration.

    Attributes:
        version: the schema's revision.
        place_note: where the embedded database is, if it is not below LAC_HOME.
    """

    version: str
    place_note: str | None


def migrate(settings: Settings) -> Migrated:
    """Bring the schema to this version's, also where several do so at once.

    Raises:
        DatabaseUnavailableError: PostgreSQL cannot be reached.
        UnsuitableDatabaseError: a database is not in UTF-8, or the schema is another program's.
        EmbeddedServerError: the embedded server does not start.
    """
    with environment(settings, migrated=True):
        return Migrated(head(), place_note(settings))
