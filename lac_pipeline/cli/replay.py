"""`lac replay`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.options import ARCHIVED_ACCOUNTS, DAY
from lac_pipeline.cli.terminal.results import finish, header, print_syncs


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(replay)


def replay(
    account: ARCHIVED_ACCOUNTS,
    since: Annotated[datetime, typer.Option(formats=DAY, help="Read answers kept from this UTC day on.")],
) -> None:
    """Load the tables from the raw archive, by the same assets as a sync; LinkedIn is not asked.

    Rebuilds an emptied database, or applies a newer version's rules to what LinkedIn said. Newer rows are not undone.
    Every load is done again in its order, from its own answers and with the metrics that it read; syncs that failed
    load nothing. No check is evaluated: the next sync does that.

    Example: lac replay --account all --since 2026-10-01
    """
    import dagster as dg

    from lac_pipeline.commands.replay import Replay
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.defs.resources import open_warehouse
    from lac_pipeline.settings import Settings

    with (
        environment(Settings.load()) as settings,
        dg.DagsterInstance.get() as instance,
        open_warehouse(settings) as warehouse,
    ):
        replaying = Replay(settings, instance=instance, since=since.date())
        accounts = replaying.accounts(account)
        terminal.echo(header())
        failures = print_syncs(result for account_id in accounts for result in replaying.replay(account_id))
        terminal.echo("\n0 calls to LinkedIn")
        finish(warehouse, accounts, failures, streams=settings.streams)
