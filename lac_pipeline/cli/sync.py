"""`lac sync`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lac_pipeline.operations.sync import AccountSync, ScopeSync, SyncRequest
    from lac_pipeline.storage.readings import AttemptRecord

COLUMNS = ("fetched", "inserted", "updated", "unchanged", "pruned", "rejected", "calls", "seconds")
HEADER = f"{'account':<11} {'asset':<23}" + "".join(f"{name:>10}" for name in COLUMNS)
DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(sync)


def sync(
    account: Annotated[str, typer.Option(help="An ad account's id, or `all` that the token can see.")],
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="The first UTC day to load.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="The last UTC day; today by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Load even what is fresh.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Delete rows that LinkedIn no longer returns, however many.")
    ] = False,
) -> None:
    """Load ad accounts now, in this process; each run shows in the Dagster UI.

    What is fresh is skipped and costs no call. Exits 1 if anything failed; quarantined records alone are no failure.

    Example: lac sync --account all
    Example: lac sync --account 510000001 --since 2026-10-01 --until 2026-10-31
    """
    from lac_pipeline.operations.environment import environment
    from lac_pipeline.operations.session import open_session
    from lac_pipeline.operations.sync import SyncRequest
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
        run_syncs(session, session.accounts(account, force=force), request)


def run_syncs(session: AccountSync, accounts: Sequence[int], request: SyncRequest) -> None:
    """Sync the accounts, printing what comes of each; exits 1 if anything failed."""
    typer.echo(HEADER)
    tell_failures(sync_and_print(session, accounts, request))


def sync_and_print(session: AccountSync, accounts: Sequence[int], request: SyncRequest) -> list[str]:
    """Sync the accounts with a bar or lines of progress, printing each result as it is there; what failed, and why."""
    with progress(len(accounts)) as done:
        return print_syncs(_each(session, accounts, request), done=done)


def _each(session: AccountSync, accounts: Sequence[int], request: SyncRequest) -> Iterator[ScopeSync]:
    for account_id in accounts:
        for result in session.sync(account_id, request):
            yield result
            if result.hopeless:
                typer.secho("every other account would fail for the same reason, so none is tried", err=True)
                return


def tell_failures(failures: Sequence[str]) -> None:
    """Print what failed, if anything did, and exit 1 then."""
    if failures:
        typer.secho(f"\n{len(failures)} failed:", fg=typer.colors.RED, err=True)
        for failure in failures:
            typer.secho(failure, err=True)
        raise typer.Exit(1)


def _line(record: AttemptRecord) -> str:
    counts = (getattr(record, name) for name in (*COLUMNS[:-2], "api_calls"))
    line = f"{record.attempt.account_id:<11} {record.attempt.asset:<23}" + "".join(f"{count:>10,}" for count in counts)
    return f"{line}{record.seconds or 0:>10.1f}" + ("" if record.status == "success" else f"  {record.status}")


def print_syncs(results: Iterable[ScopeSync], *, done: Callable[[], None] = lambda: None) -> list[str]:
    """Print a line per account and asset as it is done; what failed, and why."""
    failures: list[str] = []
    for result in results:
        if result.skipped:
            typer.echo(f"{result.account_id:<11} {result.scope:<23}{'skipped':>10}  {result.reason}")
        for attempt in result.attempts:
            typer.echo(_line(attempt))
        for asset in result.not_tried:
            typer.echo(f"{result.account_id:<11} {asset:<23}{'not tried':>10}")
        if result.failure is not None:
            failures.append(f"account {result.account_id}, {result.scope}, run {result.run_id}:\n{result.failure}")
        done()
    return failures
