"""`lac reports`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, reports_document
from lac_pipeline.printable import counted

if TYPE_CHECKING:
    from lac_pipeline.commands.reports import ReportStatus


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
        terminal.echo("no report is declared, and no row of one is stored; docs/reports.md shows how to declare one")
    for report in found:
        terminal.echo(line_of(report))


def line_of(report: ReportStatus) -> str:
    """What a report is, and what is stored of it."""
    stored = report.stored
    unit = "month" if stored.granularity == "MONTHLY" else "day"
    span = f", {stored.first}" if stored.rows else ""
    span += f" to {stored.last}" if stored.first != stored.last else ""
    state = f"view linkedin_ads.{report.view}" if report.declared else "left behind: declared no more, or otherwise"
    rows = f"{counted(stored.rows, 'row')} of {counted(stored.days, unit)}{span}"
    return f"{stored.report}  {stored.granularity} by {stored.pivots}: {rows}; {state}"
