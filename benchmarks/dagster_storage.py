"""What a run costs PostgreSQL with Dagster's stock storage and with ours: `python -m benchmarks.dagster_storage`.

Starts the same stack twice, once with each storage in `dagster.yaml`, launches runs of `campaigns` through the
webserver and the daemon's queue, and prints for a run the sessions that PostgreSQL opened, the CPU seconds of all its
processes (from /proc, so Linux only) and the time to the end. What the idle daemon and webserver cost meanwhile is in
it for both. With ours a run may open fifteen sessions and cost PostgreSQL half a second.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import NullPool, create_engine, text

from benchmarks.run_start import launch
from lac_pipeline.commands.launch import code_location
from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.stack.processes import HOST, Processes
from lac_pipeline.defs.partitions import PARTITION
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World

ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")
STOCK = """storage:
  postgres:
    postgres_url: {env: DAGSTER_POSTGRES_URL}
"""
STORAGES = {"stock": STOCK, "pooled": None}
PROMISED_SESSIONS, PROMISED_CPU = 15, 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost: sessions opened, CPU seconds of PostgreSQL, seconds to the end."""

    sessions: int
    cpu: float
    seconds: float


@contextmanager
def running(storage: str | None) -> Iterator[tuple[RunningDagster, str, Path]]:
    """A webserver and a daemon over one synced account; yields where they are, the account, and the home."""
    world = World.synthetic(accounts=1, campaigns=6, creatives=8, days=5)
    with tempfile.TemporaryDirectory(prefix="lac-storage-") as folder, SimulatorServer(world) as simulator:
        home = Path(folder)
        home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        isolate(connection_settings(world, simulator.url) | {"LAC_HOME": str(home / "home")})
        with environment(Settings.load(), migrated=True) as settings, Processes(home / "logs") as processes:
            file = Path(os.environ["DAGSTER_HOME"]) / "dagster.yaml"
            if storage is not None:
                before, _, rest = file.read_text().partition("storage:\n")
                file.write_text(before + storage + "\n" + rest[rest.index("\n\n") :])
            with open_session(settings) as session:
                (account,) = session.accounts("all")
                assert not [result.failure for result in session.sync([account], SyncRequest()) if result.failure]
            port = processes.reserve_port(3950)
            dagster = RunningDagster(f"http://{HOST}:{port}")
            workspace = ["-m", "lac_pipeline.definitions"]
            processes.start("webserver", ["dagster_webserver", "-h", HOST, "-p", str(port), *workspace])
            processes.start("daemon", ["dagster._daemon", "run", *workspace])
            processes.await_url("webserver", f"{dagster.url}/server_info")
            code_location(dagster)
            yield dagster, str(account), home / "home"


def measure(dagster: RunningDagster, account: str, home: Path) -> Cost:
    """Launch a run and read PostgreSQL's counters before and after it."""
    sessions, cpu, began = count_sessions(), postgres_cpu(home), time.monotonic()
    launch(dagster, code_location(dagster).location, "campaigns", {PARTITION: account})
    seconds = time.monotonic() - began
    time.sleep(1)  # the counters of a session are added up when it ends
    return Cost(count_sessions() - sessions, postgres_cpu(home) - cpu, seconds)


def count_sessions() -> int:
    """The sessions that the server has ever opened to databases of ours."""
    engine = create_engine(os.environ["DAGSTER_POSTGRES_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        counted = text("SELECT coalesce(sum(sessions), 0) FROM pg_stat_database WHERE datname IS NOT NULL")
        return int(connection.execute(counted).scalar_one())


def postgres_cpu(home: Path) -> float:
    """CPU seconds of the server below `home`: its living processes, and those that have ended."""
    postmaster = int(next(home.rglob("postmaster.pid")).read_text().split()[0])
    stats = [_stat(pid) for pid in [postmaster, *_children(postmaster)]]
    living = sum(int(stat[11]) + int(stat[12]) for stat in stats if stat)
    main = _stat(postmaster)
    return (living + int(main[13]) + int(main[14])) / TICKS


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended before its file was opened, or before it was read
        return []


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def main() -> int:
    """Measure both storages, and print medians and their ratios; exit 1 if a promise is broken."""
    found: dict[str, list[Cost]] = {}
    for name, storage in STORAGES.items():
        with running(storage) as (dagster, account, home):
            measure(dagster, account, home)  # files are read into memory
            found[name] = [measure(dagster, account, home) for _ in range(ROUNDS)]
    print(f"medians of {ROUNDS} runs | sessions | CPU of PostgreSQL, s | to the end, s")
    medians = {
        name: [median(getattr(cost, field) for cost in costs) for field in Cost.__slots__]
        for name, costs in found.items()
    }
    for name, (sessions, cpu, seconds) in medians.items():
        print(f"{name} | {sessions:.0f} | {cpu:.2f} | {seconds:.1f}")
    ratios = (f"{pooled / stock:.2f}" for stock, pooled in zip(medians["stock"], medians["pooled"], strict=True))
    print(f"pooled / stock | {' | '.join(ratios)}")
    sessions, cpu, _ = medians["pooled"]
    return 0 if sessions <= PROMISED_SESSIONS and cpu <= PROMISED_CPU else 1


if __name__ == "__main__":
    sys.exit(main())
