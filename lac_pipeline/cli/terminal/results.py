"""Results of syncs, as several commands print them: a line per account and asset, failures, and known problems."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.sync_table import GROUP_WIDTH, SyncTable
from lac_pipeline.cli.terminal.table import account_title, hanging, room
from lac_pipeline.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

    from lac_pipeline.cli.terminal.progress import Lines
    from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
    from lac_pipeline.commands.sync import AccountSync
    from lac_pipeline.streams import Catalogue
    from lac_pipeline.warehouse.check_results import CheckState
    from lac_pipeline.warehouse.connected import ConnectedWarehouse
    from lac_pipeline.warehouse.query.account_labels import AccountNames
    from lac_pipeline.warehouse.query.readings import AttemptRecord
    from lac_pipeline.warehouse.warehouse import Warehouse


MANY_ACCOUNTS = 20
"""Of more ad accounts, what is alike is summed up in a line; `--account` and `--json` show each."""


def run_syncs(session: AccountSync, accounts: Sequence[int], request: SyncRequest, *, checked: Collection[int]) -> None:
    """Sync the accounts, printing what comes of each; exits 1 if a load failed, or a check of the `checked` ones."""
    terminal.echo(SyncTable(room()).header())
    failures, _ = sync_and_print(session, accounts, request)
    missing = session.missing_parts(accounts)
    finish(session.warehouse, checked, failures, streams=session.streams, missing=missing)


def sync_and_print(
    session: AccountSync, accounts: Sequence[int], request: SyncRequest
) -> tuple[list[str], list[AttemptRecord]]:
    """Sync the accounts with a bar or lines of progress, printing each result as it is there, and the totals.

    Returns what failed, and why; and all attempts.
    """
    from lac_pipeline.cli.terminal.progress import progress

    started = time.monotonic()
    attempts: list[AttemptRecord] = []

    def counted(results: Iterator[GroupSync]) -> Iterator[GroupSync]:
        for result in results:
            attempts.extend(result.attempts)
            yield result

    with progress(len(accounts)) as shown:
        failures = print_syncs(
            counted(synced(session, accounts, request, shown)),
            warehouse=session.warehouse,
            print_line=shown.print_line,
        )
    terminal.echo(f"\ndone in {time.monotonic() - started:.0f} s: {_totals(len(accounts), attempts)}")
    return failures, attempts


def _totals(accounts: int, attempts: Sequence[AttemptRecord]) -> str:
    inserted, updated = sum(each.inserted for each in attempts), sum(each.updated for each in attempts)
    calls = sum(each.api_calls for each in attempts)
    of = "1 ad account" if accounts == 1 else f"{accounts:,} ad accounts"
    return f"{of}, {counted(inserted, 'row')} inserted, {updated:,} updated, {counted(calls, 'call')}"


def synced(session: AccountSync, accounts: Sequence[int], request: SyncRequest, shown: Lines) -> Iterator[GroupSync]:
    """Sync the accounts, and yield account by account what became of them; a failure that all of them share ends it.

    Of accounts that share runs, the first one's results come at once, and those of the others at the end.
    """
    for batch in session.batches(accounts):
        shown.begin(batch, session.days_to_read(batch, request))
        waiting: list[GroupSync] = []
        hopeless = False
        try:
            for group in session.streams.groups:
                for result in session.sync_group(batch, group, request):
                    if hopeless and result.hopeless:
                        continue  # the same failure of another account
                    hopeless |= result.hopeless
                    if result.account_id == batch[0]:
                        yield result
                    else:
                        waiting.append(result)
                shown.end_group(group)
                if hopeless:
                    break
        except KeyboardInterrupt:
            yield from _by_account(waiting, batch)
            raise
        yield from _by_account(waiting, batch)
        if hopeless:
            shown.warn("every other account fails for the same reason, so no more is tried")
            return
        shown.end(len(batch))


def _by_account(results: Iterable[GroupSync], batch: Sequence[int]) -> list[GroupSync]:
    return sorted(results, key=lambda result: batch.index(result.account_id))


def finish(
    warehouse: Warehouse,
    accounts: Collection[int],
    failures: Sequence[str],
    *,
    streams: Catalogue,
    missing: Sequence[CheckState] = (),
    err: bool = False,
) -> None:
    """Print what failed, and what is wrong with the streams of the accounts; exits 1 unless that is quarantine alone.

    Days on which something was not read that is `missing` by the settings of today are printed, and no failure. With
    `err` all of it goes to standard error, because standard output is a document.
    """
    from lac_pipeline.commands.session.known_problems import outcome_of

    outcome = outcome_of(warehouse, accounts, streams)
    if outcome.quarantined:
        terminal.echo(f"\nin quarantine: {counted(outcome.quarantined, 'record')}; `lac rejects` lists them", err=err)
    if outcome.warnings:
        terminal.echo(f"\nwarnings: {counted(outcome.warnings, 'check')}; `lac status` lists them", err=err)
    if failures:
        terminal.secho(f"\n{len(failures)} failed:", fg=typer.colors.RED, err=True)
        for failure in failures:
            terminal.secho(failure, err=True)
    wrong = [*outcome.failed, *missing]
    print_checks(wrong, names_in(warehouse, {state.account_id for state in wrong}), err=True)
    if failures or outcome.failed:
        raise typer.Exit(1)


def print_checks(states: Sequence[CheckState], names: AccountNames, *, err: bool = False) -> None:
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
            terminal.echo(hanging("", f"{place_of(state, names)}: {problem}", within=room()), err=err)
            terminal.echo(hanging("  fix:    ", fix, within=room()), err=err)


def print_syncs(
    results: Iterable[GroupSync], *, warehouse: Warehouse, print_line: Callable[[str], None] = terminal.echo
) -> list[str]:
    """Print a line per account and asset as it is done, on a terminal below the account's title; what failed, and why.

    Args:
        results: as they come.
        warehouse: knows the names of accounts.
        print_line: where the lines go.
    """
    failures: list[str] = []
    fresh, lines = False, SyncTable(room())
    for account_id, of in groupby(results, key=lambda result: result.account_id):
        alike: dict[Hashable, list[GroupSync]] = {}
        for number, result in enumerate(of):
            if number == 0 and lines.within is not None:
                print_line(account_title(account_id, names_in(warehouse, [account_id]).names.get(account_id)))
            _print_sync(result, lines, print_line)
            fresh |= result.fresh
            if result.failure is not None:
                alike.setdefault(_causes(result) or result.group, []).append(result)
        failures += [_failure_of(same, names_in(warehouse, [account_id])) for same in alike.values()]
    if fresh:
        print_line("what is fresh was skipped; --force loads it anyway")
    return failures


def print_all_fresh(results: Sequence[GroupSync]) -> None:
    """Print a line for each asset group in place of each account's, where all of many accounts were skipped."""
    for group, of in groupby(sorted(results, key=lambda result: result.group), key=lambda result: result.group):
        skipped = list(of)
        oldest = max(skipped, key=lambda result: _minutes(result) or 0)
        beginning = f"{group:<{GROUP_WIDTH}}{len(skipped):,} ad accounts skipped"
        terminal.echo(hanging(f"{beginning}, the oldest ", _why_skipped(oldest), within=room()))
    terminal.echo("what is fresh was skipped; --force loads it anyway")


