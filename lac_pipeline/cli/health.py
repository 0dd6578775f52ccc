"""`lac health`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(health)


def health(
    daemon: Annotated[bool, typer.Option("--daemon/--no-daemon", help="Whether Dagster's daemon has to run.")] = True,
) -> None:
    """Exit 0 if PostgreSQL responds with this version's schema and Dagster's daemon is alive; else 1, and why.

    For health checks of containers and monitoring. It sends nothing to LinkedIn; `lac doctor` examines more.

    Example: lac health
    Example: lac health --no-daemon
    """
    from lac_pipeline.commands.health import findings
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    with open_settings_and_warehouse() as (_, warehouse):
        found = list(findings(warehouse, daemon=daemon))
    for finding in found:
        terminal.echo(f"{finding.subject}: {finding.found}")
        if finding.state != "ok" and finding.fix:
            terminal.echo(f"  fix: {finding.fix}")
    if any(finding.state != "ok" for finding in found):
        raise typer.Exit(1)
