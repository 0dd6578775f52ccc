"""`lac plan`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, plan_document, print_document
from lac_pipeline.cli.terminal.days import SINCE, UNTIL
from lac_pipeline.cli.terminal.options import ACCOUNTS, named
from lac_pipeline.cli.terminal.prompts import confirm
from lac_pipeline.cli.terminal.results import MANY_ACCOUNTS, finish, run_syncs
from lac_pipeline.cli.terminal.table import Column, room, table
from lac_pipeline.printable import counted
from lac_pipeline.windows import DateWindow

if TYPE_CHECKING:
    from lac_pipeline.commands.plan import Plan, Step
    from lac_pipeline.streams import AssetGroup


COLUMNS = (
    Column("account"),
    Column("group", least=8),
    Column("days"),
    Column("partitions", right=True, spare=1),
    Column("calls", right=True),
    Column("stored rows", right=True),
)
SUMMARY = (COLUMNS[1], Column("accounts", right=True), *COLUMNS[2:])
"""The columns where many accounts are summed up."""


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.command("plan", rich_help_panel=panel)(plan_sync)


def plan_sync(
    account: ACCOUNTS,
    *,
    since: SINCE = None,
    until: UNTIL = None,
    yes: Annotated[bool, typer.Option("--yes", help="Run it without a confirmation.")] = False,
    as_json: JSON = False,
) -> None:
    """Show what a forced sync would do: partitions, calls, time, rows that it would replace. Run it if you confirm.

    A request is sent to LinkedIn only if no account is known yet. Without a terminal, the sync runs only with --yes.
    With --json the plan is printed, and no sync runs. Of more than 20 accounts the asset groups are summed up.
    Exits 1 if LinkedIn lists no account.

    Example: lac plan --account all --since 2026-10-01
    """
    from lac_pipeline.commands.plan import plan
    from lac_pipeline.commands.session.sync_results import SyncRequest
    from lac_pipeline.commands.session.sync_session import open_session
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.settings import Settings

    if as_json and yes:
        raise typer.BadParameter("choose one of --json and --yes")
    request = SyncRequest(since=since, until=until, force=True)
    settings = Settings.load()
    request.check(settings)
    with environment(settings) as ready, open_session(ready) as session:
        names = named(account)
        accounts = list(
            dict.fromkeys(account_id for name in names for account_id in session.accounts(name, known=True))
        )
        checked = {check for name in names for check in session.checked(name, accounts)}
        found = plan(session, accounts, request, ready)
        if as_json:
            print_document(plan_document(found))
        if not accounts:
            finish(session.warehouse, checked, [], streams=session.streams, err=as_json)
        if as_json:
            return
        _show(found)
        if yes or _agreed():
            run_syncs(session, accounts, request, checked=checked)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        terminal.echo("nothing was run, for there is no terminal to confirm at: --yes runs it", err=True)
        return False
    agreed = confirm("run it?")
    if not agreed:
        terminal.echo("nothing was run")
    return agreed


def _show(found: Plan) -> None:
    accounts = {step.account_id for step in found.steps}
    if len(accounts) > MANY_ACCOUNTS:
        lines = table(SUMMARY, [_summary(group, found) for group in _groups(found)], within=room())
    else:
        lines = table(COLUMNS, [_cells(step) for step in found.steps], within=room())
    for line in lines:
        terminal.echo(line)
    if len(accounts) > MANY_ACCOUNTS:
        terminal.echo(f"({len(accounts):,} ad accounts; `lac plan --account ID` shows one, --json each)")
    least = "" if found.known else "at least "
    terminal.echo(
        f"\n{least}{counted(found.calls, 'call')} to LinkedIn, about {timedelta(seconds=round(found.seconds))}; "
        f"{found.rows:,} stored rows are compared, and replaced where LinkedIn's differ"
    )
    for group, most in {(step.group, step.most_calls_a_day) for step in found.steps}:
        if most is not None and sum(step.calls for step in found.steps if step.group is group) > most:
            terminal.echo(
                f"({group} takes at most {counted(most, 'call')} a day, UTC; the rest is read on the next days)"
            )
    if not found.known:
        terminal.echo("(* no rows are stored to estimate from: how many rows a day has is learned while reading)")


def _groups(found: Plan) -> list[AssetGroup]:
    return list(dict.fromkeys(step.group for step in found.steps))


def _summary(group: AssetGroup, found: Plan) -> tuple[str, ...]:
    """What a group comes to over all accounts; of their days the first and the last."""
    steps = [step for step in found.steps if step.group is group]
    windows = [step.window for step in steps if step.window is not None]
    days = "all"
    if windows:
        days = str(DateWindow(min(window.start for window in windows), max(window.end for window in windows)))
    calls = f"{sum(step.calls for step in steps):,}" + ("" if all(step.known for step in steps) else "*")
    counts = (f"{sum(step.partitions for step in steps):,}", calls, f"{sum(step.rows for step in steps):,}")
    return (group, f"{len(steps):,}", days, *counts)


def _cells(step: Step) -> tuple[str, ...]:
    days = "all" if step.window is None else str(step.window)
    calls = f"{step.calls:,}" + ("" if step.known else "*")
    return (f"{step.account_id}", step.group, days, f"{step.partitions:,}", calls, f"{step.rows:,}")
