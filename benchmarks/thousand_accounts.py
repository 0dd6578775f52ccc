"""Whether one machine keeps many ad accounts fresh: `python -m benchmarks.thousand_accounts --accounts 1000`.

Small accounts, all asset groups, every run kept, as by default. Loads them once, lets all of them become
stale, starts the webserver and the daemon, and waits until everything is fresh again. Prints the CPU seconds of all
processes for an account and refresh (from /proc, so Linux only; the simulator's are not in it), what a tick, `lac
status` and Dagster's events cost, how much memory each process holds before and after many ticks, and what the deletion
of old runs leaves. An account and refresh may cost four seconds, and no process may grow by more than a twentieth.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import dagster as dg
from sqlalchemy import Engine, text

from benchmarks.dagster_storage import TICKS, postgres_cpu
from benchmarks.end_to_end import WorldSize, simulator
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.launch import code_location
from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.stack.processes import HOST, Processes, free_port
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.run_requests import run_request
from lac_pipeline.defs.sensors.run_retention import delete_old_runs
from lac_pipeline.defs.sensors.ticks import automations
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.streams.sync_windows import group_window
from lac_pipeline.windows import DateWindow

PROMISED_CPU = 4.0
PROMISED_GROWTH = 1.05
AT_ONCE = 25
DAYS = 2
STALE = timedelta(hours=5)
AGED = (
    "UPDATE linkedin_ads.sync_log SET started_at = started_at - :by, finished_at = finished_at - :by",
    "UPDATE linkedin_ads.stream_state SET synced_at = synced_at - :by, attempted_at = attempted_at - :by",
)
LONGEST_WAIT = 7200.0  # seconds
_DRY_RUN = """mutation Tick($sensor: SensorSelector!) { sensorDryRun(selectorData: $sensor, cursor: null) {
  __typename ... on PythonError { message } } }"""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the stack, by what it is."""

    name: str
    pid: int

    @property
    def megabytes(self) -> float:
        """The memory that is its own alone."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))) / 1024


def descendants(pid: int) -> Iterator[int]:
    """The living processes that a process started, and those that they did."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from descendants(child)


def cpu_of(pids: Sequence[int]) -> float:
    """CPU seconds of processes, and of those that they started and that have ended."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def stack_processes() -> list[Process]:
    """The webserver, the daemon and the code servers that this process has started."""
    words = {"dagster_webserver": "webserver", "dagster._daemon": "daemon", "api grpc": "code server"}
    found = []
    for pid in descendants(os.getpid()):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        name = next((name for word, name in words.items() if word in command), None)
        if name is not None and "stack.supervise" not in command:
            found.append(Process(name, pid))
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """The stack that is measured.

    Attributes:
        settings: of the pipeline.
        instance: Dagster's.
        home: of the embedded PostgreSQL.
        accounts: all of them.
        engine: of the warehouse.
        dagster: of Dagster's database.
    """

    settings: Settings
    instance: dg.DagsterInstance
    home: Path
    accounts: list[int]
    engine: Engine
    dagster: Engine

    def first_load(self) -> None:
        """Load every asset group of all accounts, many in one run."""
        start, today = self.settings.start_date, utc_now().date()
        job = build_definitions(self.settings).resolve_implicit_global_asset_job_def()
        for begin in range(0, len(self.accounts), AT_ONCE):
            for group in self.settings.streams.groups:
                days = group_window(group, DateWindow.inclusive(start, today), start=start, today=today)
                some = self.accounts[begin : begin + AT_ONCE]
                request = run_request(some, group, days, streams=self.settings.streams)
                subset = job.get_subset(asset_selection=set(request.asset_selection or ()))
                subset.execute_in_process(
                    tags=dict(request.tags),
                    partition_key=request.partition_key,
                    instance=self.instance,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )

    def stale(self) -> int:
        """How many asset groups of accounts are stale."""
        with open_session(self.settings) as session:
            return sum(state.due for state in session.gate.states(self.accounts))

    def age(self) -> None:
        """Let everything have been loaded five hours ago."""
        with self.engine.begin() as connection:
            for statement in AGED:
                connection.execute(text(statement), {"by": STALE})

    def events(self) -> tuple[int, int]:
        """How many events Dagster has, and the MB of its database."""
        counted = "SELECT count(*), pg_database_size(current_database()) / 1048576 FROM event_logs"
        with self.dagster.connect() as connection:
            events, megabytes = connection.execute(text(counted)).one()
        return int(events), int(megabytes)

    def cpu(self) -> float:
        """CPU seconds so far of all that this process has started, and of PostgreSQL."""
        return cpu_of(list(descendants(os.getpid()))) + postgres_cpu(self.home)

    def refresh(self) -> float:
        """Wait until the daemon has made everything fresh; the CPU seconds that it took."""
        before, began = self.cpu(), time.monotonic()
        while self.stale():
            if time.monotonic() - began > LONGEST_WAIT:
                raise SystemExit(f"{self.stale()} are still stale")
            time.sleep(5)
        return self.cpu() - before

    def forget(self) -> int:
        """Delete the old runs as if they were; how many."""
        deleted, cursor, now = 0, None, utc_now() + timedelta(days=40)
        while cursor is None or not cursor.endswith("end"):
            some, cursor = delete_old_runs(self.instance, timedelta(days=30), cursor, now=now)
            deleted += some
        return deleted


def ticks(dagster: RunningDagster, *, count: int) -> None:
    """Evaluate the freshness sensor so often, in the webserver's code server."""
    location = code_location(dagster)
    selector = {
        "repositoryName": location.repository,
        "repositoryLocationName": location.location,
        "sensorName": "freshness_sensor",
    }
    for _ in range(count):
        response = dagster.execute(_DRY_RUN, sensor=selector)["sensorDryRun"]
        assert response["__typename"] == "DryRunInstigationTick", response


