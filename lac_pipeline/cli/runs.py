"""`lac runs`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, run_document, runs_document
from lac_pipeline.cli.terminal.options import ACCOUNT, URL, complete_run, named, number_within
from lac_pipeline.cli.terminal.table import INDENT, Column, hanging, room, table

if TYPE_CHECKING:
    from lac_pipeline.commands.runs import Ended, Line, Run
    from lac_pipeline.commands.session.running_dagster import RunningDagster

MOST_LISTED = 200
SHORT_ID, STEP_WIDTH = 8, 24
COLUMNS = (
    Column("run"),
    Column("status"),
    Column("account"),
    Column("name", least=8),
    Column("group", least=8),
    Column("trigger", spare=1),
    Column("begun (UTC)"),
    Column("took", right=True),
)


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(runs)


def runs(
    run_id: Annotated[
        str | None,
        typer.Argument(
            autocompletion=complete_run,
            help="The run to follow: its id, or the beginning of it. Without it, the newest runs are listed.",
        ),
    ] = None,
    account: ACCOUNT = None,
    limit: Annotated[
        int,
        typer.Option(
            parser=number_within(int, least=1, most=MOST_LISTED),
            metavar="NUMBER",
            help=f"How many runs are listed, at most {MOST_LISTED}.",
        ),
    ] = 20,
    url: URL = None,
    as_json: JSON = False,
) -> None:
    """List the newest runs of a running Dagster, or follow one until it ends.

    Exits 1 if the run that is followed, or a check of severity error in it, fails.

    Example: lac runs
    Example: lac runs 5b2f6c0e
    """
    from lac_pipeline.commands.runs import recent, whole_id
    from lac_pipeline.commands.session.running_dagster import running_dagster

    dagster = running_dagster(url)
    if run_id is not None:
        _follow(dagster, whole_id(dagster, run_id), as_json=as_json)
    found = recent(dagster, limit=limit, account_ids=[int(name) for name in named(account)] or None)
    remember_runs({run.run_id: f"{run.status.lower()} {run.account_id or ''} {run.group or ''}" for run in found})
    if as_json:
        print_document(runs_document(found, account_names()))
        return
    for line in table(COLUMNS, [_cells(run) for run in found], within=room()):
        terminal.echo(line)
    terminal.echo("`lac runs RUN` follows one" if found else "there is no run yet")


def account_names() -> dict[int, str | None]:
    """The names of ad accounts that this home knows; none where there are no settings that name a home."""
    from lac_pipeline.commands.session.remembered_names import remembered_accounts
    from lac_pipeline.errors import ConfigError
    from lac_pipeline.settings import Settings

    home = None
    with contextlib.suppress(ConfigError):
        home = Settings.load().home
    return remembered_accounts(home)


def remember_runs(runs: dict[str, str]) -> None:
    """Keep the runs for the shell to complete, where there are settings that name a home."""
    from lac_pipeline.commands.session.remembered_names import Kind, remember
    from lac_pipeline.errors import ConfigError
    from lac_pipeline.settings import Settings

    with contextlib.suppress(ConfigError):
        remember(Settings.load().home, Kind.RUNS, runs)


def _cells(run: Run) -> tuple[str, ...]:
    took = "" if run.ended_at is None else f"{(run.ended_at - run.begun_at).total_seconds():,.0f} s"
    several = f"{len(run.account_ids)} accounts" if run.account_ids else ""
    account = several if run.account_id is None else f"{run.account_id}"
    begun = f"{run.begun_at:%m-%d %H:%M:%S}"
    return (run.run_id[:SHORT_ID], run.status.lower(), account, run.named, run.group or "", run.trigger, begun, took)


def _follow(dagster: RunningDagster, run_id: str, *, as_json: bool) -> NoReturn:
    """Print the lines of a run as they come, and exit 0 if it ended well, else 1."""
    import time

    from lac_pipeline.commands.runs import Ended, follow

    lines: list[Line] = []
    step, within = None, room()
    for event in follow(dagster, run_id, sleep=time.sleep):
        if isinstance(event, Ended):
            if as_json:
                print_document(run_document(run_id, lines, event))
            else:
                print_end(event)
            raise typer.Exit(0 if event.well else 1)
        if as_json:
            lines.append(event)
            continue
        if within is not None and event.step not in (None, step):
            terminal.secho(event.step, bold=True)
        step = event.step or step
        color = {"WARNING": typer.colors.YELLOW, "ERROR": typer.colors.RED}.get(event.level)
        terminal.secho(laid_out(event, within=within), fg=color)
    raise typer.Exit(1)


def laid_out(line: Line, *, within: int | None) -> str:
    """A line of a run's log: with its step in a file, and on a terminal, where the step stands above, in its width."""
    if within is None:
        return f"{line.at:%H:%M:%S}  {line.step or '':<{STEP_WIDTH}}  {line.text}"
    first, *others = line.text.splitlines() or [""]
    beginning = f"{INDENT}{line.at:%H:%M:%S}{INDENT}"
    below = [hanging(f"{'':{len(beginning)}}", other, within=within) for other in others]
    return "\n".join([hanging(beginning, first, within=within), *below])


def print_end(ended: Ended, *, of: str = "") -> None:
    """Print how a run ended: a check that failed is not hidden by a run that succeeded."""
    for check in ended.failed_checks:
        terminal.secho(f"failed check {check.name} of {check.asset}:", fg=typer.colors.RED, err=True)
        terminal.echo(check.description, err=True)
    failed = len(ended.failed_checks)
    checks = "" if not failed else ", but 1 check failed" if failed == 1 else f", but {failed} checks failed"
    words = "loaded" if checks and ended.status == "SUCCESS" else ended.status.lower()
    terminal.secho(f"{of}{words}{checks}", bold=True, fg=None if ended.well else typer.colors.RED)
