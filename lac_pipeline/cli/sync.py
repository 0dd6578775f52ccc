"""`lac sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.as_json import JSON, print_document, sync_document
from lac_pipeline.cli.terminal.days import SINCE, UNTIL
from lac_pipeline.cli.terminal.options import ACCOUNTS, named
from lac_pipeline.cli.terminal.results import MANY_ACCOUNTS, finish, print_all_fresh, print_syncs, run_syncs, synced
from lac_pipeline.cli.terminal.sync_table import SyncTable
from lac_pipeline.cli.terminal.table import room

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lac_pipeline.commands.session.known_problems import Outcome
    from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
    from lac_pipeline.commands.sync import AccountSync
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.warehouse import Warehouse


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(sync)


def sync(
    account: ACCOUNTS,
    *,
    since: SINCE = None,
    until: UNTIL = None,
    force: Annotated[bool, typer.Option("--force", help="Load fresh assets, too.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Delete rows that LinkedIn no longer returns, however many.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Load ad accounts now, in this process; each run shows in the Dagster UI.

    Fresh assets are skipped and cost no call. Exits 1 if a load failed, or if a check of severity error fails for one
    of the accounts, since this run or since an earlier one. Records in quarantine alone are no failure.

    Example: lac sync --account all
    Example: lac sync --account 510000001 --since 2026-10 --until 2026-10
    Example: lac sync --account 510000001,510000002 --since 7d
    """
    from lac_pipeline.commands.session.remembered_names import Kind, remember
    from lac_pipeline.commands.session.sync_results import SyncRequest
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.commands.stack.unread_settings import without_effect
    from lac_pipeline.settings import Settings
    from lac_pipeline.warehouse.query.overview import Overview

    request = SyncRequest(
        since=since,
        until=until,
        force=force,
        accept_shrink=accept_shrink,
    )
    settings = Settings.load()
    request.check(settings)
    terminal.warn_of(without_effect(settings))
    names = named(account)
    with environment(settings) as ready:
        if _all_fresh(ready, names, request, as_json=as_json):
            return
        with _session(ready) as session:
            accounts = list(
                dict.fromkeys(account_id for name in names for account_id in session.accounts(name, force=force))
            )
            known = Overview(session.warehouse.engine).names()
            remember(
                ready.home, Kind.ACCOUNTS, {f"{account_id}": known.get(account_id) or "" for account_id in accounts}
            )
            checked = {check for name in names for check in session.checked(name, accounts)}
            if as_json:
                _sync_as_json(session, accounts, request, checked=checked)
            else:
                run_syncs(session, accounts, request, checked=checked)


def _session(settings: Settings) -> AbstractContextManager[AccountSync]:
    """Open what loads accounts, which imports Dagster."""
    from lac_pipeline.commands.session.sync_session import open_session

    return open_session(settings)


def _all_fresh(settings: Settings, names: list[str], request: SyncRequest, *, as_json: bool) -> bool:
    """Print that all is skipped, where everything that is named is fresh; exits 1 where a check of it fails."""
    from lac_pipeline.commands.session.due_groups import DueGroups
    from lac_pipeline.commands.session.known_problems import outcome_of
    from lac_pipeline.defs.opening import open_warehouse
    from lac_pipeline.warehouse.query.parts import Parts
    from lac_pipeline.warehouse.suitability import require_writable

    with open_warehouse(settings) as warehouse:
        require_writable(warehouse.engine)
        skipped = DueGroups(settings, warehouse).all_skipped(names, request)
        if skipped is None:
            return False
        accounts = {result.account_id for result in skipped}
        if as_json:
            _print_as_json(skipped, outcome_of(warehouse, accounts, settings.streams), warehouse)
            return True
        if len(accounts) > MANY_ACCOUNTS:
            print_all_fresh(skipped)
        else:
            terminal.echo(SyncTable(room()).header())
            print_syncs(skipped, warehouse=warehouse)
        missing = Parts(warehouse.engine, settings.parts).missing(accounts, since=settings.start_date)
        finish(warehouse, accounts, [], streams=settings.streams, missing=missing)
    return True


def _sync_as_json(session: AccountSync, accounts: list[int], request: SyncRequest, *, checked: set[int]) -> None:
    """Sync the accounts with progress on standard error, and print one object; exits 1 where the table's way would."""
    from lac_pipeline.cli.terminal.progress import progress
    from lac_pipeline.commands.session.known_problems import outcome_of

    with progress(len(accounts)) as shown:
        results = list(synced(session, accounts, request, shown))
    _print_as_json(results, outcome_of(session.warehouse, checked, session.streams), session.warehouse)


def _print_as_json(results: list[GroupSync], outcome: Outcome, warehouse: Warehouse) -> None:
    from lac_pipeline.warehouse.query.overview import Overview

    print_document(sync_document(results, outcome, Overview(warehouse.engine).names()))
    if outcome.failed or any(result.failure is not None for result in results):
        raise typer.Exit(1)
