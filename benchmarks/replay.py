"""How much faster a replay is than the sync that it repeats: `python -m benchmarks.replay`.

One account with 40 campaigns, 160 creatives and 90 days (`--days`), the default streams (`--streams`). `lac sync` into
an empty database, then `lac replay` of what that archived into another empty one, in turn, each in a process of its own
like the simulated LinkedIn. Prints the time by the clock and the CPU seconds of the process and of PostgreSQL (from
/proc, so Linux only). Exits 1 if the replay is not five times as fast by the clock as the sync.

`--seconds` is how long LinkedIn takes for a response, half a second by default. With 0 the ratio is that of the work.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.dagster_storage import postgres_cpu
from benchmarks.end_to_end import WorldSize, simulator
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.settings import Settings, isolate

TIMES = 5.0
"""How many times as fast as the sync a replay has to be."""
SYNC = ("sync", "--account", "all")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds by the clock, CPU seconds of its process and of PostgreSQL."""

    clock: float
    process: float
    postgres: float


def run(arguments: tuple[str, ...], home: Path) -> Cost:
    """Run `lac` with the settings of this process."""
    before, began = (postgres_cpu(home), os.times()), time.monotonic()
    command = [sys.executable, "-m", "lac_pipeline", *arguments]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    clock, after = time.monotonic() - began, os.times()
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}\n{ended.stdout}\n{ended.stderr}")
    user, system = after.children_user - before[1].children_user, after.children_system - before[1].children_system
    return Cost(clock, user + system, postgres_cpu(home) - before[0])


def load(name: str, arguments: tuple[str, ...], home: Path, given: Mapping[str, str]) -> Cost:
    """Run `lac` on an empty database of this name."""
    isolate({**given, "POSTGRES_DB": name, "DAGSTER_POSTGRES_DB": f"{name}_dagster"})
    with environment(Settings.load(), migrated=True):
        return run(arguments, home)


def measure(home: Path, connection: Mapping[str, str], rounds: int) -> tuple[list[Cost], list[Cost]]:
    """The costs of the syncs and of the replays, in turn."""
    syncs, replays = [], []
    for number in range(rounds):
        archive = str(home / f"archive_{number}")
        given = {**connection, "LAC_HOME": str(home / "home"), "LAC_RAW_URL": archive}
        syncs.append(load(f"sync_{number}", SYNC, home, given))
        start = Settings.load().start_date.isoformat()
        replays.append(load(f"replay_{number}", ("replay", "--account", "all", "--since", start), home, given))
    return syncs, replays


def middle(costs: list[Cost]) -> Cost:
    """The median of each."""
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in ("clock", "process", "postgres")))


def main() -> int:
    """Sync and replay in turn; exit 1 if the replay is too slow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=0.5, help="How long LinkedIn takes for a response.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--streams", default="default")
    parser.add_argument("--days", type=int, default=90)
    chosen = parser.parse_args()
    size = WorldSize(accounts=1, days=chosen.days)
    with tempfile.TemporaryDirectory(prefix="lac-replay-") as folder, simulator(size, chosen.seconds) as connection:
        home = Path(folder)
        home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        given = {**connection, "LAC_STREAMS": chosen.streams}
        isolate({**given, "LAC_HOME": str(home / "home")})
        with environment(Settings.load(), migrated=True):  # the server that all databases are on
            sync, replay = map(middle, measure(home, given, chosen.rounds))
    print(f"medians of {chosen.rounds} runs, {chosen.seconds} s for a response\n")
    print("| | clock, s | process, s | PostgreSQL, s |\n|---|---|---|---|")
    for name, cost in (("lac sync", sync), ("lac replay", replay)):
        print(f"| `{name}` | {cost.clock:.1f} | {cost.process:.2f} | {cost.postgres:.2f} |")
    times = sync.clock / replay.clock
    print(f"\nthe replay is {times:.1f} times as fast by the clock; at least {TIMES} times are promised")
    return 0 if times >= TIMES else 1


if __name__ == "__main__":
    sys.exit(main())
