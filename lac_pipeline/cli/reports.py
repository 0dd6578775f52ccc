"""`lac reports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, reports_document
from lac_pipeline.cli.terminal.table import Column, hanging, room, table
from lac_pipeline.printable import counted

if TYPE_CHECKING:
    from lac_pipeline.commands.reports import ReportStatus


LEFT_BEHIND = "left behind"
COLUMNS = (
    Column("report", least=10),
    Column("granularity"),
    Column("pivots", least=10),
    Column("rows", right=True),
    Column("covers", right=True, spare=2),
    Column("first", spare=1),
    Column("last"),
    Column("view", least=len(LEFT_BEHIND)),
)


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(reports)


def reports(as_json: JSON = False) -> None:
    """List the reports that LAC_REPORTS declares, and the stored rows of reports that it no longer declares.

    Example: lac reports
    """
    from lac_pipeline.commands.reports import reports_of
    from lac_pipeline.commands.session.warehouse_session import open_settings_and_warehouse

    with open_settings_and_warehouse() as (settings, warehouse):
        found = reports_of(warehouse, settings.reports)
    if as_json:
        print_document(reports_document(found))
        return
    if not found:
        nothing = "no report is declared, and no row of one is stored; docs/reports.md shows how to declare one"
        terminal.echo(hanging("", nothing, within=room()))
        return
    for line in table(COLUMNS, [_cells(report) for report in found], within=room()):
        terminal.echo(line)
    if not all(report.declared for report in found):
        terminal.echo(f"({LEFT_BEHIND}: no longer declared, or in another form; the rows stay)")


def _cells(report: ReportStatus) -> tuple[str, ...]:
    stored = report.stored
    unit = "month" if stored.granularity == "MONTHLY" else "day"
    days = ("" if day is None else f"{day}" for day in (stored.first, stored.last))
    view = report.view if report.declared else LEFT_BEHIND
    covers = counted(stored.days, unit)
    return (stored.report, stored.granularity, stored.pivots, f"{stored.rows:,}", covers, *days, view)
