"""What a refresh of several accounts in one run costs beside one account's: `python -m benchmarks.shared_runs`.

Executes runs of the metrics and of the entities over 1, 3, 10 and 20 accounts in turns, each in a process of its own as
Dagster's launcher starts it, and prints the CPU seconds of that process and of PostgreSQL (from /proc, so Linux only).
Ten accounts may cost three times as much as one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._grpc.types import ExecuteRunArgs

from benchmarks.dagster_storage import postgres_cpu
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
from lac_pipeline.windows import DateWindow

SIZES = (1, 3, 10, 20)
ROUNDS = 3
PROMISED = {10: 3.0}
"""How many times the cost of one account so many may cost."""
GROUPS = (AssetGroup.METRICS, AssetGroup.ENTITIES)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a run."""

    worker: float
    postgres: float

    @property
    def whole(self) -> float:
        """Both together."""
        return self.worker + self.postgres


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs are executed on: the settings, Dagster's instance, and the home of the embedded PostgreSQL."""

    settings: Settings
    instance: dg.DagsterInstance
    home: Path

    def refresh(self, accounts: Sequence[int], group: AssetGroup) -> Cost:
        """Execute a refresh as the freshness sensor requests it."""
        today = utc_now().date()
        window = DateWindow.inclusive(today - timedelta(days=3), today) if group is AssetGroup.METRICS else None
        requested = run_request(accounts, group, window, streams=self.settings.streams)
        module = ReconstructableRepository.for_module("lac_pipeline.definitions", "defs")
        job = module.get_reconstructable_job(JOB)
        partition = {} if requested.partition_key is None else {"dagster/partition": requested.partition_key}
        run = self.instance.create_run_for_job(
            job.get_definition(),
            asset_selection=frozenset(requested.asset_selection or ()),
            tags={**requested.tags, **partition},
            job_code_origin=job.get_python_origin(),
        )
        before = postgres_cpu(self.home), _children_cpu()
        arguments = ExecuteRunArgs(job.get_python_origin(), run.run_id, self.instance.get_ref()).get_command_args()[1:]
        subprocess.run([sys.executable, "-m", "dagster", *arguments], check=True, capture_output=True)
        after = postgres_cpu(self.home), _children_cpu()
        ended = self.instance.get_run_by_id(run.run_id)
        assert ended is not None
        assert ended.is_success, f"run {run.run_id} failed"
        return Cost(after[1] - before[1], after[0] - before[0])


def _children_cpu() -> float:
    """The CPU seconds of the processes that were started here and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def measure(stack: Stack, accounts: Sequence[int], group: AssetGroup) -> bool:
    """Print a line for each number of accounts; False when one costs more than promised."""
    stack.refresh(accounts, group)  # what is new is loaded, and files are in memory
    taken: dict[int, list[Cost]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):
        for size, costs in taken.items():
            costs.append(stack.refresh(accounts[:size], group))
    single, kept = median(cost.whole for cost in taken[1]), True
    print(f"\n{group}: medians of {ROUNDS} runs\n")
    print("| accounts | worker, s | PostgreSQL, s | times one account's | promised |")
    print("|---|---|---|---|---|")
    for size, costs in taken.items():
        ratio = median(cost.whole for cost in costs) / single
        kept = kept and ratio <= PROMISED.get(size, ratio)
        worker, postgres = (median(getattr(cost, name) for cost in costs) for name in ("worker", "postgres"))
        print(f"| {size} | {worker:.2f} | {postgres:.2f} | {ratio:.2f} | {PROMISED.get(size, '')} |", flush=True)
    return kept


def main() -> int:
    """Start everything and measure; exit 1 if the promise is broken."""
    world = World.synthetic(accounts=max(SIZES), campaigns=10, creatives=40, days=10)
    with tempfile.TemporaryDirectory(prefix="lac-shared-runs-") as folder, SimulatorServer(world) as simulator:
        home = Path(folder)
        home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        chosen = {"LAC_HOME": str(home / "home"), "LINKEDIN_REQUESTS_PER_SECOND": "100"}
        isolate(connection_settings(world, simulator.url) | chosen)
        with environment(Settings.load(), migrated=True) as settings, open_session(settings) as session:
            accounts = session.accounts("all")
            with dg.DagsterInstance.get() as instance:
                stack = Stack(settings, instance, home / "home")
                kept = [measure(stack, accounts, group) for group in GROUPS]
        return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
