"""`lac launch`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.options import DAY, LOCAL_UI, ONE_ACCOUNT, URL


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(launch)


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
