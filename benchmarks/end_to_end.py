"""What a whole load costs: `python -m benchmarks.end_to_end`.

Two accounts with 40 campaigns, 160 creatives and 90 days. `lac sync` and a run as the daemon starts it, each in a
process of its own, with the streams that other loaders have (entities, metrics by campaign and by creative) and with
the default ones: the first load, everything once more, and a refresh of the last days. Prints CPU seconds of the
process and of PostgreSQL (from /proc, so Linux only), the peak memory, and what the CPU went to. Where `ingestr` is on
the PATH, it loads the same from the same simulator.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._grpc.types import ExecuteRunArgs

from benchmarks import ingestr
from benchmarks.dagster_storage import postgres_cpu
from lac_pipeline import definitions
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.launch import JOB
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.run_requests import run_request
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import group_window, refresh_window
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.windows import DateWindow

PEERS = "accounts,campaign_groups,campaigns,creatives,campaign_daily_metrics,creative_daily_metrics"
RUN = "a run of the code server"
STREAMS = {"the peers' streams": PEERS, "the default streams": "default"}


@dataclass(frozen=True, slots=True)
class WorldSize:
    """How much there is to load; every creative is active every day."""

    accounts: int = 2
    campaigns: int = 40
    creatives: int = 160
    days: int = 90


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost: CPU seconds of it and of PostgreSQL, peak MB, and the seconds of each purpose."""

    client: float
    postgres: float
    megabytes: float
    shares: Mapping[str, float]

    @classmethod
    def read(cls, file: Path, postgres: float) -> Cost:
        """Take what `cpu_shares` wrote."""
        taken = json.loads(file.read_text())
        return cls(taken["cpu"], postgres, taken["megabytes"], taken["shares"])


def simulate(pipe: Connection, size: WorldSize, seconds: float) -> None:
    """Serve LinkedIn until the pipe is closed, having sent how to reach it."""
    world = World.synthetic(**asdict(size))
    if seconds:
        world.faults.add("*", kind="delay", seconds=seconds)
    with SimulatorServer(world) as simulator:
        pipe.send(connection_settings(world, simulator.url))
        pipe.poll(None)


