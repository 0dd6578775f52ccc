"""Any bounded series of failures ends with the truth or with a clear error, never with wrong rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lac_pipeline.errors import LinkedInError
from lac_pipeline.linkedin.metrics import CATALOGUE
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.faults import FaultKind
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import resource_of
from lac_pipeline.windows import ONE_DAY, DateWindow
from lac_pipeline_tests.linkedin.doubles import NOW, Clock, everything, simulated

ACCOUNT = 520000001
WINDOW = DateWindow(NOW.date() - timedelta(days=9), NOW.date() + ONE_DAY)
METRICS = CATALOGUE[:20]
KINDS = sorted(set(get_args(FaultKind)) - {"delay", "altered"})
STATUSES = (400, 403, 404, 408, 429, 500, 503, 504)

FAULTS = st.lists(
    st.tuples(st.integers(1, 14), st.sampled_from(KINDS), st.sampled_from(STATUSES)),
    max_size=8,
    unique_by=lambda f: f[0],
)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorServer]:
    """12 creatives on 10 days, responses cut at 50 rows, ragged pages: several windows, two calls each."""
    world = World.synthetic(campaigns=6, creatives=12, days=10, clock=Clock(), restated=False, ragged_pages=True)
    world.switches.analytics_cap = 50
    with SimulatorServer(world) as running:
        yield running


def order(world: World, endpoint: str, faults: list[tuple[int, Any, int]]) -> None:
    """Order failures of the endpoint's next calls; a status goes with the kind that has one."""
    world.faults.clear()
    for ahead, kind, status in faults:
        world.faults.add(
            endpoint, call=world.calls[endpoint] + ahead, kind=kind, status=status if kind == "status" else None
        )


def key(row: dict[str, Any]) -> str:
    """Which row it is."""
    return f"{row['dateRange']}{row['pivotValues']}"


def text_of(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, str]]]:
    """Rows that can be compared: in order, without zeros."""
    numbers = [(key(row), {n: str(v) for n, v in row.items() if v not in (0, "0", "0.0", "0.000000")}) for row in rows]
    return sorted(numbers, key=lambda pair: pair[0])


async def analytics(sim: SimulatorServer) -> list[dict[str, Any]]:
    """All rows by creative."""
    async with simulated(sim, clock=Clock()) as client:
        pages = client.analytics(ACCOUNT, pivot="CREATIVE", granularity="DAILY", window=WINDOW, metrics=METRICS)
        return everything([page async for page in pages])


async def creatives(sim: SimulatorServer) -> list[dict[str, Any]]:
    """All creatives."""
    async with simulated(sim, clock=Clock()) as client:
        return everything([page async for page in client.records(resource_of("creatives"), ACCOUNT)])


@given(faults=FAULTS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_analytics_are_right_or_refused(sim: SimulatorServer, faults: list[tuple[int, Any, int]]) -> None:
    """Lost, cut, late and refused responses in any order: what is yielded is every row, with its true numbers."""
    order(sim.world, "adAnalytics", faults)
    truth = sim.world.truth.analytics(ACCOUNT, "CREATIVE", "DAILY", WINDOW, [metric.name for metric in METRICS])
    try:
        rows = asyncio.run(analytics(sim))
    except LinkedInError:
        assert faults
    else:
        assert text_of(rows) == text_of(truth)


@given(faults=FAULTS)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_walks_are_complete_or_refused(sim: SimulatorServer, faults: list[tuple[int, Any, int]]) -> None:
    """A walk over pages that fail now and then lists every creative once, or explains why it could not."""
    order(sim.world, "creatives", faults)
    try:
        found = asyncio.run(creatives(sim))
    except LinkedInError:
        assert faults
    else:
        assert found == sim.world.truth.creatives(ACCOUNT)


def test_five_failures_in_a_row_are_survived(sim: SimulatorServer) -> None:
    """Six attempts outlast five failures of any passing kind."""
    order(
        sim.world,
        "creatives",
        [(n, kind, 503) for n, kind in enumerate(["status", "html", "drop", "empty", "cut_json"], 1)],
    )
    assert asyncio.run(creatives(sim)) == sim.world.truth.creatives(ACCOUNT)


def test_six_failures_in_a_row_are_an_error(sim: SimulatorServer) -> None:
    """The seventh request is not sent."""
    order(sim.world, "creatives", [(n, "drop", 503) for n in range(1, 7)])
    before = sim.world.calls["creatives"]
    with pytest.raises(LinkedInError, match="6 times in a row"):
        asyncio.run(creatives(sim))
    assert sim.world.calls["creatives"] - before == 6
