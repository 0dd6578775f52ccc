"""What `lac demo` and `lac up` say while they start, and until Ctrl-C."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from lac_pipeline.cli import terminal
from lac_pipeline.cli.sync import header, print_checks, sync_and_print
from lac_pipeline.commands.session.known_problems import outcome_of
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.simulator import connection_settings, demo_world
from lac_pipeline.commands.stack.environment import environment, place_note
from lac_pipeline.commands.stack.home_lock import OnlyOne, only_one
from lac_pipeline.commands.stack.processes import HOST, Processes, free_port
from lac_pipeline.commands.sync import AccountSync, SyncRequest
from lac_pipeline.printable import one_line
from lac_pipeline.settings import Settings, isolate

DEMO_HOME = Path(".lac") / "demo"
SIMULATOR_PORT = 8700
CAMPAIGNS_SHOWN = 4


def run_demo(*, port: int) -> None:
    """Start everything against the simulator, load it, print spend by campaign, and stay until Ctrl-C."""
    simulator_port = free_port(SIMULATOR_PORT)
    simulated = connection_settings(demo_world(), f"http://{HOST}:{simulator_port}")
    isolate(simulated | {"LAC_HOME": str(DEMO_HOME.resolve())})
    terminal.echo("starting PostgreSQL, a simulated LinkedIn and the Dagster UI ...")
    with (
        _until_interrupted(),
        only_one(Settings.load().home) as alone,
        _environment() as settings,
        Processes(settings.home / "logs", lock=alone.descriptor) as processes,
    ):
        processes.start("simulator", ["lac_pipeline", "simulator", "--port", str(simulator_port)])
        processes.await_url("simulator", simulated["LINKEDIN_API_URL"])
        with open_session(settings) as session:
            _load(session)
            _print_spend(session)
        _stay(processes, alone, processes.start_webserver(free_port(port)))


def run_up(*, port: int) -> None:
    """Start everything against real LinkedIn, and stay until Ctrl-C; sensors and schedules do the loading."""
    terminal.echo("starting the Dagster UI, its sensors and schedules ...")
    with (
        _until_interrupted(),
        only_one(Settings.load().home) as alone,
        _environment() as settings,
        Processes(settings.home / "logs", lock=alone.descriptor) as processes,
    ):
        _stay(processes, alone, processes.start_webserver(free_port(port)))


def _load(session: AccountSync) -> None:
    accounts = session.accounts("all")
    terminal.echo(f"{len(accounts)} ad accounts: {', '.join(map(str, accounts))}\n\n{header()}")
    started = time.monotonic()
    for failure in sync_and_print(session, accounts, SyncRequest()):
        terminal.secho(failure, fg=typer.colors.RED, err=True)
    print_checks(outcome_of(session.warehouse, accounts).failed, err=True)
    terminal.echo(f"\ndone in {time.monotonic() - started:.0f} s\n")


def _print_spend(session: AccountSync) -> None:
    terminal.echo(f"{'spend by campaign':<44}{'spend':>18}{'impressions':>13}{'clicks':>9}{'leads':>7}")
    read = session.warehouse.read
    for account_id in read.known_account_ids():
        campaigns = read.spend_by_campaign(account_id=account_id, limit=CAMPAIGNS_SHOWN)
        terminal.secho(
            one_line(f"{account_id} {campaigns[0].account_name}") if campaigns else f"{account_id}", bold=True
        )
        for row in campaigns:
            spend = f"{row.spend:,.2f} {row.currency}"
            name = one_line(" ".join(row.campaign_name.split()))
            terminal.echo(f"  {name:<42.42}{spend:>18}{row.impressions:>13,}{row.clicks:>9,}{row.leads:>7,}")


def _stay(processes: Processes, alone: OnlyOne, url: str) -> None:
    alone.announce(url)
    processes.start_daemon()
    processes.await_url("webserver", f"{url}/server_info")
    terminal.echo(f"\nThe Dagster UI: {url}   (Ctrl-C stops everything)")
    while True:
        processes.require_alive()
        time.sleep(1)


@contextmanager
def _environment() -> Iterator[Settings]:
    given = Settings.load()
    with environment(given, migrated=True) as settings:
        if (note := place_note(given)) is not None:
            terminal.echo(note)
        yield settings


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """Take Ctrl-C as the normal end; a second one does not disturb the clean-up."""
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    terminal.echo("stopped; nothing is left running")
