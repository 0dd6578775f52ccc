"""`lac migrate`."""

from __future__ import annotations

import typer

from lac_pipeline.cli import terminal


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(migrate)


def migrate() -> None:
    """Migrate the database's schema to this version; safe to run again, and by several processes at once.

    The command also creates Dagster's tables, in the database that DAGSTER_POSTGRES_DB names.

    Example: lac migrate
    """
    from lac_pipeline.commands.migrate import migrate as migrated
    from lac_pipeline.settings import Settings

    done = migrated(Settings.load())
    if done.place_note is not None:
        terminal.echo(done.place_note)
    at = "is now at" if done.moved else "was already at"
    terminal.echo(f"the schema {at} {done.version}, which is this version's")
    for view in done.views:
        terminal.echo(f"made the view linkedin_ads.{view}")
