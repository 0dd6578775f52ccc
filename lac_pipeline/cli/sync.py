"""`lac sync`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from lac_pipeline.cli.terminal.options import ACCOUNTS, DAY
from lac_pipeline.cli.terminal.results import run_syncs


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(sync)


def sync(
    account: ACCOUNTS,
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="The first UTC day to load.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="The last UTC day; today by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Load even what is fresh.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Delete rows that LinkedIn no longer returns, however many.")
    ] = False,
) -> None:
    """Load ad accounts now, in this process; each run shows in the Dagster UI.

    What is fresh is skipped and costs no call. Exits 1 if a load failed, or a check of severity error fails for one of
    the accounts, of this run or of an earlier one until it is mended; records in quarantine alone are no failure.

    Example: lac sync --account all
    Example: lac sync --account 510000001 --since 2026-10-01 --until 2026-10-31
    """
    from lac_pipeline.commands.session.sync_session import open_session
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.commands.sync import SyncRequest
    from lac_pipeline.settings import Settings

    request = SyncRequest(
        since=since.date() if since else None,
        until=until.date() if until else None,
        force=force,
        accept_shrink=accept_shrink,
    )
    settings = Settings.load()
    request.check(settings)
    with environment(settings) as ready, open_session(ready) as session:
        accounts = session.accounts(account, force=force)
        run_syncs(session, accounts, request, checked=session.checked(account, accounts))
