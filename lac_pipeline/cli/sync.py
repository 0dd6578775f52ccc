"""`lac sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli.terminal.as_json import JSON, print_document, sync_document
from lac_pipeline.cli.terminal.days import SINCE, UNTIL
from lac_pipeline.cli.terminal.options import ACCOUNTS, named
from lac_pipeline.cli.terminal.progress import progress
from lac_pipeline.cli.terminal.results import run_syncs, synced

if TYPE_CHECKING:
    from lac_pipeline.commands.sync import AccountSync, SyncRequest


def register(app: typer.Typer, panel: str) -> None:
    """Add the commands of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(sync)


def sync(
    account: ACCOUNTS,
    *,
    since: SINCE = None,
    until: UNTIL = None,
    force: Annotated[bool, typer.Option("--force", help="Load even what is fresh.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Delete rows that LinkedIn no longer returns, however many.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Load ad accounts now, in this process; each run shows in the Dagster UI.

    What is fresh is skipped and costs no call. Exits 1 if a load failed, or a check of severity error fails for one of
    the accounts, of this run or of an earlier one until it is resolved; records in quarantine alone are no failure.

    Example: lac sync --account all
    Example: lac sync --account 510000001 --since 2026-10 --until 2026-10
    Example: lac sync --account 510000001,510000002 --since 7d
    """
    from lac_pipeline.commands.session.sync_session import open_session
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.commands.sync import SyncRequest
    from lac_pipeline.settings import Settings

    request = SyncRequest(
        since=since,
        until=until,
        force=force,
        accept_shrink=accept_shrink,
    )
    settings = Settings.load()
    request.check(settings)
    with environment(settings) as ready, open_session(ready) as session:
        names = named(account)
        accounts = list(
            dict.fromkeys(account_id for name in names for account_id in session.accounts(name, force=force))
        )
        checked = {check for name in names for check in session.checked(name, accounts)}
        if as_json:
            _sync_as_json(session, accounts, request, checked=checked)
        else:
            run_syncs(session, accounts, request, checked=checked)


def _sync_as_json(session: AccountSync, accounts: list[int], request: SyncRequest, *, checked: set[int]) -> None:
    """Sync the accounts with progress on standard error, and print one object; exits 1 where the table's way would."""
    from lac_pipeline.commands.session.known_problems import outcome_of

    with progress(len(accounts)) as shown:
        results = list(synced(session, accounts, request, shown))
    outcome = outcome_of(session.warehouse, checked, session.streams)
    print_document(sync_document(results, outcome))
    if outcome.failed or any(result.failure is not None for result in results):
        raise typer.Exit(1)
