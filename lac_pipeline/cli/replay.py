"""`lac replay`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.terminal.days import KEPT_SINCE
from lac_pipeline.cli.terminal.options import ARCHIVED_ACCOUNTS, named
from lac_pipeline.cli.terminal.results import finish, names_in, print_syncs
from lac_pipeline.cli.terminal.sync_table import SyncTable
from lac_pipeline.cli.terminal.table import room
from lac_pipeline.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lac_pipeline.archive.left_out import LeftOut
    from lac_pipeline.commands.session.sync_results import GroupSync
    from lac_pipeline.warehouse.connected import ConnectedWarehouse

METRICS_NAMED = 3


def register(app: typer.Typer, panel: str) -> None:
    """Add the command of this module to a panel of `lac --help`."""
    app.command(rich_help_panel=panel)(replay)


def replay(
    account: ARCHIVED_ACCOUNTS,
    since: KEPT_SINCE,
) -> None:
    """Load the tables from the raw archive, with the code of a sync; no request is sent to LinkedIn.

    Fills an empty database again, or applies the rules of a newer version to old responses. Newer rows stay as they
    are. Each load is repeated in its order, from its own responses and with the metrics that it read; syncs that
    failed load nothing. No check is evaluated: the next sync does that.

    Example: lac replay --account all --since 2026-10-01
    """
    import dagster as dg

    from lac_pipeline.commands.replay import Replay
    from lac_pipeline.commands.stack.environment import environment
    from lac_pipeline.defs.opening import open_warehouse
    from lac_pipeline.gc_pause import libraries_are_loaded
    from lac_pipeline.settings import Settings

    with (
        environment(Settings.load()) as settings,
        dg.DagsterInstance.get() as instance,
        open_warehouse(settings) as warehouse,
    ):
        libraries_are_loaded()
        replaying = Replay(settings, warehouse=warehouse, instance=instance, since=since)
        accounts = list(dict.fromkeys(account_id for name in named(account) for account_id in replaying.accounts(name)))
        terminal.echo(SyncTable(room()).header())
        lost: list[str] = []
        results = (result for account_id in accounts for result in replaying.replay(account_id))
        failures = print_syncs(_loads(results, lost, warehouse), warehouse=warehouse) + lost
        terminal.echo("\n0 calls to LinkedIn")
        finish(warehouse, accounts, failures, streams=settings.streams)


def _loads(
    results: Iterable[GroupSync | LeftOut], lost: list[str], warehouse: ConnectedWarehouse
) -> Iterator[GroupSync]:
    """Pass on what was loaded; print what was left out, and note what should not have been."""
    from lac_pipeline.archive.left_out import LeftOut
    from lac_pipeline.streams import stream_of

    for result in results:
        if not isinstance(result, LeftOut):
            yield result
            continue
        group = stream_of(result.asset).group
        terminal.echo(f"{SyncTable(room()).subject(result.account_id, group)}skipped: {words_of(result)}")
        if result.failure is not None:
            account = names_in(warehouse, [result.account_id]).title(result.account_id)
            lost.append(f"account {account}, {result.asset}:\n{result.failure}")


def words_of(left_out: LeftOut) -> str:
    """Show what a replay does not load, or is not sure of."""
    from lac_pipeline.archive import left_out as causes

    match left_out.cause:
        case causes.FailedSyncs(count):
            words = f": {counted(count, 'sync')} that failed {'loads' if count == 1 else 'load'} nothing here either"
        case causes.GuessedLoads(count):
            why = "kept by an older version without their outcome, so one that failed may have loaded"
            words = f": {counted(count, 'load')} {'is' if count == 1 else 'are'} {why}"
        case causes.UnchosenStream(count):
            words = f": {counted(count, 'load')}, which LAC_STREAMS leaves out"
        case causes.SplitOtherwise(count):
            words = f": {counted(count, 'load')}, from before the report was split as LAC_REPORTS declares it now"
        case causes.NothingKept(since):
            words = f": no whole response was kept since {since}"
        case causes.BeforeStart(window, start):
            words = f" of {window}: before LAC_START_DATE, {start}"
        case causes.MetricsNotRead(window, metrics):
            words = f" of {window}: loaded without {_named(metrics)}, which were not read then"
        case causes.ResponseMissing():
            words = ": a response is missing"
    return f"{left_out.asset}{words}"


def _named(metrics: Sequence[str]) -> str:
    """The first few by name, the others by number."""
    more = len(metrics) - METRICS_NAMED
    return f"{', '.join(metrics[:METRICS_NAMED])}{f' and {more} more' if more > 0 else ''}"
