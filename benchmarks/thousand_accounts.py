"""Whether one machine keeps many ad accounts fresh: `python -m benchmarks.thousand_accounts --accounts 1000`.

Small accounts, all asset groups. Loads them once, starts the webserver and the daemon, lets everything become stale,
and waits until it is fresh again, as often as requested. Prints the CPU seconds of all processes for an account and
refresh (from /proc, so Linux only; the simulator's are not in it), the events that Dagster has after each refresh and
after the deletion of the runs before it, what a tick, `lac status` and the page of an asset in the UI cost, and how
much memory each process holds before and after the refreshes, in an hour of ticks by the clock (`--minutes`), and in
many ticks without waiting (`--ticks`). An account and refresh may cost four seconds, and no process may grow by more
than a twentieth in the ticks, of the hour in its last forty minutes.

`--copied --refreshes 0` is about the ticks alone: one account is loaded, and the others stand as it does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import dagster as dg
from dagster._core.scheduler.instigation import TickStatus
from sqlalchemy import Engine, text

from benchmarks.asset_page import open_page
from benchmarks.dagster_storage import postgres_cpu
from benchmarks.end_to_end import WorldSize, simulator
from benchmarks.small_commands import copy_account
from benchmarks.stack_processes import Process, adopt_orphans, cpu_of, descendants, grown, memory, stack_processes
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.launch import code_location
from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.stack.processes import HOST, Processes
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
AT_ONCE = 50
DAYS = 2
STALE = timedelta(hours=5)
AGED = (
    "UPDATE linkedin_ads.sync_log SET started_at = started_at - :by, finished_at = finished_at - :by",
    "UPDATE linkedin_ads.stream_state SET synced_at = synced_at - :by, attempted_at = attempted_at - :by",
)
LONGEST_WAIT = 14_400.0  # seconds
LOOKED_EVERY = 15.0  # seconds
WARM = 120.0  # seconds, after which a process has loaded what it loads at first use
LOOKS = 6  # at the memory while the daemon's ticks go on
PAGE, SHOWS = "creative_daily_metrics", "Latest materialization"
_DRY_RUN = """mutation Tick($sensor: SensorSelector!) { sensorDryRun(selectorData: $sensor, cursor: null) {
  __typename ... on PythonError { message }
  ... on DryRunInstigationTick { evaluationResult { error { message } } } } }"""


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
        beside: the simulator and PostgreSQL's server; the latter's CPU seconds are counted by themselves.
    """

    settings: Settings
    instance: dg.DagsterInstance
    home: Path
    accounts: list[int]
    engine: Engine
    dagster: Engine
    beside: frozenset[int]

    def first_load(self, accounts: Sequence[int]) -> None:
        """Load every asset group of accounts, many in one run."""
        start, today = self.settings.start_date, utc_now().date()
        job = build_definitions(self.settings).resolve_implicit_global_asset_job_def()
        for begin in range(0, len(accounts), AT_ONCE):
            for group in self.settings.streams.groups:
                days = group_window(group, DateWindow.inclusive(start, today), start=start, today=today)
                some = accounts[begin : begin + AT_ONCE]
                request = run_request(some, group, days, streams=self.settings.streams)
                subset = job.get_subset(asset_selection=set(request.asset_selection or ()))
                print(f"loading {group} of accounts {begin + 1} to {begin + len(some)}", file=sys.stderr, flush=True)
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
        """CPU seconds so far of the stack's processes, and of PostgreSQL."""
        return cpu_of(list(descendants(os.getpid(), self.beside))) + postgres_cpu(self.home)

    def stack_cpu(self) -> float:
        """The same without what else this process has started, as the browser that looks at a page."""
        return cpu_of([process.pid for process in stack_processes()]) + postgres_cpu(self.home)

    def refresh(self) -> float:
        """Wait until the daemon has made everything fresh; the CPU seconds that it took."""
        before, began, warm = self.cpu(), time.monotonic(), memory()
        while left := self.stale():
            passed = time.monotonic() - began
            if passed > LONGEST_WAIT:
                raise SystemExit(f"{left} are still stale")
            if passed <= WARM:
                warm = memory()
            time.sleep(LOOKED_EVERY)
        taken, minutes = self.cpu() - before, (time.monotonic() - began) / 60
        meanwhile = ", ".join(f"{name} {size:.0f} to {after:.0f}" for name, size, after in grown(warm))
        print(f"a refresh took {taken:.0f} s of CPU in {minutes:.0f} minutes; MB: {meanwhile}", flush=True)
        return taken

    def forget(self) -> int:
        """Delete the runs that later ones have superseded, as if all were old; how many."""
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
        assert response["evaluationResult"]["error"] is None, response