def report_memory(dagster: RunningDagster, *, count: int) -> bool:
    """Print what each process holds before and after so many ticks; whether none has grown much."""
    ticks(dagster, count=count // 4)  # what is loaded at first use is loaded
    before = {process: process.megabytes for process in stack_processes()}
    ticks(dagster, count=count)
    kept = True
    for process, megabytes in before.items():
        after = process.megabytes
        print(f"memory of the {process.name}: {megabytes:.0f} MB, {after:.0f} MB after {count} ticks", flush=True)
        kept = kept and after <= megabytes * PROMISED_GROWTH
    return kept


def measure(measured: Measured, stack: Processes, *, ticks_looked_at: int) -> bool:
    """Print everything; False where a promise is broken."""
    count = len(measured.accounts)
    measured.first_load()
    events, size = measured.events()
    measured.age()
    port = free_port(3950)
    dagster = RunningDagster(f"http://{HOST}:{port}")
    stack.start_webserver(port)
    stack.await_url("webserver", f"{dagster.url}/server_info")
    code_location(dagster)
    stack.start_daemon()
    cost = measured.refresh() / count
    print(f"{count} accounts: {cost:.2f} s of CPU for an account and refresh, in all processes", flush=True)
    added, grown = (now - before for now, before in zip(measured.events(), (events, size), strict=True))
    print(
        f"events of a refresh: {added / count:.0f} an account; Dagster's database grew by {grown} MB to {size + grown}"
    )
    for name, found in automations(measured.instance).items():
        if found.last is not None:
            seconds = (found.last.ended_at - found.last.due_at).total_seconds()
            print(f"last tick of {name}: {seconds:.1f} s")
    before = os.times()
    status = [sys.executable, "-m", "lac_pipeline", "status"]
    subprocess.run(status, check=False, capture_output=True)
    after = os.times()
    print(f"lac status: {sum(after[2:4]) - sum(before[2:4]):.2f} s of CPU")
    flat = report_memory(dagster, count=ticks_looked_at)
    runs = len(measured.instance.get_run_ids())
    print(f"of {runs} runs, {measured.forget()} are superseded; then there are {measured.events()[0]:,} events")
    return flat and cost <= PROMISED_CPU


def main() -> int:
    """Start everything and measure; exit 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--ticks", type=int, default=240, help="four hours of them")
    chosen = parser.parse_args()
    size = WorldSize(accounts=chosen.accounts, campaigns=2, creatives=2, days=DAYS)
    with tempfile.TemporaryDirectory(prefix="lac-accounts-") as folder, simulator(size) as connection:
        home = Path(folder)
        home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        start = utc_now().date() - timedelta(days=DAYS)
        isolate(
            connection
            | {
                "LAC_HOME": str(home / "home"),
                "LAC_START_DATE": start.isoformat(),
                "LINKEDIN_REQUESTS_PER_SECOND": "100",
            }
        )
        with (
            environment(Settings.load(), migrated=True) as settings,
            dg.DagsterInstance.get() as instance,
            Processes(home / "logs") as stack,
        ):
            with open_session(settings) as session:
                accounts = session.accounts("all")
            engine = make_engine(str(settings.warehouse_url))
            dagster = make_engine(os.environ["DAGSTER_POSTGRES_URL"])
            measured = Measured(settings, instance, home, accounts, engine, dagster)
            return 0 if measure(measured, stack, ticks_looked_at=chosen.ticks) else 1


if __name__ == "__main__":
    sys.exit(main())
