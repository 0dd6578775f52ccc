"""`lac demo`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.foreground import stay, until_interrupted
from lac_pipeline.cli.terminal.options import PORT
from lac_pipeline.cli.terminal.results import header, print_checks, sync_and_print
from lac_pipeline.printable import one_line
from lac_pipeline.reporting.amounts import UNKNOWN, count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lac_pipeline.commands.demo import AccountSpend
    from lac_pipeline.commands.sync import AccountSync

CAMPAIGNS_SHOWN = 4


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(demo)


def demo(port: PORT = 3000) -> None:
    """See it work, without any account: PostgreSQL, a simulated LinkedIn, three ad accounts, the Dagster UI.

    Example: lac demo
    """
    from lac_pipeline.commands.demo import running_demo, spend_by_account
    from lac_pipeline.commands.session.sync_session import open_session

    terminal.echo("starting PostgreSQL, a simulated LinkedIn and the Dagster UI ...")
    with until_interrupted(), running_demo() as stack:
        if stack.place_note is not None:
            terminal.echo(stack.place_note)
        with open_session(stack.settings) as session:
            _load(session)
            _print_spend(spend_by_account(session.warehouse, campaigns=CAMPAIGNS_SHOWN))
        stay(stack, port)


def _load(session: AccountSync) -> None:
    from lac_pipeline.commands.session.known_problems import outcome_of
    from lac_pipeline.commands.session.sync_results import SyncRequest

    accounts = session.accounts("all")
    terminal.echo(f"{len(accounts)} ad accounts: {', '.join(map(str, accounts))}\n\n{header()}")
    started = time.monotonic()
    for failure in sync_and_print(session, accounts, SyncRequest()):
        terminal.secho(failure, fg=typer.colors.RED, err=True)
    print_checks(outcome_of(session.warehouse, accounts, session.streams).failed, err=True)
    terminal.echo(f"\ndone in {time.monotonic() - started:.0f} s\n")


def _print_spend(accounts: Iterable[AccountSpend]) -> None:
    terminal.echo(f"{'spend by campaign':<44}{'spend':>18}{'impressions':>13}{'clicks':>9}{'leads':>7}")
    for account in accounts:
        title = f"{account.account_id}"
        if account.campaigns:
            title = one_line(f"{account.account_id} {account.campaigns[0].account_name}")
        terminal.secho(title, bold=True)
        for row in account.campaigns:
            spend = UNKNOWN if row.spend is None else f"{row.spend:,.2f} {row.currency}"
            name = one_line(" ".join(row.campaign_name.split()))
            terminal.echo(
                f"  {name:<42.42}{spend:>18}{count(row.impressions):>13}{count(row.clicks):>9}{count(row.leads):>7}"
            )
