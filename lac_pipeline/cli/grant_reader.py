"""`lac grant-reader`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(grant_reader)


def grant_reader(
    name: Annotated[str, typer.Argument(help="The role, such as analyst; it is made if it does not exist.")],
    lead_answers: Annotated[
        bool,
        typer.Option(
            "--lead-answers", help="Let it read lead_answers too, which is personal data; without it, that right ends."
        ),
    ] = False,
    dbt: Annotated[
        bool,
        typer.Option("--dbt", help="Let it make schemas of its own, for dbt's models. Without it, no longer."),
    ] = False,
) -> None:
    """Let a PostgreSQL role read all tables and views of linkedin_ads, and nothing else; tokens stay hidden.

    It reads those of linkedin_ads_fivetran as well, which dbt packages for Fivetran's layout read.

    What members filled into lead forms stays hidden as well, unless --lead-answers is given.

    Example: lac grant-reader analyst
    """
    from lac_pipeline.commands.grant_reader import next_steps
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse
    from lac_pipeline.warehouse.roles import grant_reader as granted

    with open_settings_and_warehouse() as (settings, warehouse):
        reader = granted(warehouse.engine, name, personal=lead_answers, builds=dbt)
        made = "is made, and may read" if reader.created else "was there, and may read"
        writes = "it writes only into schemas that it makes" if dbt else "it cannot write"
        terminal.echo(f"role {reader.name} {made} {reader.relations} tables and views of linkedin_ads; {writes}")
        for line in next_steps(reader, settings):
            terminal.echo(f"  {line}")
