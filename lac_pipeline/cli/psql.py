"""`lac psql`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(psql)


def psql(
    sql: Annotated[
        str | None, typer.Argument(help="The SQL to run; without it, SQL is read from the terminal or a pipe.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print rows as CSV.")] = False,
) -> None:
    """Open PostgreSQL's own shell on the database of the tables, as the user who loads them, or run SQL in it.

    A name without a schema is looked for in linkedin_ads first. CREATE TABLE without a schema would create the table
    there, so name a schema of your own.

    Example: lac psql
    Example: lac psql "SELECT * FROM account_performance ORDER BY date DESC LIMIT 5"
    Example: lac psql --csv "TABLE campaigns"
    """
    from lac_pipeline.commands.psql import psql as run
    from lac_pipeline.settings import Settings

    raise typer.Exit(run(Settings.load(), sql, csv=csv, warn=_warn))


def _warn(text: str) -> None:
    terminal.secho(text, fg=typer.colors.YELLOW, err=True)
