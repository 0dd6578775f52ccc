"""One `lac up` in a home: a second one is refused with the address of the first, and nothing stale is in its way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from lac_pipeline.commands.stack.home_lock import home_lock
from lac_pipeline.errors import LacError
from lac_pipeline.postgres.databases import maintenance_connection
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.sole_user import sole_user
from lac_pipeline_tests.cli.conftest import Lac

URL = "http://127.0.0.1:3999"
HOLDS = """
import sys
from pathlib import Path
from lac_pipeline.commands.stack.home_lock import home_lock
from lac_pipeline.commands.stack.processes import Processes
home = Path(sys.argv[1])
with home_lock(home) as lock, Processes(home / "logs", lock=lock.descriptor) as processes:
    lock.announce("http://127.0.0.1:3999")
    processes.start("child", ["http.server", "0", "--bind", "127.0.0.1"])
    print(lock.descriptor, flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs in the home, with a child of its own."""
    command = [sys.executable, "-c", HOLDS, str(home)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_up_is_refused(lac: Lac, settings_given: dict[str, str]) -> None:
    """The command names the address and the process of the one that runs, and starts nothing."""
    home = Path(settings_given["LAC_HOME"])
    with holding(home) as process:
        result = lac("up")
    assert result.code == 1
    assert f"lac already runs in {home}" in result.error
    assert URL in result.error
    assert f"process {process.pid}" in result.error
    assert not (home / "dagster").exists()


def test_a_second_up_in_one_dagster_database_is_refused(
    lac: Lac, settings_given: dict[str, str], server: EmbeddedServer
) -> None:
    """From another home or machine, too: the command names the one that works there, and starts no process."""
    database = settings_given["DAGSTER_POSTGRES_DB"]
    server.ensure_database(database)
    with sole_user(server.url(database), name="lac up on elsewhere, process 7") as other:
        assert other is None
        result = lac("up")
    assert result.code == 1
    assert f"another lac up works in the Dagster database {database}" in result.error
    assert "lac up on elsewhere, process 7" in result.error
    assert "DAGSTER_POSTGRES_DB" in result.error
    assert not (Path(settings_given["LAC_HOME"]) / "logs").exists()


def test_a_database_is_free_again_after_its_user(server: EmbeddedServer, database_url: str) -> None:
    """The lock goes with the block, also where the server has ended its connection meanwhile."""
    with sole_user(database_url, name="first") as other:
        assert other is None
        with sole_user(database_url, name="second") as first:
            assert first == "first"
        with maintenance_connection(server.url()) as connection:
            ended = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'first'"
            assert connection.scalars(text(ended)).all() == [True]
            connection.engine.dispose()
    with sole_user(database_url, name="third") as other:
        assert other is None


def test_after_kill_nothing_stale_is_left(tmp_path: Path) -> None:
    """Killed without a chance to clean up, it leaves a lock that is free as soon as its children have ended."""
    with holding(tmp_path) as process:
        process.kill()
        process.wait()
        with home_lock(tmp_path):
            assert children_of(tmp_path) == []


def children_of(home: Path) -> list[str]:
    """The processes that still have the home's lock open."""
    lock, mine = (home / "up.lock").resolve(), Path("/proc/self").resolve()
    holders = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            files = [file.readlink() for file in (folder / "fd").iterdir()]
        except OSError:
            continue
        if lock in files and folder.name != mine.name:
            holders.append(folder.name)
    return holders


def test_one_after_the_other(tmp_path: Path) -> None:
    """Ended as it should, it makes way at once; two at a time in one process are refused too."""
    with home_lock(tmp_path), pytest.raises(LacError, match="lac already runs in"), home_lock(tmp_path):
        pass
    with home_lock(tmp_path):
        pass
