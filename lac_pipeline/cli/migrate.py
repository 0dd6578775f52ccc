"""`lac migrate`."""

from __future__ import annotations

import typer

from lac_pipeline.cli import terminal


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(migrate)


def migrate() -> None:
    """Bring the database's schema to this version; safe to run again, and by several at once.

    Example: lac migrate
    """
    from lac_pipeline.commands.stack.environment import environment, place_note
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.migrate import head

    settings = Settings.load()
    with environment(settings, migrated=True):
        if (note := place_note(settings)) is not None:
            terminal.echo(note)
        terminal.echo(f"the schema is at {head()}, which is this version's")