def report_ticks(measured: Measured, dagster: RunningDagster, *, count: int) -> bool:
    """Print what a tick costs, and what each process holds before and after so many; whether none has grown much."""
    ticks(dagster, count=count // 4)  # what is loaded at first use is loaded
    before, cpu = memory(), measured.cpu()
    ticks(dagster, count=count)
    print(f"a tick, all fresh: {(measured.cpu() - cpu) / count:.2f} s of CPU in all processes")
    flat = is_flat(before, f"{count} ticks without waiting")
    for name, found in automations(measured.instance).items():
        if found.last is not None:
            seconds = (found.last.ended_at - found.last.due_at).total_seconds()
            print(f"last tick of {name}: {seconds:.1f} s")
    return flat


def report_clock(measured: Measured, dagster: RunningDagster, *, minutes: float) -> bool:
    """Print what each process holds while the daemon evaluates its sensors; whether none grew much after a third."""
    seconds = minutes * 60
    cpu, began = measured.stack_cpu(), utc_now()
    before: Mapping[Process, float] = {}
    for look in range(1, LOOKS + 1):
        time.sleep(max(0.0, seconds * look / LOOKS - (utc_now() - began).total_seconds()))
        look_at_page(dagster)
        sizes = ", ".join(f"{process.name} {megabytes:.0f}" for process, megabytes in memory().items())
        print(f"MB after {minutes * look / LOOKS:.0f} minutes of ticks: {sizes}", flush=True)
        before = memory() if look == LOOKS // 3 else before
    instance = measured.instance
    for state in instance.all_instigator_state():
        ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, after=began.timestamp())
        failed = sum(tick.status is TickStatus.FAILURE for tick in ticks)
        if ticks:
            print(f"{state.instigator_name}: {len(ticks)} ticks, {failed} of them failed", flush=True)
    print(f"CPU of webserver, daemon, code servers and PostgreSQL meanwhile: {measured.stack_cpu() - cpu:.0f} s")
    return is_flat(before, f"{minutes:.0f} minutes of ticks, after a third of which it was read first")


def look_at_page(dagster: RunningDagster) -> None:
    """Open the page of an asset, as a person does who follows the runs."""
    open_page(f"{dagster.url}/assets/{PAGE}", SHOWS, lambda: 0.0)


def is_flat(before: Mapping[Process, float], meanwhile: str) -> bool:
    """Print the memory of each process before and now; whether none has grown by more than a twentieth."""
    flat = True
    for name, megabytes, after in grown(before):
        print(f"memory of the {name}: {megabytes:.0f} MB, then {after:.0f} MB: {meanwhile}", flush=True)
        flat = flat and after <= megabytes * PROMISED_GROWTH
    return flat


def report_pages(measured: Measured, dagster: RunningDagster) -> None:
    """Print what `lac status` and the page of an asset cost."""
    before = os.times()
    status = [sys.executable, "-m", "lac_pipeline", "status"]
    subprocess.run(status, check=False, capture_output=True)
    after = os.times()
    print(f"lac status: {sum(after[2:4]) - sum(before[2:4]):.2f} s of CPU")
    serving = [process.pid for process in stack_processes() if process.name == "webserver"]
    cost = open_page(f"{dagster.url}/assets/{PAGE}", SHOWS, lambda: cpu_of(serving) + postgres_cpu(measured.home))
    if cost is None:
        print("the UI's page of an asset was not opened: no Chromium is installed")
    else:
        print(
            f"the UI's page of {PAGE}: {cost.seconds:.1f} s, {cost.requests} requests, "
            f"{cost.cpu:.2f} s of CPU in webserver and PostgreSQL",
            flush=True,
        )


def report_refresh(measured: Measured) -> float:
    """Let everything become stale, wait until it is fresh, and print what it cost; CPU seconds of an account."""
    count, (events, size) = len(measured.accounts), measured.events()
    measured.age()
    cost = measured.refresh() / count
    print(f"{count} accounts: {cost:.2f} s of CPU for an account and refresh, in all processes")
    added, grown = (now - before for now, before in zip(measured.events(), (events, size), strict=True))
    print(f"its events: {added / count:.0f} an account; Dagster's database grew by {grown} MB to {size + grown}")
    runs, events = len(measured.instance.get_run_ids()), events + added
    deleted = measured.forget()
    print(f"of {runs} runs {deleted} were superseded; of {events:,} events {measured.events()[0]:,} stay", flush=True)
    return cost


def measure(measured: Measured, stack: Processes, chosen: argparse.Namespace) -> bool:
    """Print everything; False where a promise is broken."""
    first, *others = measured.accounts
    measured.first_load([first] if chosen.copied else measured.accounts)
    if chosen.copied:
        copy_account(measured.engine, measured.instance, first, copies=range(others[0], others[-1] + 1))
    print(f"loaded: {measured.events()[0]:,} events", flush=True)
    port = stack.reserve_port(3950)
    dagster = RunningDagster(f"http://{HOST}:{port}")
    stack.start_webserver(port)
    stack.await_url("webserver", f"{dagster.url}/server_info")
    code_location(dagster)
    stack.start_daemon()
    costs = [report_refresh(measured) for _ in range(chosen.refreshes)]
    report_pages(measured, dagster)
    flat = [
        report_clock(measured, dagster, minutes=chosen.minutes),
        report_ticks(measured, dagster, count=chosen.ticks),
    ]
    return all(flat) and max(costs, default=0) <= PROMISED_CPU


def main() -> int:
    """Start everything and measure; exit 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--refreshes", type=int, default=1)
    parser.add_argument("--copied", action="store_true", help="load one account, and let the others stand as it does")
    parser.add_argument("--minutes", type=float, default=60, help="of the daemon's ticks, by the clock")
    parser.add_argument("--ticks", type=int, default=240, help="without waiting: four hours of them")
    chosen = parser.parse_args()
    adopt_orphans()
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
            beside = frozenset(descendants(os.getpid()))
            measured = Measured(settings, instance, home, accounts, engine, dagster, beside)
            return 0 if measure(measured, stack, chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
