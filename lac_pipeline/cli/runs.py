"""`lac runs`."""

from __future__ import annotations

from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, run_document
from lac_pipeline.cli.terminal.options import LOCAL_UI, URL


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(runs)


def runs(
    run_id: Annotated[str, typer.Argument(help="The run, as `lac launch` printed it.")],
    url: URL = LOCAL_UI,
    as_json: JSON = False,
) -> None:
    """Follow a run of a running Dagster until it ends; exits 1 if it, or a check of severity error, fails.

    Example: lac runs 5b2f6c0e-6f9d-4a54-9d60-1d7e4d1c2a11
    """
    import time

    from lac_pipeline.commands.runs import Ended, Line, follow
    from lac_pipeline.commands.session.running_dagster import RunningDagster

    lines: list[Line] = []
    for event in follow(RunningDagster(url), run_id, sleep=time.sleep):
        if isinstance(event, Ended) and as_json:
            print_document(run_document(run_id, lines, event))
            raise typer.Exit(0 if event.well else 1)
        if isinstance(event, Ended):
            terminal.secho(event.status.lower(), bold=True)
            for check in event.failed_checks:
                terminal.secho(f"failed check {check.name} of {check.asset}:", fg=typer.colors.RED, err=True)
                terminal.echo(check.description, err=True)
            raise typer.Exit(0 if event.well else 1)
        if as_json:
            lines.append(event)
            continue
        color = {"WARNING": typer.colors.YELLOW, "ERROR": typer.colors.RED}.get(event.level)
        terminal.secho(f"{event.at:%H:%M:%S}  {event.step or '':<24}{event.text}", fg=color)
