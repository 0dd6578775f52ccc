"""One simulator for all its tests; every test gets a world of its own, at a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import NOW, Api


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorServer]:
    """One running simulator."""
    with SimulatorServer(World.demo(clock=lambda: NOW)) as running:
        yield running


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One HTTP client."""
    with httpx.Client(timeout=120) as client:
        yield client


@pytest.fixture
def world(simulator: SimulatorServer) -> World:
    """The demo's world at a clock that stands still, served."""
    simulator.world = World.demo(clock=lambda: NOW)
    return simulator.world


@pytest.fixture
def api(simulator: SimulatorServer, http: httpx.Client, world: World) -> Api:
    """A client of this test's world."""
    return Api(simulator.url, world, http)
