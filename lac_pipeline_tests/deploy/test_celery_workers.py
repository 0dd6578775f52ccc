"""Runs spread over two Celery workers: the commands of docs/scaling.md, with a real broker and database.

It needs what the project itself does not: `dagster-celery[redis]` in the environment, and a `redis-server`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.deploy.deployment import ROOT
from lac_pipeline_tests.ports import free_port

BIN = Path(sys.executable).parent
BROKER = shutil.which("redis-server")
DAYS = 10
PATIENCE = 420.0  # seconds; some 150 on two idle cores, 60 of which the sensor waits
SYNCED = len(STREAMS.chosen("default"))
DATABASES = ("celery_warehouse", "celery_dagster")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROKER is None, reason="no redis-server is installed: `apt-get install redis-server`"),
    pytest.mark.skipif(
        importlib.util.find_spec("dagster_celery") is None,
        reason="dagster-celery is not in the lock: `pip install 'dagster-celery[redis]'`, of dagster-postgres' version",
    ),
]


@dataclass
class Machines:
    """Two workers and a daemon, as processes of this machine, and what they load."""

    world: World
    engine: Engine
    logs: Path

    def loaded(self) -> int:
        """How many loads ended well."""
        with self.engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM linkedin_ads.sync_log WHERE status = 'success'")) or 0

    def await_loads(self, expected: int) -> None:
        """Wait until so many loads ended well."""
        deadline = time.monotonic() + PATIENCE
        while (loaded := self.loaded()) < expected:
            tails = "\n".join(log.read_text(errors="replace")[-1500:] for log in self.logs.glob("*.log"))
            assert time.monotonic() < deadline, f"{loaded} of {expected}\n{tails}"
            time.sleep(1)

    def runs_of(self, worker: str) -> int:
        """How many runs a worker has done."""
        log = (self.logs / f"{worker}.log").read_text(errors="replace")
        return len(re.findall(r"Task execute_job\[\S+\] succeeded", log))


class Leashes(contextlib.ExitStack):
    """Processes that end with this block, the last one started first."""

    def start(self, name: str, command: list[str], *, env: dict[str, str], logs: Path) -> None:
        """Start a command; what it prints goes to a file of its name."""
        with (logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lac_pipeline.commands.stack.supervise", *command],
                env=env,
                cwd=logs,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.callback(self._end, process)

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)


def settings(world: World, url: str, server: EmbeddedServer, home: Path) -> dict[str, str]:
    """The environment of every machine: that of this test with the pipeline's settings."""
    broker = f"redis://127.0.0.1:{free_port(6390)}"
    start = utc_now().date() - timedelta(days=DAYS - 1)
    ours = connection_settings(world, url) | {
        "DATABASE_URL": server.url(DATABASES[0]),
        "DAGSTER_POSTGRES_DB": DATABASES[1],
        "LAC_HOME": str(home),
        "LAC_ENV_FILE": "",
        "LAC_START_DATE": f"{start}",
        "CELERY_BROKER_URL": f"{broker}/0",
        "CELERY_RESULT_BACKEND": f"{broker}/1",
    }
    return os.environ | ours | {"PATH": f"{BIN}:{os.environ['PATH']}", "NO_PROXY": "127.0.0.1"}


def start_all(leashes: Leashes, env: dict[str, str], logs: Path) -> None:
    """Start broker, workers and daemon by the commands of docs/scaling.md."""
    instance = logs / "instance"
    instance.mkdir()
    shutil.copy(ROOT / "deploy" / "celery" / "dagster.yaml", instance)
    port = env["CELERY_BROKER_URL"].rpartition(":")[2].partition("/")[0]
    redis = [str(BROKER), "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    leashes.start("redis", redis, env=env, logs=logs)
    lac = [str(BIN / "lac"), "exec", "--", "env", f"DAGSTER_HOME={instance}"]
    worker = [*lac, "celery", "-A", "dagster_celery.app", "worker", "-c", "1", "--prefetch-multiplier=1"]
    for name in ("one", "two"):
        leashes.start(name, [*worker, "-n", f"{name}@%h", "--loglevel", "INFO"], env=env, logs=logs)
    daemon = [*lac, "dagster-daemon", "run", "-w", str(ROOT / "workspace.yaml")]
    leashes.start("daemon", daemon, env=env, logs=logs)


@pytest.fixture
def machines(server: EmbeddedServer) -> Iterator[Machines]:
    """Four accounts of which nothing is loaded, and machines whose sensors find them."""
    world = World.synthetic(accounts=4, campaigns=3, creatives=6, days=DAYS)
    for database in DATABASES:
        server.ensure_database(database)
    with (
        tempfile.TemporaryDirectory(prefix="lac-celery-") as folder,
        SimulatorServer(world) as simulator,
        Leashes() as leashes,
    ):
        env = settings(world, simulator.url, server, Path(folder) / "home")
        subprocess.run([str(BIN / "lac"), "migrate"], env=env, cwd=folder, check=True, capture_output=True)
        start_all(leashes, env, Path(folder))
        engine = make_engine(env["DATABASE_URL"])
        leashes.callback(engine.dispose)
        yield Machines(world, engine, Path(folder))


def impressions(machines: Machines, account: int, window: DateWindow) -> tuple[int, int]:
    """The rows and impressions of an account's campaigns that the table holds."""
    query = text(
        "SELECT count(*), coalesce(sum(impressions), 0) FROM linkedin_ads.campaign_daily_metrics "
        "WHERE account_id = :account AND date BETWEEN :first AND :last"
    )
    values = {"account": account, "first": window.start, "last": window.last}
    with machines.engine.connect() as connection:
        rows, seen = connection.execute(query, values).one()
    return int(rows), int(seen)


def test_two_workers_share_the_runs_and_load_everything_once(machines: Machines) -> None:
    """Both workers take runs, each load happens once, and rows and calls are those that LinkedIn counts."""
    accounts: list[Any] = machines.world.truth.accounts()
    machines.await_loads(SYNCED * len(accounts))

    assert machines.runs_of("one") > 0
    assert machines.runs_of("two") > 0
    assert machines.loaded() == SYNCED * len(accounts)
    yesterday = utc_now().date() - timedelta(days=1)
    window = DateWindow.inclusive(yesterday - timedelta(days=DAYS - 2), yesterday)
    for account in (int(record["id"]) for record in accounts):
        truth = machines.world.truth.analytics(account, "CAMPAIGN", "DAILY", window, ["impressions"])
        assert impressions(machines, account, window) == (len(truth), sum(row["impressions"] for row in truth))
    with machines.engine.connect() as connection:
        calls = connection.scalar(text("SELECT sum(calls) FROM linkedin_ads.api_usage"))
    assert calls == sum(machines.world.calls.values())
