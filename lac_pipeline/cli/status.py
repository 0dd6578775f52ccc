"""`lac status`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, status_document
from lac_pipeline.cli.terminal.options import ACCOUNT, ASSET, named
from lac_pipeline.cli.terminal.results import MANY_ACCOUNTS, print_checks
from lac_pipeline.cli.terminal.table import Column, hanging, print_by_account, room, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lac_pipeline.commands.status import AssetStatus


PROBLEMS = Annotated[bool, typer.Option("--problems", help="Only assets that have a problem.")]
COLUMNS = (
    Column("asset"),
    Column("last sync", spare=1),
    Column("age", right=True),
    Column("status", least=7),
    Column("rows", right=True),
    Column("rejects", right=True),
    Column("next due", least=9),
)
SUMMARY = (
    Column("asset"),
    Column("accounts", right=True),
    Column("oldest", right=True),
    Column("due", right=True),
    Column("problems", right=True),
    Column("rows", right=True),
    Column("rejects", right=True),
)
"""The columns where many accounts are summed up."""


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(status)


def status(account: ACCOUNT = None, asset: ASSET = None, problems: PROBLEMS = False, as_json: JSON = False) -> None:
    """Show, for each account and asset: last sync, its age and status, rows, open rejects, and when it is next due.

    With --problems, only assets that failed, were loaded in part or never, or have records in quarantine.

    Of more than 20 accounts each asset has one line. The accounts that have a problem are named below it.

    Below the table are the checks that fail for an account, each with the next step. A failure of any run is shown
    until the check passes.

    Example: lac status
    Example: lac status --problems
    Example: lac status --json
    Example: lac status --account 510000001 --asset campaigns
    """
    from lac_pipeline.commands.session.accounts import known_accounts_of, loaded_accounts
    from lac_pipeline.commands.session.remembered_names import Kind, remember
    from lac_pipeline.commands.session.warehouse_session import connect_settings_and_warehouse
    from lac_pipeline.commands.status import status_of
    from lac_pipeline.warehouse.query.account_labels import AccountNames

    with connect_settings_and_warehouse() as (settings, warehouse):
        account_ids = known_accounts_of(named(account), settings, warehouse)
        loaded = loaded_accounts(settings)
        found = status_of(settings, warehouse, checked=loaded, account_ids=account_ids, asset=asset)
    remember(settings.home, Kind.ACCOUNTS, {f"{each.account_id}": each.account_name or "" for each in found.assets})
    shown = [each for each in found.assets if each.has_problem or not problems]
    if as_json:
        print_document(status_document(replace(found, assets=shown)))
        return
    if shown and len({each.account_id for each in shown}) > MANY_ACCOUNTS:
        _print_summary(shown)
    elif shown:
        _print_assets(shown)
    elif found.assets:
        terminal.echo("no asset has a problem")
    else:
        terminal.echo("nothing was synced yet: run `lac sync --account all`")
    print_checks(found.checks, AccountNames(found.names))


def _print_assets(assets: Sequence[AssetStatus]) -> None:
    names = {each.account_id: each.account_name for each in assets}
    print_by_account(COLUMNS, [(each.account_id, _cells(each)) for each in assets], names)


def _print_summary(assets: Sequence[AssetStatus]) -> None:
    """Print a line for each asset in place of each account's, then the accounts that have a problem."""
    from lac_pipeline.warehouse.query.account_labels import AccountNames

    by_asset: dict[str, list[AssetStatus]] = {}
    for each in assets:
        by_asset.setdefault(each.asset, []).append(each)
    for line in table(SUMMARY, [_summed(of) for of in by_asset.values()], within=room()):
        terminal.echo(line)
    accounts = {each.account_id for each in assets}
    troubled = sorted({each.account_id for each in assets if each.has_problem})
    names = AccountNames({each.account_id: each.account_name for each in assets})
    listed = ", ".join(map(names.title, troubled[:MANY_ACCOUNTS])) + (", ..." if len(troubled) > MANY_ACCOUNTS else "")
    problems = f"{len(troubled):,} have a problem: {listed}" if troubled else "none has a problem"
    text = f"{problems}; `lac status --account ID` shows one, --json each"
    terminal.echo(hanging(f"\n{len(accounts):,} ad accounts: ", text, within=room()))


def _summed(of: Sequence[AssetStatus]) -> tuple[str, ...]:
    """An asset over its accounts: how many, how many are due or have a problem, the age of the oldest sync, counts."""
    oldest = min(of, key=lambda each: (each.synced_at is not None, each.synced_at))
    due = sum(each.freshness is not None and each.freshness.due and not each.excluded for each in of)
    counts = (sum(each.has_problem for each in of), sum(each.rows for each in of), sum(each.rejects for each in of))
    return (of[0].asset, f"{len(of):,}", oldest.age, f"{due:,}", *(f"{count:,}" for count in counts))


def _cells(each: AssetStatus) -> tuple[str, ...]:
    synced = "" if each.synced_at is None else f"{each.synced_at:%Y-%m-%d %H:%MZ}"
    counts = (f"{each.rows:,}", f"{each.rejects:,}")
    return (each.asset, synced, each.age, each.last_status or "-", *counts, each.next_due)
