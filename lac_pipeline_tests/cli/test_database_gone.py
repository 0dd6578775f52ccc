"""`lac sync` while PostgreSQL goes away or its disk fills: an error of four parts, and complete tables afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World

WITHIN = 600.0  # seconds; Dagster tries again for a minute and more to write down each event


@pytest.fixture
def own_server(reachable_path: Path) -> Iterator[EmbeddedServer]:
    """A PostgreSQL of this test's own, which may be killed."""
    server = EmbeddedServer(reachable_path, durable=False)
    server.start()
    yield server
    server.start()
    server.release()


@pytest.fixture
def small_disk(reachable_path: Path) -> Iterator[Path]:
    """A folder with room for little more than an empty server, which root can make of the memory."""
    folder = reachable_path / "disk"
    folder.mkdir(mode=0o711)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=0711", "none", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk takes the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def environ(own_server: EmbeddedServer, world: World, simulator: SimulatorServer, tmp_path: Path) -> dict[str, str]:
    """What `lac` is started with: that server, over TCP as any other."""
    return environ_of(own_server, world, simulator, tmp_path)


def environ_of(own_server: EmbeddedServer, world: World, simulator: SimulatorServer, tmp_path: Path) -> dict[str, str]:
    """Name that server to `lac`."""
    own_server.ensure_database("ads")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        **connection_settings(world, simulator.url),
        "DATABASE_URL": own_server.url("ads", "postgresql", tcp=True),
        "LAC_HOME": str(tmp_path / "home"),
        "LAC_START_DATE": f"{world.now().date() - timedelta(days=20)}",
        "LAC_SECRET_KEY": Fernet.generate_key().decode(),
    }


def begin(*arguments: str, environ: dict[str, str]) -> subprocess.Popen[str]:
    """Start `lac` as a process."""
    return subprocess.Popen(
        [sys.executable, "-m", "lac_pipeline", *arguments],
        env=environ,
        cwd=environ["HOME"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lac(*arguments: str, environ: dict[str, str]) -> str:
    """Run `lac`, which must succeed."""
    process = begin(*arguments, environ=environ)
    out, err = process.communicate(timeout=WITHIN)
    assert process.returncode == 0, f"{out}\n{err}"
    return out


def before_response(world: World, endpoint: str, act: Callable[[], None]) -> None:
    """Let something happen while LinkedIn is responding to the endpoint's first request."""

    def act_and_respond(body: bytes) -> bytes:
        act()
        return body

    world.faults.add(endpoint, kind="altered", call=1, alter=act_and_respond)


def kill(server: EmbeddedServer) -> None:
    """Kill the postmaster, as an out-of-memory killer does."""
    pid = int((server._cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)


def fill(ballast: Path) -> None:
    """Write until the disk has no room left."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(ballast).free == 0


def assert_error(process: subprocess.Popen[str]) -> str:
    """Wait for the end: a failure in four parts, exit status 1, no traceback, and no driver in the words of ours.

    Dagster itself may say before that on standard error that it could not write an event, in its driver's words.
    """
    out, err = process.communicate(timeout=WITHIN)
    assert process.returncode == 1, f"{out}\n{err}"
    for part in ("error: ", "detail:", "why:   ", "fix:   "):
        assert part in err, err
    for foreign in ("Traceback", 'File "'):
        assert foreign not in out + err, out + err
    message = err.partition("error: ")[2]
    for foreign in ("psycopg", "sqlalchemy"):
        assert foreign not in message, err
    return message


def statuses(environ: dict[str, str], statement: str, *, database: str) -> list[str]:
    """Read one column of one of the server's databases."""
    engine = make_engine(environ["DATABASE_URL"].replace("/ads", f"/{database}"))
    with engine.connect() as connection:
        found = [str(value) for value in connection.scalars(text(statement))]
    engine.dispose()
    return found


@pytest.mark.whole
@pytest.mark.parametrize("endpoint", ["adCampaigns", "adAnalytics"])
def test_a_postgresql_that_is_killed_in_mid_sync(
    endpoint: str, own_server: EmbeddedServer, environ: dict[str, str], world: World
) -> None:
    """The terminal says so in four parts; the next sync, with the server back, ends the run and loads everything."""
    lac("migrate", environ=environ)
    before_response(world, endpoint, partial(kill, own_server))
    assert "PostgreSQL" in assert_error(begin("sync", "--account", "all", environ=environ))
    own_server.start()
    lac("sync", "--account", "all", environ=environ)
    runs = "select distinct status from runs order by 1"
    assert statuses(environ, runs, database="dagster") == ["FAILURE", "SUCCESS"]
    running = "select status from linkedin_ads.sync_log where status = 'running'"
    assert statuses(environ, running, database="ads") == []
    (account,) = world.truth.accounts()
    campaigns = statuses(environ, "select name from linkedin_ads.campaigns order by id", database="ads")
    assert campaigns == [campaign["name"] for campaign in world.truth.campaigns(int(account["id"]))]


@pytest.mark.whole
def test_a_data_directory_without_room(
    small_disk: Path, world: World, simulator: SimulatorServer, tmp_path: Path
) -> None:
    """A disk that fills up in mid-sync is named in the error, and with room again everything is loaded."""
    with EmbeddedServer(small_disk, durable=False) as server:
        environ = environ_of(server, world, simulator, tmp_path)
        lac("migrate", environ=environ)
        ballast = small_disk / "ballast"
        before_response(world, "adCampaigns", partial(fill, ballast))
        assert "PostgreSQL" in assert_error(begin("sync", "--account", "all", environ=environ))
        ballast.unlink()
        server.start()
        lac("sync", "--account", "all", environ=environ)
        runs = statuses(environ, "select distinct status from runs order by 1", database="dagster")
        assert runs == ["FAILURE", "SUCCESS"]
