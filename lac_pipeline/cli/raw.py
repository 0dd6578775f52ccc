"""`lac replay` and `lac raw prune`: the use and the upkeep of the raw archive."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.sync import DAY, finish, header, print_syncs
from lac_pipeline.cli.terminal.options import ARCHIVED_ACCOUNTS

raw = typer.Typer(help="The raw archive: every answer of LinkedIn's, as it came.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(replay)
    app.add_typer(raw, name="raw")


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"([1-9]\d{0,4})d", text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a number of days such as 90d")
    return timedelta(days=int(match[1]))


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
        finish(warehouse, accounts, failures)


@raw.command()
def prune(
    older_than: Annotated[timedelta, typer.Option(parser=_age, metavar="DAYSd", help="Such as 90d.")],
) -> None:
    """Remove the answers of whole UTC days that ended longer ago than this; the tables stay as they are.

    Example: lac raw prune --older-than 90d
    """
    from lac_pipeline.archive.store import RawArchive
    from lac_pipeline.defs.resources import utc_now
    from lac_pipeline.settings import Settings

    settings = Settings.load()
    pruned = RawArchive(settings.raw_url, run_id="prune", clock=utc_now).prune(older_than)
    terminal.echo(f"removed {pruned.answers:,} answers, {pruned.bytes / (1 << 20):,.1f} MiB, from {settings.raw_url}")
