"""`lac usage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, usage_document
from lac_pipeline.cli.terminal.days import LONGEST_AGO
from lac_pipeline.cli.terminal.options import ACCOUNT, named

if TYPE_CHECKING:
    from lac_pipeline.warehouse.query.usage import Usage


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(usage)


def usage(
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST_AGO, metavar="DAYS", help="How many UTC days back, today included.")
    ] = 7,
    account: ACCOUNT = None,
    as_json: JSON = False,
) -> None:
    """Show the requests sent to LinkedIn by UTC day, endpoint and account, retries included.

    Example: lac usage --days 30
    """
    from lac_pipeline.commands.session.accounts import known_accounts_of
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse
    from lac_pipeline.commands.usage import usage_of

    with open_settings_and_warehouse() as (settings, warehouse):
        account_ids = known_accounts_of(named(account), settings, warehouse)
        found = usage_of(warehouse, days=days, account_ids=account_ids)
    if as_json:
        print_document(usage_document(found))
        return
    terminal.echo(f"{'day (UTC)':<12}{'endpoint':<22}{'account':<12}{'calls':>8}")
    for row in found.rows:
        terminal.echo(_line(row))
    terminal.echo(f"{'in all':<46}{found.calls:>8,}")


def _line(row: Usage) -> str:
    account = "-" if row.account_id is None else str(row.account_id)
    spent = f"  day quota spent until {row.quota_spent_until:%Y-%m-%d %H:%MZ}" if row.quota_spent_until else ""
    return f"{row.day!s:<12}{row.endpoint:<22}{account:<12}{row.calls:>8,}{spent}"
