"""`lac launch`."""

from __future__ import annotations

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, launch_document, print_document
from lac_pipeline.cli.terminal.days import SINCE, UNTIL
from lac_pipeline.cli.terminal.options import LAUNCHED_ACCOUNTS, LOCAL_UI, URL, named


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(launch)


def launch(
    account: LAUNCHED_ACCOUNTS,
    since: SINCE = None,
    until: UNTIL = None,
    url: URL = LOCAL_UI,
    as_json: JSON = False,
) -> None:
    """Let a running Dagster load ad accounts, and print the runs and where to see them.

    Without days the last three are read again. An account that LAC_ACCOUNT_IDS leaves out is refused, here or by its
    run there. `lac sync` does the same work in its own process instead.

    Example: lac launch --account 510000001
    Example: lac launch --account 510000001 --since 2026-10-01 --until 2026-10-31 --url http://127.0.0.1:3001
    """
    from lac_pipeline.clock import utc_now
    from lac_pipeline.commands.launch import launch as launched
    from lac_pipeline.commands.session.running_dagster import RunningDagster

    dagster = RunningDagster(url)
    queued = launched(dagster, named(account), since=since, until=until, today=utc_now().date())
    if as_json:
        print_document(launch_document([(run, dagster.run_page(run.run_id)) for run in queued]))
        return
    for run in queued:
        days = f"{run.window}" if run.window else "all"
        terminal.echo(f"{run.account_id:<11} {run.group:<13} {days:<23} {run.run_id}  {dagster.run_page(run.run_id)}")
    terminal.echo("queued; `lac runs RUN_ID` follows one")
