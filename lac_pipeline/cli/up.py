"""`lac up`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.foreground import announced_stop, stay, until_interrupted
from lac_pipeline.cli.terminal.options import PORT, port_number

METRICS_PORT = Annotated[
    int | None,
    typer.Option(parser=port_number, metavar="PORT", help="Serve /metrics for Prometheus on this port too."),
]


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(up)


def up(port: PORT = 3000, metrics_port: METRICS_PORT = None) -> None:
    """Run the pipeline against real LinkedIn: database, schema, the Dagster UI, its sensors and schedules.

    Example: lac up
    Example: lac up --metrics-port 9464
    """
    from lac_pipeline.commands.stack.unread_settings import without_effect
    from lac_pipeline.commands.up import running_stack

    terminal.echo("starting the Dagster UI, its sensors and schedules ...")
    with until_interrupted(), running_stack() as stack, announced_stop(), ExitStack() as beside:
        if stack.place_note is not None:
            terminal.echo(stack.place_note)
        terminal.warn_of(without_effect(stack.settings))
        if metrics_port is not None:
            from lac_pipeline.commands.metrics import served_metrics

            metrics = served_metrics(stack.settings, host="127.0.0.1", port=metrics_port)
            terminal.echo(f"metrics: {beside.enter_context(metrics)}")
        stay(stack, stack.start_ui(port))
