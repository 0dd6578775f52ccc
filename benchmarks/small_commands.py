"""What small commands cost, by the number of ad accounts: `python -m benchmarks.small_commands`.

Loads one account of a simulated LinkedIn by `lac sync`, copies how it stands to the other accounts, and runs `lac` as a
person does, each time in a process of its own. Prints the CPU seconds of that process and of PostgreSQL (from /proc, so
Linux only), and how many times the cost of one account's that is. Exits 1 if a process takes more than is promised.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import dagster as dg
from sqlalchemy import ColumnElement, Engine, Text, cast, func, insert, literal, select, true

from benchmarks.dagster_storage import postgres_cpu
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.schema.tables import Account, StreamState, SyncLog, table_of

SIZES = (1, 200, 1000)
ROUNDS = 3
EVERY = ("--account", "all")
PROMISED = {
    ("sync", *EVERY): {1: 1.0, 200: 2.0, 1000: 5.0},
    ("status",): {1: 0.6},
    ("plan", *EVERY): {1000: 10.0},
}
"""CPU seconds of the process, by the command and the number of accounts. The sync has nothing to load."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a command."""

    process: float
    postgres: float

    @property
    def whole(self) -> float:
        """Both together."""
        return self.process + self.postgres


def copy_account(engine: Engine, instance: dg.DagsterInstance, account_id: int, *, copies: range) -> None:
    """Let other ad accounts stand as this one does: known to Dagster, synced at the same times, without rows."""
    with engine.begin() as connection:
        for model, key in ((Account, "id"), (StreamState, "account_id"), (SyncLog, "account_id")):
            table = table_of(model)
            others = func.generate_series(copies.start, copies.stop - 1).table_valued("number").render_derived("others")
            given: dict[str, ColumnElement[Any]] = {
                column.name: column for column in table.c if column.computed is None
            }
            given[key] = others.c.number
            if model is Account:
                given["name"] = literal("account ", Text) + cast(others.c.number, Text)
            rows = select(*given.values()).where(table.c[key] == account_id)
            connection.execute(insert(table).from_select(list(given), rows.select_from(table.join(others, true()))))
    instance.add_dynamic_partitions(str(account_partitions.name), [str(number) for number in copies])


def run(arguments: Sequence[str], home: Path) -> Cost:
    """Run `lac` without a terminal, so that a plan is only printed."""
    before = postgres_cpu(home), os.times()
    command = [sys.executable, "-m", "lac_pipeline", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    after = os.times()
    user, system = after.children_user - before[1].children_user, after.children_system - before[1].children_system
    return Cost(user + system, postgres_cpu(home) - before[0])


def measure(arguments: tuple[str, ...], size: int, home: Path, *, single: float | None) -> tuple[float, bool]:
    """Print a line about a command; return what it costs, and whether that is as promised."""
    costs = [run(arguments, home) for _ in range(ROUNDS)]
    process, postgres = median(cost.process for cost in costs), median(cost.postgres for cost in costs)
    whole = median(cost.whole for cost in costs)
    promised = PROMISED[arguments].get(size)
    of = f"{process:.2f} | {postgres:.2f} | {whole / (single or whole):.1f} | {promised or ''}"
    print(f"| `lac {' '.join(arguments)}` | {size:,} | {of} |", flush=True)
    return whole, promised is None or process <= promised


def main() -> int:
    """Measure each command over each number of accounts; exit 1 if a promise is broken."""
    world, kept = World.synthetic(accounts=1, campaigns=10, creatives=40, days=10), True
    first = int(world.truth.accounts()[0]["id"])
    with tempfile.TemporaryDirectory(prefix="lac-small-") as folder, SimulatorServer(world) as simulator:
        home = Path(folder) / "home"
        home.parent.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        isolate(connection_settings(world, simulator.url) | {"LAC_HOME": str(home)})
        with environment(Settings.load(), migrated=True) as settings, open_warehouse(settings) as warehouse:
            run(("sync", *EVERY), home)
            print(f"medians of {ROUNDS} runs\n")
            print("| command | accounts | process, s | PostgreSQL, s | times one account's | promised |")
            print("|---|---|---|---|---|---|")
            single: dict[tuple[str, ...], float] = {}
            there = 1
            for size in SIZES:
                with dg.DagsterInstance.get() as instance:
                    copy_account(warehouse.engine, instance, first, copies=range(first + there, first + size))
                there = size
                for arguments in PROMISED:
                    whole, as_promised = measure(arguments, size, home, single=single.get(arguments))
                    single.setdefault(arguments, whole)
                    kept = kept and as_promised
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
