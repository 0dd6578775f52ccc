"""`lac export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, export_document, print_document
from lac_pipeline.cli.terminal.extras import require_extra
from lac_pipeline.cli.terminal.options import ACCOUNT, named
from lac_pipeline.printable import counted

if TYPE_CHECKING:
    from lac_pipeline.commands.export import RunningExport
    from lac_pipeline.export.exporting import Exported

MEBIBYTE = 1 << 20


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(export)


def export(
    to: Annotated[str, typer.Option(metavar="DIR|URL", help="A folder, or s3://bucket/prefix.")],
    tables: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this table or view; several with commas, or the option again."),
    ] = None,
    account: ACCOUNT = None,
    lead_answers: Annotated[
        bool, typer.Option("--lead-answers", help="Export lead_answers too: personal data. Without it, never.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Export tables and views as Parquet files, by account and month; again, only what changed.

    All files show the same moment. An export that was stopped goes on where it was. Files of partitions whose rows are
    gone are removed. docs/export.md shows how to read them.

    Example: lac export --to ./parquet
    Example: lac export --to s3://bucket/linkedin --tables campaigns,campaign_performance
    """
    require_extra("export", package="pyarrow", purpose="it writes Parquet")
    from lac_pipeline.commands.export import Choice, exporting
    from lac_pipeline.commands.session.accounts import known_accounts_of
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    with open_settings_and_warehouse() as (settings, warehouse):
        account_ids = known_accounts_of(named(account), settings, warehouse)
        choice = Choice(_names(tables), account_ids, personal=lead_answers)
        with exporting(warehouse, to, choice) as running:
            if as_json:
                print_document(export_document(running.url, running.as_of, running.done))
            else:
                _print(running)


def _names(tables: list[str] | None) -> list[str]:
    """The names of an option that was given several times or holds several, each once."""
    return list(dict.fromkeys(name.strip() for text in tables or () for name in text.split(",")))


def _print(running: RunningExport) -> None:
    """Print a line for each table or view as it is done, and what all of it comes to."""
    done: list[Exported] = []
    for each in running.done:
        done.append(each)
        removed = f", {each.removed} removed" if each.removed else ""
        read = f"{counted(each.rows, 'row')} in {counted(each.files, 'file')}"
        terminal.echo(f"{each.name}: {read}, {each.written} written{removed}")
    size = sum(each.bytes for each in done) / MEBIBYTE
    terminal.echo(
        f"{running.url} shows {running.as_of:%Y-%m-%d %H:%M:%S}Z: {len(done)} tables and views, {size:,.1f} MiB; "
        f"{sum(each.written for each in done)} files written, {sum(each.removed for each in done)} removed"
    )
