"""`lac rejects` and `lac rejects retry`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, rejects_document
from lac_pipeline.cli.terminal.help import CommandGroup
from lac_pipeline.cli.terminal.options import ACCOUNT, ASSET, named
from lac_pipeline.cli.terminal.results import finish, print_syncs
from lac_pipeline.cli.terminal.sync_table import SyncTable
from lac_pipeline.cli.terminal.table import room
from lac_pipeline.printable import counted, one_line

if TYPE_CHECKING:
    from lac_pipeline.warehouse.load.rejects import OpenRejection
    from lac_pipeline.warehouse.query.account_labels import AccountNames

rejects = CommandGroup(invoke_without_command=True)


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.add_typer(rejects, name="rejects", rich_help_panel=panel)


@rejects.callback()
def list_rejects(context: typer.Context, account: ACCOUNT = None, asset: ASSET = None, as_json: JSON = False) -> None:
    """List the records that failed validation: the reason, the value, and the record as LinkedIn sent it.

    Example: lac rejects --account 510000001
    """
    if context.invoked_subcommand is not None:
        return
    from lac_pipeline.commands.session.accounts import known_accounts_of
    from lac_pipeline.commands.session.warehouse_session import connect_settings_and_warehouse
    from lac_pipeline.warehouse.load.rejects import open_rejections
    from lac_pipeline.warehouse.query.account_labels import AccountNames
    from lac_pipeline.warehouse.query.overview import Overview

    with connect_settings_and_warehouse() as (settings, warehouse):
        account_ids = known_accounts_of(named(account), settings, warehouse)
        found = open_rejections(warehouse.engine, account_ids=account_ids, asset=asset)
        names = Overview(warehouse.engine).names()
    if as_json:
        print_document(rejects_document(found, names))
        return
    for match in found:
        _print_reject(match, AccountNames(names))
    again = "" if not found else f"; `lac rejects retry` requests {'it' if len(found) == 1 else 'them'} again"
    terminal.echo(f"{counted(len(found), 'open reject')}{again}")


def _print_reject(reject: OpenRejection, names: AccountNames) -> None:
    terminal.echo(one_line(f"account {names.title(reject.account_id)}, {reject.asset}, record {reject.record_id}"))
    terminal.echo(one_line(f"  why:    {reject.field}: {reject.reason}"))
    terminal.echo(one_line(f"  value:  {reject.value}"))
    if (days := reject.undated_within) is not None:
        terminal.echo(
            f"  day:    one of {days}; it cannot be read, so a load of all these days at once closes the record"
        )
    terminal.echo(f"  raw:    {json.dumps(reject.raw, ensure_ascii=False, default=str)}")
    terminal.echo(
        f"  seen:   {reject.first_seen:%Y-%m-%d %H:%MZ} to {reject.last_seen:%Y-%m-%d %H:%MZ}, run {reject.run_id}\n"
    )


@rejects.command()
def retry(account: ACCOUNT = None, asset: ASSET = None) -> None:
    """Sync again the accounts and days that have open rejects, fresh or not; rejects that validate now are closed.

    Example: lac rejects retry --asset campaigns
    """
    from lac_pipeline.commands.rejects import retry as retried
    from lac_pipeline.commands.session.accounts import known_accounts_of
    from lac_pipeline.commands.session.sync_session import open_session
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.query.overview import Overview

    with environment(Settings.load()) as settings, open_session(settings) as session:
        account_ids = known_accounts_of(named(account), settings, session.warehouse)
        overview = Overview(session.warehouse.engine)
        accounts = {record.account_id for record in overview.rejected(account_ids=account_ids, asset=asset)}
        terminal.echo(SyncTable(room()).header())
        failures = print_syncs(
            retried(session, settings, account_ids=account_ids, asset=asset), warehouse=session.warehouse
        )
        left = sum(attempt.rejects for attempt in overview.rejected(account_ids=account_ids, asset=asset))
        terminal.echo(f"\n{counted(left, 'reject')} {'is' if left == 1 else 'are'} still open")
        finish(session.warehouse, accounts, failures, streams=settings.streams)
