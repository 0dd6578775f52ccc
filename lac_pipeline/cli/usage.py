"""`lac usage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, usage_document
from lac_pipeline.cli.terminal.options import ACCOUNT, named, number_within
from lac_pipeline.cli.terminal.table import Column, room, table
from lac_pipeline.commands.session.day_names import LONGEST_AGO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lac_pipeline.warehouse.query.usage import Usage


COLUMNS = (
    Column("day (UTC)"),
    Column("endpoint", least=16),
    Column("account"),
    Column("calls", right=True),
    Column("name", least=6, spare=1),
    Column("", least=10),
)


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(usage)


def usage(
    days: Annotated[
        int,
        typer.Option(
            parser=number_within(int, least=1, most=LONGEST_AGO),
            metavar="DAYS",
            help="How many UTC days back, today included.",
        ),
    ] = 7,
    account: ACCOUNT = None,
    as_json: JSON = False,
) -> None:
    """Show the requests sent to LinkedIn by UTC day, endpoint and account, retries included.

    Example: lac usage --days 30
    """
    from lac_pipeline.commands.session.accounts import known_accounts_of
    from lac_pipeline.commands.session.warehouse_session import connect_settings_and_warehouse
    from lac_pipeline.commands.usage import usage_of

    with connect_settings_and_warehouse() as (settings, warehouse):
        account_ids = known_accounts_of(named(account), settings, warehouse)
        found = usage_of(warehouse, days=days, account_ids=account_ids)
    if as_json:
        print_document(usage_document(found))
        return
    cells = [_cells(row, found.names) for row in found.rows]
    total = ("in all", "", "", f"{found.calls:,}", "", "")
    columns = COLUMNS if any(row.quota_spent_until for row in found.rows) else COLUMNS[:-1]
    for line in table(columns, [each[: len(columns)] for each in (*cells, total)], within=room()):
        terminal.echo(line)


def _cells(row: Usage, names: Mapping[int, str | None]) -> tuple[str, ...]:
    account, name = ("-", "") if row.account_id is None else (f"{row.account_id}", names.get(row.account_id) or "")
    spent = f"day quota spent until {row.quota_spent_until:%Y-%m-%d %H:%MZ}" if row.quota_spent_until else ""
    return (f"{row.day}", row.endpoint, account, f"{row.calls:,}", name, spent)
