"""`lac up`."""

from __future__ import annotations

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.foreground import stay, until_interrupted
from lac_pipeline.cli.terminal.options import PORT


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(up)


def up(port: PORT = 3000) -> None:
    """Run the pipeline against real LinkedIn: database, schema, the Dagster UI, its sensors and schedules.

    Example: lac up
    """
    from lac_pipeline.commands.up import running_stack

    terminal.echo("starting the Dagster UI, its sensors and schedules ...")
    with until_interrupted(), running_stack() as stack:
        if stack.place_note is not None:
            terminal.echo(stack.place_note)
        stay(stack, port)
