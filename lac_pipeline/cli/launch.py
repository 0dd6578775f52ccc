"""`lac launch` and `lac runs`: a running Dagster, from the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.sync import DAY
from lac_pipeline.cli.terminal.options import ONE_ACCOUNT

URL = Annotated[str, typer.Option(help="The address of the Dagster UI.")]
LOCAL_UI = "http://127.0.0.1:3000"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(launch)
    app.command()(runs)


def launch(
    account: ONE_ACCOUNT,
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="The first UTC day to load.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="The last UTC day; today by default.")] = None,
    url: URL = LOCAL_UI,
) -> None:
    """Let a running Dagster load an ad account, and print the runs and where to see them.

    Without days the last three are read again. An account that LAC_ACCOUNT_IDS leaves out is refused, here or by its
    run there. `lac sync` does the same work in its own process instead.

    Example: lac launch --account 510000001
    Example: lac launch --account 510000001 --since 2026-10-01 --until 2026-10-31 --url http://127.0.0.1:3001
    """
    from lac_pipeline.commands.launch import launch as launched
    from lac_pipeline.commands.session.running_dagster import RunningDagster
    from lac_pipeline.defs.resources import utc_now

    dagster = RunningDagster(url)
    first, last = since.date() if since else None, until.date() if until else None
    for run in launched(dagster, account, since=first, until=last, today=utc_now().date()):
        days = f"{run.window}" if run.window else "all"
        terminal.echo(f"{run.group:<13} {days:<23} {run.run_id}  {dagster.run_page(run.run_id)}")
    terminal.echo("queued; `lac runs RUN_ID` follows one")


def runs(
    run_id: Annotated[str, typer.Argument(help="The run, as `lac launch` printed it.")], url: URL = LOCAL_UI
) -> None:
    """Follow a run of a running Dagster until it ends; exits 1 if it, or a check of severity error, fails.

    Example: lac runs 5b2f6c0e-6f9d-4a54-9d60-1d7e4d1c2a11
    """
    import time

    from lac_pipeline.commands.runs import Ended, follow
    from lac_pipeline.commands.session.running_dagster import RunningDagster

    for told in follow(RunningDagster(url), run_id, sleep=time.sleep):
        if isinstance(told, Ended):
            terminal.secho(told.status.lower(), bold=True)
            for check in told.failed_checks:
                terminal.secho(f"failed check {check.name} of {check.asset}:", fg=typer.colors.RED, err=True)
                terminal.echo(check.description, err=True)
            raise typer.Exit(0 if told.well else 1)
        color = {"WARNING": typer.colors.YELLOW, "ERROR": typer.colors.RED}.get(told.level)
        terminal.secho(f"{told.at:%H:%M:%S}  {told.step or '':<24}{told.text}", fg=color)