@contextmanager
def simulator(size: WorldSize, seconds: float = 0.0) -> Iterator[dict[str, str]]:
    """A simulator in a process of its own, which takes so long for a response; yields the settings that name it."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=simulate, args=(theirs, size, seconds), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.terminate()
        process.join()


def measure(home: Path, module: str, *arguments: str) -> Cost:
    """Run a module in a process of its own."""
    return taken_by(home, "benchmarks.cpu_shares", module, *arguments)


def forked_run(home: Path, run_id: str) -> Cost:
    """Execute a run in a fork of a process that has loaded the libraries; what loading them takes is not counted."""
    return taken_by(home, "benchmarks.forked_run", run_id)


def taken_by(home: Path, benchmark: str, *arguments: str) -> Cost:
    """What was measured by a module of benchmarks that writes it to a file."""
    file, before = home / "taken.json", postgres_cpu(home)
    command = [sys.executable, "-m", benchmark, str(file), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}\n{ended.stdout}\n{ended.stderr}")
    return Cost.read(file, postgres_cpu(home) - before)


def group_run(home: Path, settings: Settings, group: AssetGroup, days: DateWindow, *, forked: bool) -> Cost:
    """Execute a run of both accounts as the freshness sensor requests it.

    Args:
        home: of the embedded PostgreSQL.
        settings: of the pipeline.
        group: what is loaded.
        days: of what has days.
        forked: as the code server starts it, by a fork; else as a process that begins empty, as on Celery.
    """
    window = group_window(group, days, start=settings.start_date, today=days.last)
    with open_session(settings) as session:
        accounts = session.accounts("all")
        names = AccountNames(Overview(session.warehouse.engine).names(accounts))
    requested = run_request(accounts, group, window, streams=settings.streams, names=names)
    origin = ReconstructableRepository.for_module(definitions.__name__, "defs").get_reconstructable_job(JOB)
    job = definitions.build_definitions(settings).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(
            job,
            asset_selection=frozenset(requested.asset_selection or ()),
            tags=dict(requested.tags),
            job_code_origin=origin.get_python_origin(),
        )
        arguments = ExecuteRunArgs(origin.get_python_origin(), run.run_id, instance.get_ref()).get_command_args()
        cost = forked_run(home, run.run_id) if forked else measure(home, "dagster", *arguments[1:])
        ended = instance.get_run_by_id(run.run_id)
        assert ended is not None
        assert ended.is_success, f"run {run.run_id} failed"
    return cost


def syncs(home: Path, settings: Settings) -> Iterator[tuple[str, Cost]]:
    """The loads of one choice of streams, in turn."""
    start, today = settings.start_date.isoformat(), utc_now().date().isoformat()
    sync = ("lac_pipeline", "sync", "--account", "all")
    yield "lac sync: first load", measure(home, *sync)
    yield "lac sync: everything again", measure(home, *sync, "--force", "--since", start, "--until", today)
    yield "lac sync: refresh", measure(home, *sync, "--force")
    yield "lac sync: all fresh", measure(home, *sync)
    day = utc_now().date()
    days = refresh_window(start=settings.start_date, today=day, lookback_days=3, synced_on=day)
    for forked, started in ((False, "a run that begins empty"), (True, RUN)):
        for group in (AssetGroup.METRICS, AssetGroup.ENTITIES):
            yield f"{started}: refresh of {group.value}", group_run(home, settings, group, days, forked=forked)


def first_runs(home: Path, settings: Settings) -> Iterator[tuple[str, Cost]]:
    """The first load of each asset group by the daemon."""
    days = DateWindow.inclusive(settings.start_date, utc_now().date())
    for group in settings.streams.groups:
        yield f"{RUN}: first load of {group.value}", group_run(home, settings, group, days, forked=True)


@contextmanager
def new_home(streams: str, connection: Mapping[str, str]) -> Iterator[tuple[Path, Settings]]:
    """A pipeline that has loaded nothing: the home of its PostgreSQL, and its settings."""
    with tempfile.TemporaryDirectory(prefix="lac-end-to-end-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        chosen = {"LAC_HOME": str(home / "home"), "LAC_STREAMS": streams, "LINKEDIN_REQUESTS_PER_SECOND": "100"}
        isolate({**connection, **chosen})
        with environment(Settings.load(), migrated=True) as settings:
            yield home, settings


def load(name: str, streams: str, connection: Mapping[str, str]) -> None:
    """Print a line for each load of these streams, and what it went to."""
    print(f"\n{name}\n\n| | client, s | PostgreSQL, s | peak, MB | of the client's, s |\n|---|---|---|---|---|")
    with new_home(streams, connection) as (home, settings):
        for load_name, cost in syncs(home, settings):
            show(load_name, cost)
        if streams == PEERS:
            beside(home, settings, connection)
    with new_home(streams, connection) as (home, settings):
        for load_name, cost in first_runs(home, settings):
            show(load_name, cost)


def show(name: str, cost: Cost) -> None:
    """Print a line."""
    shares = sorted(cost.shares.items(), key=lambda share: -share[1])
    listed = ", ".join(f"{purpose} {seconds:.2f}" for purpose, seconds in shares if seconds >= 0.05)
    print(f"| {name} | {cost.client:.2f} | {cost.postgres:.2f} | {cost.megabytes:.0f} | {listed} |", flush=True)


def beside(home: Path, settings: Settings, connection: Mapping[str, str]) -> None:
    """Print a line for each of the loads by `ingestr`, where it is there."""
    if not ingestr.is_there():
        print(f"\n{ingestr.FIGURES}")
        return
    token, url = connection["LINKEDIN_ACCESS_TOKEN"], connection["LINKEDIN_API_URL"]
    today = utc_now().date()
    with open_session(settings) as session:
        accounts = session.accounts("all")
    with ingestr.proxied(url, home) as environment_of_proxy:
        program = ingestr.Ingestr(token, accounts, os.environ["DATABASE_URL"], environment_of_proxy)
        spans = {"first load": 90, "everything again": 90, "refresh": 3}
        for name, days in spans.items():
            before = postgres_cpu(home)
            took = program.load(max(settings.start_date, today - timedelta(days=days)), today)
            figures = f"{took.cpu:.2f} | {postgres_cpu(home) - before:.2f} | {took.megabytes}"
            print(f"| ingestr: {name} | {figures} | {took.rows:,} rows |", flush=True)


def main() -> None:
    """Load with each choice of streams."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--streams", choices=("peers", "default", "both"), default="both")
    chosen = parser.parse_args().streams
    with simulator(WorldSize()) as connection:
        for name, streams in STREAMS.items():
            if chosen in {"both", "default" if streams == "default" else "peers"}:
                load(name, streams, connection)


if __name__ == "__main__":
    main()
