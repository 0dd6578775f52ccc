"""`lac status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, status_document
from lac_pipeline.cli.terminal.options import ACCOUNT, ASSET, named
from lac_pipeline.cli.terminal.results import print_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lac_pipeline.commands.status import AssetStatus


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(status)


def status(account: ACCOUNT = None, asset: ASSET = None, as_json: JSON = False) -> None:
    """Show, for each account and asset: last sync, its age and status, rows, open rejects, and when it is next due.

    Below are the checks that fail for an account, from any run, until they are resolved, with the next step.

    Example: lac status
    Example: lac status --json
    Example: lac status --account 510000001 --asset campaigns
    """
    from lac_pipeline.commands.session.accounts import known_accounts_of, loaded_accounts
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse
    from lac_pipeline.commands.status import status_of

    with open_settings_and_warehouse() as (settings, warehouse):
        account_ids = known_accounts_of(named(account), settings, warehouse)
        loaded = loaded_accounts(settings)
        found = status_of(settings, warehouse, checked=loaded, account_ids=account_ids, asset=asset)
    if as_json:
        print_document(status_document(found))
        return
    if found.assets:
        _print_assets(found.assets)
    else:
        terminal.echo("nothing was synced yet: run `lac sync --account all`")
    print_checks(found.checks)


def _print_assets(assets: Sequence[AssetStatus]) -> None:
    terminal.echo(
        f"{'account':<11} {'asset':<23}{'last sync':<19}{'age':>6}  {'status':<9}{'rows':>11}{'rejects':>9}  next due"
    )
    for row in assets:
        synced = "" if row.synced_at is None else f"{row.synced_at:%Y-%m-%d %H:%MZ}"
        terminal.echo(
            f"{row.account_id:<11} {row.asset:<23}{synced:<19}{row.age:>6}  {row.last_status or '-':<9}"
            f"{row.rows:>11,}{row.rejects:>9,}  {row.next_due}"
        )
