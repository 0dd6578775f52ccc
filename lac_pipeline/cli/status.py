"""`lac status`, `lac usage` and `lac rejects`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.sync import finish, header, print_checks, print_syncs
from lac_pipeline.cli.terminal.options import ACCOUNT, ASSET
from lac_pipeline.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lac_pipeline.commands.status import AssetStatus
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.load.rejects import OpenRejection
    from lac_pipeline.warehouse.query.usage import Usage
    from lac_pipeline.warehouse.warehouse import Warehouse

rejects = typer.Typer(invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(status)
    app.command()(usage)
    app.add_typer(rejects, name="rejects")


def status(account: ACCOUNT = None, asset: ASSET = None) -> None:
    """Show, for each account and asset: last sync, its age and status, rows, open rejects, and when it is next due.

    Below stand the checks that fail for an account, whichever run found it, until they are mended, with the next step.

    Example: lac status
    Example: lac status --account 510000001 --asset campaigns
    """
    from lac_pipeline.commands.session.accounts import known_account, loaded_accounts
    from lac_pipeline.commands.status import status_of

    with open_settings_and_warehouse() as (settings, warehouse):
        account_id = known_account(account, settings, warehouse)
        loaded = loaded_accounts(settings)
        found = status_of(settings, warehouse, checked=loaded, account_id=account_id, asset=asset)
    if found.assets:
        _print_assets(found.assets)
    else:
        terminal.echo("nothing was synced yet: run `lac sync --account all`")
    print_checks(found.checks)


def _print_assets(assets: Sequence[AssetStatus]) -> None:
    terminal.echo(
        f"{'account':<11} {'asset':<23}{'last sync':<19}{'age':>6}  {'status':<9}{'rows':>11}{'rejects':>9}  next due"
    )
    for one in assets:
        synced = "" if one.synced_at is None else f"{one.synced_at:%Y-%m-%d %H:%MZ}"
        terminal.echo(
            f"{one.freshness.account_id:<11} {one.asset:<23}{synced:<19}{one.age:>6}  {one.last_status or '-':<9}"
            f"{one.rows:>11,}{one.rejects:>9,}  {one.next_due}"
        )


def usage(
    days: Annotated[int, typer.Option(min=1, help="How many UTC days back, today included.")] = 7,
    account: ACCOUNT = None,
) -> None:
    """Show the requests sent to LinkedIn by UTC day, endpoint and account, retries included.

    Example: lac usage --days 30
    """
    from lac_pipeline.commands.session.accounts import known_account
    from lac_pipeline.defs.resources import utc_now
    from lac_pipeline.warehouse.query.usage import ApiUsage

    with open_settings_and_warehouse() as (settings, warehouse):
        account_id = known_account(account, settings, warehouse)
        rows = ApiUsage(warehouse.engine).usage(since=utc_now().date() - timedelta(days=days - 1))
    rows = [row for row in rows if account_id in (None, row.account_id)]
    terminal.echo(f"{'day (UTC)':<12}{'endpoint':<22}{'account':<12}{'calls':>8}")
    for row in rows:
        terminal.echo(_usage_line(row))
    terminal.echo(f"{'in all':<46}{sum(row.calls for row in rows):>8,}")


def _usage_line(row: Usage) -> str:
    account = "-" if row.account_id is None else str(row.account_id)
    spent = f"  day quota spent until {row.quota_spent_until:%Y-%m-%d %H:%MZ}" if row.quota_spent_until else ""
    return f"{row.day!s:<12}{row.endpoint:<22}{account:<12}{row.calls:>8,}{spent}"


@rejects.callback()
def list_rejects(context: typer.Context, account: ACCOUNT = None, asset: ASSET = None) -> None:
    """List the records that LinkedIn sends in a form that cannot be loaded: why, the value, and the record as it came.

    Example: lac rejects --account 510000001
    """
    if context.invoked_subcommand is not None:
        return
    from lac_pipeline.commands.session.accounts import known_account
    from lac_pipeline.warehouse.load.rejects import open_rejections

    with open_settings_and_warehouse() as (settings, warehouse):
        account_id = known_account(account, settings, warehouse)
        found = open_rejections(warehouse.engine, account_id=account_id, asset=asset)
    for one in found:
        _print_reject(one)
    terminal.echo(f"{len(found)} open rejects" + ("; `lac rejects retry` asks for them again" if found else ""))


def _print_reject(one: OpenRejection) -> None:
    terminal.echo(one_line(f"account {one.account_id}, {one.asset}, record {one.record_id}"))
    terminal.echo(one_line(f"  why:    {one.field}: {one.reason}"))
    terminal.echo(one_line(f"  value:  {one.value}"))
    terminal.echo(f"  raw:    {json.dumps(one.raw, ensure_ascii=False, default=str)}")
    terminal.echo(f"  seen:   {one.first_seen:%Y-%m-%d %H:%MZ} to {one.last_seen:%Y-%m-%d %H:%MZ}, run {one.run_id}\n")


@rejects.command()
def retry(account: ACCOUNT = None, asset: ASSET = None) -> None:
    """Sync again the accounts and days that hold open rejects, fresh or not; what validates now is closed.

    Example: lac rejects retry --asset campaigns
    """
    from lac_pipeline.commands.rejects import retry as retried
    from lac_pipeline.commands.session.accounts import known_account
    from lac_pipeline.commands.session.sync_session import open_session
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.query.overview import Overview

    with environment(Settings.load()) as settings, open_session(settings) as session:
        account_id = known_account(account, settings, session.warehouse)
        overview = Overview(session.warehouse.engine)
        accounts = {one.account_id for one in overview.rejected(account_id=account_id, asset=asset)}
        terminal.echo(header())
        failures = print_syncs(retried(session, settings, account_id=account_id, asset=asset))
        left = overview.rejected(account_id=account_id, asset=asset)
        terminal.echo(f"\n{sum(one.rejects for one in left)} rejects are still open")
        finish(session.warehouse, accounts, failures)


@contextmanager
def open_settings_and_warehouse() -> Iterator[tuple[Settings, Warehouse]]:
    """Start or find the database, and open the warehouse in it."""
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.defs.resources import open_warehouse
    from lac_pipeline.settings import Settings

    with environment(Settings.load()) as settings, open_warehouse(settings) as warehouse:
        yield settings, warehouse
