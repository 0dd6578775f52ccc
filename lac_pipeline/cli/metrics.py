"""`lac metrics`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.options import port_number


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(metrics)


def metrics(
    port: Annotated[
        int | None,
        typer.Option(
            parser=port_number, metavar="PORT", help="Serve the metrics on this port, under /metrics, until Ctrl-C."
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="With --port, the address to listen on; the metrics name your ad accounts."
        ),
    ] = "127.0.0.1",
) -> None:
    """Print the pipeline's state in the format of Prometheus: ages, status, rows, requests, checks, tokens, ticks.

    Alert rules and a dashboard for them are in deploy/monitoring.

    Example: lac metrics
    Example: lac metrics --port 9464
    """
    import signal

    from lac_pipeline.cli.terminal.foreground import until_interrupted
    from lac_pipeline.commands.metrics import exposition, served_metrics
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    if port is None:
        with open_settings_and_warehouse() as (settings, warehouse):
            terminal.echo(exposition(settings, warehouse).rstrip())
        return
    with (
        until_interrupted(),
        open_settings_and_warehouse() as (settings, _),
        served_metrics(settings, host=host, port=port) as address,
    ):
        terminal.echo(f"metrics: {address}   (Ctrl-C stops)")
        while True:
            signal.pause()
