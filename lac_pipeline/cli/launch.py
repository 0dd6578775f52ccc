"""`lac launch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.runs import account_names, print_end, remember_runs
from lac_pipeline.cli.terminal.as_json import JSON, launch_document, print_document
from lac_pipeline.cli.terminal.days import SINCE, UNTIL
from lac_pipeline.cli.terminal.options import LAUNCHED_ACCOUNTS, URL, named
from lac_pipeline.cli.terminal.table import INDENT, cut, room

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lac_pipeline.commands.launch import Launched
    from lac_pipeline.commands.runs import Ended
    from lac_pipeline.commands.session.running_dagster import RunningDagster


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(launch)


def launch(
    account: LAUNCHED_ACCOUNTS,
    *,
    since: SINCE = None,
    until: UNTIL = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the runs have ended; exits 1 if one fails.")] = False,
    url: URL = None,
    as_json: JSON = False,
) -> None:
    """Let a running Dagster load ad accounts, and print the runs and where to see them.

    Without days, the last three days are read again. An account that LAC_ACCOUNT_IDS leaves out is refused, by this
    command or by its run. `lac sync` does the same work in its own process.

    Example: lac launch --account 510000001
    Example: lac launch --account 510000001 --wait
    Example: lac launch --account 510000001 --since 2026-10-01 --until 2026-10-31 --url http://127.0.0.1:3001
    """
    from lac_pipeline.clock import utc_now
    from lac_pipeline.commands.launch import launch as launched
    from lac_pipeline.commands.session.running_dagster import running_dagster

    dagster = running_dagster(url)
    queued = launched(dagster, named(account), since=since, until=until, today=utc_now().date())
    if as_json:
        runs = list(queued)
        ends = _ends(dagster, runs) if wait else []
        pages = [(run, dagster.run_page(run.run_id)) for run in runs]
        print_document(launch_document(pages, ends, names=account_names()))
    else:
        runs = _print_queued(dagster, queued)
        ends = _print_ends(dagster, runs) if wait else []
    if not all(end.well for end in ends):
        raise typer.Exit(1)


def _print_queued(dagster: RunningDagster, queued: Iterable[Launched]) -> list[Launched]:
    within = room()
    runs: list[Launched] = []
    for run in queued:
        if run.account_id not in {before.account_id for before in runs}:
            terminal.echo(cut(run.account, within=within))
        days = f"{run.window}" if run.window else "all"
        terminal.echo(f"{INDENT}{run.group:<13} {days}\n{INDENT * 2}{dagster.run_page(run.run_id)}")
        runs.append(run)
    remember_runs({run.run_id: f"{run.account_id} {run.group}" for run in runs})
    terminal.echo("queued; `lac runs RUN` follows one")
    return runs


def _ends(dagster: RunningDagster, runs: Iterable[Launched]) -> list[Ended]:
    """Wait for the runs one after the other, and return how they ended."""
    import time

    from lac_pipeline.commands.runs import end_of

    return [end_of(dagster, run.run_id, sleep=time.sleep) for run in runs]


def _print_ends(dagster: RunningDagster, runs: Iterable[Launched]) -> list[Ended]:
    ends = []
    for run in runs:
        (end,) = _ends(dagster, [run])
        print_end(end, of=f"{run.account}, {run.group}: ")
        ends.append(end)
    return ends