def _minutes(result: GroupSync) -> int | None:
    from lac_pipeline.warehouse.query.freshness_reason import Reason

    return result.reason.minutes if isinstance(result.reason, Reason) else None


def _causes(result: GroupSync) -> frozenset[tuple[str | None, str | None]]:
    """What failed, without the ids of requests; a lost account fails alike in each of its asset groups."""
    return frozenset((error["type"], error["summary"]) for attempt in result.attempts for error in attempt.errors)


def names_in(warehouse: ConnectedWarehouse, account_ids: Collection[int | None]) -> AccountNames:
    """The names of these accounts, as far as they are known; none while PostgreSQL does not respond."""
    from lac_pipeline.warehouse.query.overview import known_names

    return known_names(warehouse.engine, account_ids)


def _failure_of(same: Sequence[GroupSync], names: AccountNames) -> str:
    """One failure of an account, in as many asset groups as it has; its text is that of the first."""
    first, *others = same
    groups = ", ".join(result.group for result in same)
    run = f"run {first.run_id}" + (f" and {len(others)} more" if others else "")
    return f"account {names.title(first.account_id)}, {groups}, {run}:\n{first.failure}"


def _print_sync(result: GroupSync, lines: SyncTable, print_line: Callable[[str], None]) -> None:
    if result.skipped:
        print_line(f"{lines.subject(result.account_id, result.group)}skipped: {_why_skipped(result)}")
    for attempt in result.attempts:
        print_line(lines.line(attempt))
        for kept in attempt.unidentified:
            print_line(f"  {kept['summary']}\n  meaning: {kept['meaning']}\n  fix:     {kept['fix']}")
    for asset in result.not_tried:
        print_line(lines.not_tried(result.account_id, asset))


def _why_skipped(result: GroupSync) -> str:
    from lac_pipeline.commands.session.sync_results import SyncCause

    reason = result.reason
    if isinstance(reason, SyncCause):
        return "no whole month is in the days" if reason is SyncCause.NO_MONTH else str(reason)
    if reason.minutes is not None and result.fresh_for is not None:
        age = duration(timedelta(minutes=reason.minutes))
        return f"synced {age} ago, fresh for {duration(result.fresh_for)}"
    return "LinkedIn's daily quota is spent" + (f" until {reason.until:%H:%M}Z" if reason.until else "")


def duration(span: timedelta) -> str:
    """Write a time span in its largest unit, such as `21 min`, `4 h` or `3 d`."""
    minutes = int(span / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"
