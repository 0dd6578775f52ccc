"""What a run of one asset costs before its own work begins: `python -m benchmarks.run_start`.

Launches runs of `campaigns` for an account that is fresh, so that nothing is requested, in turns with runs of a
project that does nothing but `import dagster`, on the same webserver, daemon and database. Prints medians of the time
from STARTING to the first step and to the end; ours may take a tenth more than the plain project's.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from lac_pipeline.commands.launch import JOB, code_location
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

ROUNDS = 7
ALLOWED = 1.1
PLAIN = Path(__file__).with_name("plain_dagster.py")
WORKSPACE = f"""load_from:
  - python_module: {{module_name: lac_pipeline.definitions, location_name: lac}}
  - python_file: {{relative_path: {PLAIN}, location_name: plain}}
"""
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
_LAUNCH = """mutation Launch($run: ExecutionParams!) { launchRun(executionParams: $run) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
_TIMES = """query Times($run: ID!) { runOrError(runId: $run) { ... on Run { status }}
  logsForRun(runId: $run) { ... on EventConnection { events { ... on MessageEvent { eventType timestamp } } } } }"""

Times = tuple[float, float]


def launch(dagster: RunningDagster, location: str, asset: str, tags: Mapping[str, str]) -> Times:
    """Run one asset; the seconds from STARTING to its step, and to the run's end."""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": location,
        "pipelineName": JOB,
        "assetSelection": [{"path": [asset]}],
    }
    tag_list = [{"key": key, "value": value} for key, value in tags.items()]
    run = {"selector": selector, "mode": "default", "runConfigData": {}, "executionMetadata": {"tags": tag_list}}
    run_id = dagster.execute(_LAUNCH, run=run)["launchRun"]["run"]["runId"]
    while (response := dagster.execute(_TIMES, run=run_id))["runOrError"]["status"] not in ENDED:
        time.sleep(0.2)
    assert response["runOrError"]["status"] == "SUCCESS", run_id
    whole = dagster.execute(_TIMES, run=run_id)  # a response reads the log before it reads how the run stands
    return _seconds(whole["logsForRun"]["events"])


def _seconds(events: list[dict[str, Any]]) -> Times:
    at: dict[str, float] = {}
    for event in events:
        at.setdefault(event["eventType"], int(event["timestamp"]) / 1000)
    return at["STEP_START"] - at["RUN_STARTING"], at["RUN_SUCCESS"] - at["RUN_STARTING"]


def measure(dagster: RunningDagster, account: str) -> bool:
    """Print a line for each project; False when ours starts too late."""
    runs: dict[str, Callable[[], Times]] = {
        "plain Dagster": lambda: launch(dagster, "plain", "nothing", {}),
        "this project": lambda: launch(dagster, "lac", "campaigns", {PARTITION: account}),
    }
    for run in runs.values():  # files are read into memory
        run()
    taken: dict[str, list[Times]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            taken[name].append(run())
    print(f"medians of {ROUNDS} runs | to the step, s | to the end, s")
    for name, times in taken.items():
        to_step, to_end = (median(seconds) for seconds in zip(*times, strict=True))
        print(f"{name} | {to_step:.2f} | {to_end:.2f}", flush=True)
    pairs = zip(*taken.values(), strict=True)
    ratio: float = median(ours[0] / plain[0] for plain, ours in pairs)
    print(f"to the step: {ratio:.2f} times plain Dagster (promised: {ALLOWED})")
    return ratio <= ALLOWED


def main() -> int:
    """Start everything and measure; exit 1 if the promise is broken."""
    world = World.synthetic(accounts=1, campaigns=6, creatives=8, days=5)
    with tempfile.TemporaryDirectory(prefix="lac-run-start-") as folder, SimulatorServer(world) as simulator:
        home = Path(folder)
        home.chmod(0o755)  # as root PostgreSQL runs as another user, who has to get in
        isolate(connection_settings(world, simulator.url) | {"LAC_HOME": str(home / "home")})
        (home / "workspace.yaml").write_text(WORKSPACE)
        with environment(Settings.load(), migrated=True) as settings, Processes(home / "logs") as processes:
            with open_session(settings) as session:
                (account,) = session.accounts("all")
                assert not [result.failure for result in session.sync([account], SyncRequest()) if result.failure]
            port, files = processes.reserve_port(3950), ["-w", str(home / "workspace.yaml")]
            dagster = RunningDagster(f"http://{HOST}:{port}")
            processes.start("webserver", ["dagster_webserver", "-h", HOST, "-p", str(port), *files])
            processes.start("daemon", ["dagster._daemon", "run", *files])
            processes.await_url("webserver", f"{dagster.url}/server_info")
            code_location(dagster)
            return 0 if measure(dagster, str(account)) else 1


if __name__ == "__main__":
    sys.exit(main())
