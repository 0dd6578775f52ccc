"""How much memory a sync takes as its window grows: a process for each window, the largest it ever was.

Run it with `python -m benchmarks.memory`; `--days 3 18` chooses the windows. One account with 4,900 rows a day by
creative, every metric, over HTTP from the simulator into an embedded PostgreSQL, both in processes of their own. The
promise: no window takes more than 400 MB, nor the longest more than 1.2 times what the shortest takes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.query.freshness import FORCED
from lac_pipeline.windows import DateWindow

DAYS = (3, 18, 60)
MOST_MB = 400
MOST_GROWTH = 1.2
CAMPAIGNS, CREATIVES = 100, 4_900


@dataclass(frozen=True)
class Peak:
    """What one window took."""

    days: int
    rows: int
    seconds: float
    megabytes: float


def sync(pipe: Connection, account_id: int, days: int) -> None:
    """Sync both tables of daily metrics for the last days, in this process and nothing else, and send what it took."""
    settings = Settings.load()
    today = utc_now().date()
    window = DateWindow.inclusive(today - timedelta(days=days - 1), today)
    with open_session(settings) as session:
        began = time.monotonic()
        result = session.run(account_id, AssetGroup.METRICS, window, SyncRequest(), FORCED)
        if result.failure is not None:
            raise SystemExit(result.failure)
        rows = sum(attempt.fetched for attempt in result.attempts)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send(Peak(days, rows, time.monotonic() - began, most))


def simulate(days: int, pipe: Connection) -> None:
    """Serve LinkedIn until the pipe is closed, having sent where and how to reach it."""
    world = World.synthetic(accounts=1, campaigns=CAMPAIGNS, creatives=CREATIVES, days=days)
    with SimulatorServer(world) as simulator:
        pipe.send(connection_settings(world, simulator.url))
        pipe.poll(None)


def main() -> int:
    """Print the table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--days", type=int, nargs="+", default=DAYS)
    windows = sorted(parser.parse_args().days)
    processes = multiprocessing.get_context("spawn")
    home = Path(tempfile.mkdtemp(prefix="lac-memory-"))
    home.chmod(0o711)  # as root the embedded server runs as another user, who has to get in
    ours, theirs = processes.Pipe()
    simulator = processes.Process(target=simulate, args=(windows[-1], theirs), daemon=True)
    simulator.start()
    try:
        start = utc_now().date() - timedelta(days=windows[-1])
        isolate(ours.recv() | {"LAC_HOME": str(home), "LAC_METRICS": "all", "LAC_START_DATE": start.isoformat()})
        with environment(Settings.load(), migrated=True) as settings:
            with open_session(settings) as session:
                (account_id,) = session.accounts("all")
            return report([measure(processes, account_id, days) for days in windows])
    finally:
        ours.close()
        simulator.terminate()
        shutil.rmtree(home, ignore_errors=True)


def measure(processes: SpawnContext, account_id: int, days: int) -> Peak:
    """Sync in a process that begins empty."""
    ours, theirs = processes.Pipe()
    process = processes.Process(target=sync, args=(theirs, account_id, days))
    process.start()
    peak: Peak = ours.recv()
    process.join()
    return peak


def report(peaks: list[Peak]) -> int:
    """Print a line for each window; 1 when a promise is broken."""
    print("| days | rows | seconds | peak | to the shortest |\n|---|---|---|---|---|")
    for peak in peaks:
        growth = peak.megabytes / peaks[0].megabytes
        print(f"| {peak.days} | {peak.rows:,} | {peak.seconds:.0f} | {peak.megabytes:.0f} MB | {growth:.2f} |")
    kept = all(
        reading.megabytes <= MOST_MB and reading.megabytes <= MOST_GROWTH * peaks[0].megabytes for reading in peaks
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
