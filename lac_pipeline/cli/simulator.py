"""`lac simulator`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.options import number_within, port_number


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(simulator)


def simulator(
    port: Annotated[
        int, typer.Option(parser=port_number, metavar="PORT", help="The port of 127.0.0.1 to listen on.")
    ] = 8700,
    seed: Annotated[
        int, typer.Option(parser=number_within(int), metavar="NUMBER", help="Another seed makes other data.")
    ] = 7,
) -> None:
    """Run a simulated LinkedIn: the same paths, limits and refusals, three ad accounts, years of history.

    Example: lac simulator --port 8700
    """
    from lac_pipeline.commands.simulator import listening

    simulated = listening(port, seed)
    terminal.echo("Point the pipeline at it with these settings:\n")
    for name, value in simulated.settings.items():
        terminal.echo(f"{name}={value}")
    simulated.serve()
