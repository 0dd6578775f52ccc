"""`lac restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.prompts import confirm


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(restore)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that `lac dump` wrote.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Replace the tables without a confirmation.")] = False,
) -> None:
    """Restore a dump in place of all tables that are there, and migrate it to this version.

    Either all tables are replaced or none. Views of your own that read them are dropped, and named. A dump does not
    contain the rights of readers: run `lac grant-reader` again.

    Example: lac restore lac.dump
    """
    from lac_pipeline.commands.restore import holds_tables, views_of_others
    from lac_pipeline.commands.restore import restore as restored
    from lac_pipeline.settings import Settings

    settings = Settings.load()
    if not yes and holds_tables(settings):
        others = views_of_others(settings)
        dropped = f", and drop the views that read them ({', '.join(others)})" if others else ""
        if not confirm(f"replace all tables of linkedin_ads by those of the dump{dropped}?"):
            terminal.echo("nothing was done")
            raise typer.Exit(1)
    done = restored(settings, file)
    terminal.echo(f"restored into the database {done.database}; the schema is at {done.version}")
    if done.dropped:
        terminal.echo(f"these views read the tables that were replaced, and were dropped: {', '.join(done.dropped)}")
