"""Behind PgBouncer in transaction mode, where it is installed: each transaction may get another server connection."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, func, make_url, select

from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.postgres.connecting import SESSION
from lac_pipeline.postgres.embedded.binaries import run_as_for
from lac_pipeline.postgres.embedded.cluster import free_port
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.postgres.url import server_url, write_url
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.cli.terminal import terminal
from lac_pipeline_tests.warehouse.loads import WINDOW, load_metrics, metric_rows

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed")

CONFIGURATION = """
[databases]
* = host={socket} port={port} user=lac
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
server_idle_timeout = 600
"""


@pytest.fixture
def configuration() -> str:
    """The pooler's configuration."""
    return CONFIGURATION


@pytest.fixture
def pooled_url(server: EmbeddedServer, database_url: str, reachable_path: Path, configuration: str) -> Iterator[str]:
    """An empty database of this test's own, through PgBouncer."""
    direct, listen = make_url(database_url), free_port(None)
    file = reachable_path / "pgbouncer.ini"
    file.write_text(
        configuration.format(socket=direct.query["host"], port=direct.query["port"], listen=listen),
    )
    user = run_as_for(Path(str(direct.query["host"])))
    process = subprocess.Popen(
        [str(PGBOUNCER), str(file)],
        user=user.user,
        group=user.group,
        extra_groups=user.extra_groups,
        stderr=subprocess.DEVNULL,
    )
    url = write_url(server_url(host="127.0.0.1", port=listen, user="lac", password=None, database=str(direct.database)))
    try:
        await_reply(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def await_reply(url: str) -> None:
    """Wait until the pooler listens."""
    deadline = time.monotonic() + 300
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
        else:
            return


def settings_left(url: str) -> set[tuple[str, ...]]:
    """What another client finds on four connections, which are the pooler's own four where one is between."""
    names = (
        "lock_timeout",
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "synchronous_commit",
        "search_path",
    )
    connections = [psycopg.connect(url) for _ in range(4)]
    try:
        query = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
        return {connection.execute(query).fetchone() or () for connection in connections}
    finally:
        for connection in connections:
            connection.close()


def locks_left(database_url: str) -> int:
    """How many advisory locks the database's sessions hold."""
    with psycopg.connect(write_url(make_url(database_url).set(drivername="postgresql"))) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
    return int(found[0]) if found else -1


@pytest.mark.whole
def test_migrations_and_loads_leave_nothing_on_pooled_connections(pooled_url: str, database_url: str) -> None:
    """Upgrades that race, and loads, work; no lock and no limit of theirs stays with a server connection."""
    code = "import sys; from lac_pipeline.warehouse.migrate import upgrade; upgrade(sys.argv[1])"
    racers = [subprocess.Popen([sys.executable, "-c", code, pooled_url]) for _ in range(3)]
    assert [racer.wait(120) for racer in racers] == [0] * 3
    engine = make_engine(pooled_url)
    migrate.require_head(engine)
    load_metrics(Warehouse(engine), metric_rows([1], WINDOW))
    load_metrics(Warehouse(engine), metric_rows([1, 2], WINDOW))
    engine.dispose()
    assert locks_left(database_url) == 0
    assert settings_left(pooled_url) == settings_left(write_url(make_url(database_url).set(drivername="postgresql")))


def test_each_transaction_is_in_utc(pooled_url: str) -> None:
    """Time zone, encoding and date style stay ours when transactions of several clients change places."""
    engines = [make_engine(pooled_url, pool_size=1) for _ in range(3)]
    found = [settings_within(engine) for _ in range(3) for engine in engines]
    for engine in engines:
        engine.dispose()
    assert found == [SESSION] * 9


def settings_within(engine: Engine) -> dict[str, str]:
    """What one transaction is set to."""
    with engine.begin() as connection:
        values = connection.execute(select(*map(func.current_setting, SESSION))).one()
    return dict(zip(SESSION, values, strict=True))


@pytest.mark.parametrize("configuration", [CONFIGURATION, f"{CONFIGURATION}ignore_startup_parameters = options\n"])
def test_psql_connects_where_the_pooler_takes_no_search_path(pooled_url: str, tmp_path: Path) -> None:
    """It works, reports that names need their schema, and leaves no search path on the pooler's connections."""
    settings = {
        **connection_settings(World.synthetic(), "http://127.0.0.1:9"),
        "DATABASE_URL": pooled_url,
        "LAC_HOME": str(tmp_path / "home"),
    }
    before = settings_left(pooled_url)
    with terminal("lac", "psql", "--csv", "SELECT 6 * 7", folder=tmp_path, variables=settings) as person:
        assert person.end() == 0, person.text
    *note, _, printed = person.text.splitlines()
    assert "write linkedin_ads. before the name" in " ".join(note)
    assert printed == "42"
    assert settings_left(pooled_url) == before
