"""What comes of syncs, as several commands print it: a line per account and asset, what failed, what is known wrong."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.progress import Lines, progress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
    from lac_pipeline.commands.sync import AccountSync
    from lac_pipeline.streams import Catalogue
    from lac_pipeline.warehouse.check_results import CheckState
    from lac_pipeline.warehouse.query.readings import AttemptRecord
    from lac_pipeline.warehouse.warehouse import Warehouse

COLUMNS = ("fetched", "inserted", "updated", "unchanged", "pruned", "rejected", "superseded", "calls", "seconds")
NARROW = ("fetched", "calls", "inserted", "updated", "rejected", "superseded", "seconds", "unchanged", "pruned")
"""The same, what matters most first: what a narrow terminal has room for is shown."""
SUBJECT_WIDTH, COLUMN_WIDTH = 35, 11


def run_syncs(session: AccountSync, accounts: Sequence[int], request: SyncRequest, *, checked: Collection[int]) -> None:
    """Sync the accounts, printing what comes of each; exits 1 if a load failed, or a check of the `checked` ones."""
    terminal.echo(header())
    failures = sync_and_print(session, accounts, request)
    missing = session.missing_parts(accounts)
    finish(session.warehouse, checked, failures, streams=session.streams, missing=missing)


def sync_and_print(session: AccountSync, accounts: Sequence[int], request: SyncRequest) -> list[str]:
    """Sync the accounts with a bar or lines of progress, printing each result as it is there; what failed, and why."""
    with progress(len(accounts)) as shown:
        return print_syncs(synced(session, accounts, request, shown), print_line=shown.print_line)


def synced(session: AccountSync, accounts: Sequence[int], request: SyncRequest, shown: Lines) -> Iterator[GroupSync]:
    """Sync the accounts one after the other; a failure that all of them share ends it."""
    for account_id in accounts:
        shown.begin(account_id, session.days_to_read(account_id, request))
        for result in session.sync(account_id, request):
            yield result
            shown.end_group(result.group)
            if result.hopeless:
                shown.warn("every other account would fail for the same reason, so none is tried")
                return
        shown.end()


def finish(
    warehouse: Warehouse,
    accounts: Collection[int],
    failures: Sequence[str],
    *,
    streams: Catalogue,
    missing: Sequence[CheckState] = (),
) -> None:
    """Print what failed, and what is wrong with the streams of the accounts; exits 1 unless that is quarantine alone.

    Days on which something was not read that is `missing` by the settings of today are printed, and no failure.
    """
    from lac_pipeline.commands.session.known_problems import outcome_of

    outcome = outcome_of(warehouse, accounts, streams)
    if outcome.quarantined:
        terminal.echo(f"\n{outcome.quarantined:,} records are in quarantine; `lac rejects` lists them")
    if outcome.warnings:
        terminal.echo(f"\n{outcome.warnings:,} checks warn; `lac status` lists them")
    if failures:
        terminal.secho(f"\n{len(failures)} failed:", fg=typer.colors.RED, err=True)
        for failure in failures:
            terminal.secho(failure, err=True)
    print_checks([*outcome.failed, *missing], err=True)
    if failures or outcome.failed:
        raise typer.Exit(1)


def print_checks(states: Sequence[CheckState], *, err: bool = False) -> None:
    """Print what each check found that is not as it should be: account, numbers, next step."""
    from lac_pipeline.reporting.check_wording import place_of, words_of

    for heading, color, of in (
        ("failed checks", typer.colors.RED, [state for state in states if state.is_error]),
        ("warnings", typer.colors.YELLOW, [state for state in states if not state.is_error]),
    ):
        if of:
            terminal.secho(f"\n{heading}:", fg=color, err=err)
        for state in of:
            problem, fix = words_of(state)
            terminal.echo(f"{place_of(state)}: {problem}\n  fix:    {fix}", err=err)


def columns() -> list[str]:
    """The columns that standard output has room for: all of them, but in a narrow terminal."""
    if not sys.stdout.isatty():
        return list(COLUMNS)
    room = max(1, (shutil.get_terminal_size().columns - SUBJECT_WIDTH) // COLUMN_WIDTH)
    return [name for name in COLUMNS if name in NARROW[:room]]


def header() -> str:
    """The table's first line."""
    return f"{'account':<11} {'asset':<23}" + "".join(f"{name:>{COLUMN_WIDTH}}" for name in columns())


def _line(record: AttemptRecord) -> str:
    attempt = record.attempt
    cells = "".join(f"{_cell(record, name):>{COLUMN_WIDTH}}" for name in columns())
    line = f"{attempt.account_id:<11} {attempt.asset:<23}{cells}"
    return line if record.status == "success" else f"{line}  {record.status}"


def _cell(record: AttemptRecord, name: str) -> str:
    if name == "seconds":
        return f"{record.seconds or 0:.1f}"
    return f"{getattr(record, 'api_calls' if name == 'calls' else name):,}"


def print_syncs(results: Iterable[GroupSync], *, print_line: Callable[[str], None] = terminal.echo) -> list[str]:
    """Print a line per account and asset as it is done; what failed, and why."""
    failures: list[str] = []
    for result in results:
        if result.skipped:
            fresh = "; --force loads it anyway" if result.fresh else ""
            print_line(f"{result.account_id:<11} {result.group:<13}skipped: {result.reason}{fresh}")
        for attempt in result.attempts:
            print_line(_line(attempt))
            for kept in attempt.unidentified:
                print_line(f"  {kept['summary']}\n  meaning: {kept['meaning']}\n  fix:     {kept['fix']}")
        for asset in result.not_tried:
            print_line(f"{result.account_id:<11} {asset:<23} not tried")
        if result.failure is not None:
            failures.append(f"account {result.account_id}, {result.group}, run {result.run_id}:\n{result.failure}")
    return failures
