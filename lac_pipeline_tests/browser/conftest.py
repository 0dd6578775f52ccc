"""A whole stack for the tests that click: PostgreSQL, a simulated LinkedIn, Dagster's webserver and daemon."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.session.sync_session import open_session
from lac_pipeline.commands.simulator import connection_settings
from lac_pipeline.commands.stack.environment import environment
from lac_pipeline.commands.stack.processes import Processes
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.postgres.databases import DropDatabase, maintenance_connection
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.settings import Settings, isolate
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.ports import free_port

HISTORY = timedelta(days=34)
"""Enough for a backfill of a month."""


_SENSORS = """{ sensorsOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "lac"}) {
  ... on Sensors { results { id } } } }"""
_STOP = "mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }"


@dataclass
class Stack:
    """What runs: the world that LinkedIn shows, the processes, the warehouse, and Dagster at its address."""

    world: World
    settings: Settings
    processes: Processes
    warehouse: Warehouse
    dagster: RunningDagster
    port: int
    accounts: list[str]

    def start(self) -> None:
        """Start the webserver and the daemon, and wait until the code location has loaded."""
        self.processes.start_webserver(self.port)
        self.processes.start_daemon()
        self.await_webserver()

    def start_without_sensors(self) -> None:
        """Start them with every sensor turned off, so that only what is requested is done."""
        self.processes.start_webserver(self.port)
        self.await_webserver()
        for sensor in self.dagster.execute(_SENSORS)["sensorsOrError"]["results"]:
            self.dagster.execute(_STOP, id=sensor["id"])
        self.processes.start_daemon()

    def await_webserver(self) -> None:
        """Wait until the webserver responds, which it does when the code location has loaded."""
        self.processes.await_url("webserver", f"{self.dagster.url}/server_info")


def own_port() -> int:
    """A free port from a range that other processes of these tests do not look at.

    A webserver listens seconds after its port was found free. Two that began at once would take the same one; the
    second ends, and its test would talk to the Dagster of the first.
    """
    return free_port(10_000 + os.getpid() % 200 * 100)


@contextmanager
def running_stack(
    world: World, server: EmbeddedServer, *, name: str, loaded: bool, sensors: bool = True
) -> Iterator[Stack]:
    """Start everything; `loaded` syncs all accounts first, so that the sensors find nothing to do."""
    accounts = [int(account["id"]) for account in world.truth.accounts()]
    before, interrupt = dict(os.environ), signal.getsignal(signal.SIGINT)
    home = Path(tempfile.mkdtemp(prefix="lac-stack-"))
    databases = (f"{name}_{os.getpid()}", f"{name}_dagster_{os.getpid()}")
    server.ensure_database(databases[0])
    with SimulatorServer(world) as simulator, Processes(home / "logs") as processes:
        start = utc_now().date() - HISTORY
        isolate(
            connection_settings(world, simulator.url)
            | {"DATABASE_URL": server.url(databases[0]), "DAGSTER_POSTGRES_DB": databases[1], "LAC_HOME": str(home)}
            | {"LAC_START_DATE": f"{start}", "LAC_ACCOUNT_IDS": ",".join(map(str, accounts))}
        )
        with environment(Settings.load(), migrated=True) as settings, open_warehouse(settings) as warehouse:
            with open_session(settings) as session:
                session.accounts("all")
                if loaded:
                    results = list(session.sync(accounts, SyncRequest()))
                    assert [result.failure for result in results if result.failure] == []
            port = own_port()
            dagster = RunningDagster(f"http://127.0.0.1:{port}")
            stack = Stack(world, settings, processes, warehouse, dagster, port, [str(account) for account in accounts])
            stack.start() if sensors else stack.start_without_sensors()
            yield stack
    signal.signal(signal.SIGINT, interrupt)  # which ending the processes has turned off
    os.environ.clear()
    os.environ.update(before)
    with maintenance_connection(server.url()) as connection:
        for database in databases:
            connection.execute(DropDatabase(database))
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def stack(server: EmbeddedServer) -> Iterator[Stack]:
    """Two accounts, loaded, and a Dagster to click in."""
    world = World.synthetic(accounts=2, campaigns=6, creatives=8, days=60)
    with running_stack(world, server, name="stack", loaded=True) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(stack: Stack) -> Iterator[Browser]:
    """A headless Chromium; where none is installed, the tests that need it are skipped.

    It holds an event loop of this thread for as long as it lives, so what runs assets here has to be done before.
    """
    assert stack.accounts
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium is installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Eyes:
    """Looks at pages of the Dagster UI, and keeps pictures of them where LAC_SCREENSHOTS names a folder."""

    page: Page
    dagster: RunningDagster

    def open(self, path: str) -> Page:
        """Go to a page of the UI."""
        self.page.goto(f"{self.dagster.url}{path}")
        return self.page

    def sees(self, text: str, *, within_seconds: float = 30) -> None:
        """Wait until the text is on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=within_seconds * 1000)

    def picture(self, name: str) -> None:
        """Keep what is seen, where pictures were requested."""
        if folder := os.environ.get("LAC_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def eyes(chromium: Browser, stack: Stack) -> Iterator[Eyes]:
    """A fresh browser window on the stack's UI."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield Eyes(context.new_page(), stack.dagster)
    context.close()
