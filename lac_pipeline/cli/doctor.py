"""`lac doctor`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal

if TYPE_CHECKING:
    from lac_pipeline.commands.doctor import Finding

MARKS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL", "skipped": "skip"}


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False) -> None:
    """Examine everything that a sync needs, and show what is wrong and how to fix it, all at once.

    Makes two calls to LinkedIn. Exits 1 if anything fails; warnings do not fail.

    Example: lac doctor
    Example: lac doctor --json
    """
    from lac_pipeline.commands.doctor import examine

    findings = examine()
    if as_json:
        terminal.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            _print(finding)
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)


def _print(finding: Finding) -> None:
    colour = {"failed": typer.colors.RED, "warning": typer.colors.YELLOW}.get(finding.state)
    terminal.secho(f"{MARKS[finding.state]}  {finding.subject:<26}  {finding.found}", fg=colour)
    if finding.fix and finding.state != "ok":
        terminal.echo(f"{'':32}fix: {finding.fix}")
