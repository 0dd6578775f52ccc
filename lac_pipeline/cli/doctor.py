"""`lac doctor`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.table import hanging, room

if TYPE_CHECKING:
    from lac_pipeline.commands.doctor import Finding

SUBJECT_WIDTH = 26
ORDER = ("ok", "skipped", "warning", "failed")
MARKS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL", "skipped": "skip"}


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(doctor)


def doctor(
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show the settings that are left at their defaults, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """Examine everything that a sync needs, and show all problems, each with its fix.

    Problems are printed last, and how many there are. Two requests are sent to LinkedIn. Exits 1 if anything failed;
    a warning is no failure.

    Example: lac doctor
    Example: lac doctor --json
    """
    from lac_pipeline.commands.doctor import examine

    findings = examine()
    if as_json:
        terminal.data(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        _print([finding for finding in findings if verbose or not finding.is_default])
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)


def _print(findings: list[Finding]) -> None:
    width = room()
    for finding in sorted(findings, key=lambda each: ORDER.index(each.state)):  # sorting keeps the order of equals
        colour = {"failed": typer.colors.RED, "warning": typer.colors.YELLOW}.get(finding.state)
        subject = f"{MARKS[finding.state]}  {finding.subject:<{SUBJECT_WIDTH}}  "
        terminal.secho(hanging(subject, finding.found, within=width), fg=colour)
        if finding.fix and finding.state != "ok":
            terminal.echo(hanging(f"{'':{len(MARKS['ok']) + SUBJECT_WIDTH + 4}}fix: ", finding.fix, within=width))
    terminal.echo(f"\n{_count(findings)}")


def _count(findings: list[Finding]) -> str:
    failed = sum(finding.state == "failed" for finding in findings)
    warned = sum(finding.state == "warning" for finding in findings)
    words = [f"{failed} problem{'' if failed == 1 else 's'}"] if failed else []
    words += [f"{warned} warning{'' if warned == 1 else 's'}"] if warned else []
    return " and ".join(words) or "all is well"
