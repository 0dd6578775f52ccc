"""`lac demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.foreground import announced_stop, stay, until_interrupted
from lac_pipeline.cli.terminal.options import PORT
from lac_pipeline.cli.terminal.results import names_in, print_checks, sync_and_print
from lac_pipeline.cli.terminal.sync_table import SyncTable
from lac_pipeline.cli.terminal.table import Column, print_by_account, room
from lac_pipeline.printable import counted
from lac_pipeline.reporting.amounts import coded, count

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lac_pipeline.commands.demo import AccountSpend
    from lac_pipeline.commands.sync import AccountSync
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.query.readings import CampaignSpend

CAMPAIGNS_SHOWN = 4
QUERY = "SELECT account_name, sum(clicks) AS clicks FROM linkedin_ads.account_performance GROUP BY 1"
"""A first query: its result fits every terminal, so that `psql` opens no pager."""
COLUMNS = (
    Column("spend by campaign", least=16),
    Column("spend", right=True),
    Column("impressions", right=True),
    Column("clicks", right=True),
    Column("leads", right=True),
)


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(demo)


def demo(port: PORT = 3000) -> None:
    """Try it without an account: PostgreSQL, a simulated LinkedIn with three ad accounts, and the Dagster UI.

    Example: lac demo
    """
    from lac_pipeline.commands.demo import running_demo, spend_by_account
    from lac_pipeline.commands.session.sync_session import open_session

    terminal.echo("starting PostgreSQL, a simulated LinkedIn and the Dagster UI ...")
    with until_interrupted(), running_demo() as stack, announced_stop():
        if stack.place_note is not None:
            terminal.echo(stack.place_note)
        url = stack.start_ui(port)
        with open_session(stack.settings) as session:
            report = _load(session, stack.settings)
            _print_spend(spend_by_account(session.warehouse, campaigns=CAMPAIGNS_SHOWN))
        stay(stack, url, further=_next_steps(url, report))


def _load(session: AccountSync, settings: Settings) -> Path | None:
    """Load all accounts, make their reports, and return one of these."""
    from lac_pipeline.commands.demo import reports_of
    from lac_pipeline.commands.session.known_problems import outcome_of
    from lac_pipeline.commands.session.sync_results import SyncRequest

    accounts = session.accounts("all")
    terminal.echo(f"{counted(len(accounts), 'ad account')}\n\n{SyncTable(room()).header()}")
    failures, loaded = sync_and_print(session, accounts, SyncRequest())
    for failure in failures:
        terminal.secho(failure, fg=typer.colors.RED, err=True)
    failed = outcome_of(session.warehouse, accounts, session.streams).failed
    print_checks(failed, names_in(session.warehouse, accounts), err=True)
    terminal.echo()
    if loaded:
        terminal.echo("making the snapshot and the report of each account ...\n")
    reports = list(reports_of(session, settings, accounts, renewed=bool(loaded)))
    return reports[0] if reports else None


def _next_steps(url: str, report: Path | None) -> list[str]:
    return [
        "",
        "Look at:",
        f"  the assets      {url}/asset-groups",
        *([f"  a report        {report.as_uri()}"] if report is not None else []),
        "Try, in another terminal in this folder:",
        f"  {terminal.command()} --demo status",
        f"  {terminal.command()} --demo psql '{QUERY}'",
        f"  {terminal.command()} --demo sync --account all --force",
    ]


def _print_spend(accounts: Iterable[AccountSpend]) -> None:
    of = [(account.account_id, campaign) for account in accounts for campaign in account.campaigns]
    names = {account_id: campaign.account_name for account_id, campaign in of}
    print_by_account(COLUMNS, [(account_id, _cells(campaign)) for account_id, campaign in of], names)


def _cells(campaign: CampaignSpend) -> tuple[str, ...]:
    spend = coded(campaign.spend, campaign.currency or "")
    counts = (count(campaign.impressions), count(campaign.clicks), count(campaign.leads))
    return (" ".join(campaign.campaign_name.split()), spend, *counts)
