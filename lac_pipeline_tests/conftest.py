"""Databases for all tests: one embedded PostgreSQL a session, an empty or a migrated database a test."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from lac_pipeline.clock import MovableClock, utc_now
from lac_pipeline.postgres.databases import CreateDatabase, DropDatabase, ensure_database, maintenance_connection
from lac_pipeline.postgres.embedded.place import elsewhere
from lac_pipeline.postgres.embedded.server import DATABASE, EmbeddedServer
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline_tests.examples import register_profiles
from lac_pipeline_tests.unit import guarded, is_unit

HOME, GIVEN_SERVER = "LAC_TESTS_POSTGRES", "LAC_TESTS_SERVER"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a random name is made in it
_ROOM = 2 << 30  # bytes
_numbers = itertools.count()

register_profiles()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person try more histories of failures than `make test-slow` does."""
    parser.addoption("--fault-seeds", type=int, default=20, help="how many seeded histories of failures are tried")
    parser.addoption("--first-seed", type=int, default=0, help="the seed of the first of them")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the server's home once, so that xdist's workers, which inherit the environment, share one server.

    What Dagster calls beta or preview is no error. These names import Dagster, so xdist's controller, which runs no
    test, is spared them: every second that it takes to start is one before the workers start.
    """
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        for warning in ("BetaWarning", "PreviewWarning"):
            config.addinivalue_line("filterwarnings", f"ignore::dagster.{warning}")
    if not hasattr(config, "workerinput"):
        in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
        home = Path(tempfile.mkdtemp(prefix="lac-tests-", dir=_MEMORY if in_memory else None))
        home.chmod(0o711)  # as root the server runs as another user, who has to get in
        os.environ[HOME] = str(home)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the server's home when all workers are gone."""
    if not hasattr(config, "workerinput"):
        home = Path(os.environ.pop(HOME))
        if (place := elsewhere(home)) is not None:  # of root, with TMPDIR in a private folder
            shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Let Python's cyclic collector pass over what is imported, now and in the tests: a third of the time it takes."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what `make test-unit` runs alone, and what `make test` leaves to `make test-whole`."""
    if is_unit(item):
        item.add_marker(pytest.mark.unit)
    if "pipeline" in getattr(item, "fixturenames", ()) and item.get_closest_marker("core") is None:
        item.add_marker(pytest.mark.whole)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Hold the fixtures of a unit test to what its marker says."""
    with guarded() if item.get_closest_marker("unit") else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Hold a unit test to what its marker says."""
    with guarded() if item.get_closest_marker("unit") else nullcontext():
        return (yield)


@contextmanager
def own_environment() -> Iterator[None]:
    """Put the environment's variables back as they were; the settings that a test exports are its own."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(autouse=True)
def surroundings() -> Iterator[None]:
    """Each test has a shell's umask, and an environment of its own; `lac`, run in this process, changes both."""
    umask = os.umask(0o022)
    with own_environment():
        yield
    os.umask(umask)


@pytest.fixture(autouse=True)
def clock() -> Iterator[MovableClock]:
    """The clock of this process, which a test may set where what it tests depends on the day or the hour."""
    yield utc_now
    utc_now.set(None)


class GivenServer:
    """A PostgreSQL that is running already, of a version other than the embedded one's; `.ci/postgres` starts it."""

    def __init__(self, url: str) -> None:
        self._url = read_url(url)

    def url(self, database: str = DATABASE, driver: str = "postgresql+psycopg") -> str:
        """Write the URL of one of the server's databases."""
        return write_url(self._url.set(drivername=driver, database=database))

    def ensure_database(self, name: str) -> bool:
        """Make a database unless it exists; True when it was made."""
        return ensure_database(self.url(name))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer | GivenServer]:
    """A PostgreSQL server shared by all workers of the session; the last one stops it, unless it was given."""
    if GIVEN_SERVER in os.environ:
        given = GivenServer(os.environ[GIVEN_SERVER])
        given.ensure_database(DATABASE)
        yield given
        return
    with EmbeddedServer(Path(os.environ[HOME]), durable=False) as running:
        yield running


@pytest.fixture
def reachable_path() -> Path:
    """A new folder that other users may enter, unlike `tmp_path`; as root, a server of this test's own needs one."""
    folder = Path(tempfile.mkdtemp(dir=os.environ[HOME]))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def maintenance(server: EmbeddedServer) -> Iterator[Connection]:
    """A connection that makes and drops databases."""
    with maintenance_connection(server.url()) as connection:
        yield connection
    connection.engine.dispose()


@pytest.fixture
def database_url(server: EmbeddedServer, maintenance: Connection) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    yield from fresh_warehouse(server, maintenance, template="template0")


@pytest.fixture(scope="session")
def warehouse_template(server: EmbeddedServer) -> str:
    """The name of a migrated database without rows; one a worker, as a template must be idle while it is copied."""
    from lac_pipeline.warehouse.migrate import upgrade

    name = f"template_{os.getpid()}"
    server.ensure_database(name)
    upgrade(server.url(name))
    return name


@pytest.fixture
def warehouse_url(server: EmbeddedServer, maintenance: Connection, warehouse_template: str) -> Iterator[str]:
    """The URL of a migrated database of this test's own, without rows."""
    yield from fresh_warehouse(server, maintenance, template=warehouse_template)


@pytest.fixture(scope="module")
def module_warehouse_url(server: EmbeddedServer, maintenance: Connection, warehouse_template: str) -> Iterator[str]:
    """The URL of a migrated database for a module whose tests read what is written once."""
    yield from fresh_warehouse(server, maintenance, template=warehouse_template)


@pytest.fixture(scope="module")
def module_engine(module_warehouse_url: str) -> Iterator[Engine]:
    """An engine on that database."""
    from lac_pipeline.postgres.engine import make_engine

    engine = make_engine(module_warehouse_url)
    yield engine
    engine.dispose()


def fresh_warehouse(server: EmbeddedServer, maintenance: Connection, *, template: str) -> Iterator[str]:
    """Make a database from a template, and drop it afterwards."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    maintenance.execute(CreateDatabase(name, template=template))
    yield server.url(name)
    maintenance.execute(DropDatabase(name))


@pytest.fixture
def engine(warehouse_url: str) -> Iterator[Engine]:
    """An engine on the test's own migrated database, made as the pipeline makes it."""
    from lac_pipeline.postgres.engine import make_engine

    engine = make_engine(warehouse_url)
    yield engine
    engine.dispose()
