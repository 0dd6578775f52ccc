"""How many adAnalytics calls the first sync of an unknown account takes, against the floor.

Run it with `python -m benchmarks.api_calls`. The floor for one pivot is `ceil(rows / 15000) x ceil(metrics / 18)`; the
promise is at most 1.3 times that and one more. Accounts of up to 180 days are read over HTTP from the simulator. The
largest (1.8 million rows by creative) is read by the same planner and reader from a stand-in in memory,
because the simulator would take many minutes for it; `--simulate-all` has it do so all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from benchmarks import stream_calls
from lac_pipeline.linkedin.analytics.decoded_rows import RowsDecoder
from lac_pipeline.linkedin.analytics.reader import AnalyticsReader, Knowledge
from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.linkedin.client import connect
from lac_pipeline.linkedin.events import Event
from lac_pipeline.linkedin.metrics import CATALOGUE, MAX_ELEMENTS, MAX_PER_CALL, Metric, allowed, parse_selection
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.restli import Value
from lac_pipeline.linkedin.transport import ClientConfig
from lac_pipeline.linkedin.urn import id_of
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import ONE_DAY, DateWindow

VERSION = "202609"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = 520_000_001
SELECTIONS = {"18": parse_selection("core"), "36": CATALOGUE[:36], "all": CATALOGUE}


@dataclass(frozen=True)
class Shape:
    """A synthetic account in which every creative is active every day."""

    campaigns: int
    creatives: int
    days: int

    @property
    def window(self) -> DateWindow:
        """Its days, today included."""
        return DateWindow(NOW.date() - timedelta(days=self.days - 1), NOW.date() + ONE_DAY)

    @property
    def large(self) -> bool:
        """Whether the simulator would take minutes."""
        return self.creatives * self.days > 10 * MAX_ELEMENTS


SHAPES = (Shape(20, 80, 90), Shape(50, 200, 180), Shape(500, 5000, 365))


@dataclass(frozen=True)
class Result:
    """One read: its rows, its calls, and what the fewest would have been."""

    rows: int
    calls: int
    floor: int
    seconds: float

    @property
    def limit(self) -> float:
        """The most calls promised."""
        return 1.3 * self.floor + 1


class StandIn:
    """An account in memory: shuffled responses, cut at 15,000 rows, as LinkedIn gives them."""

    def __init__(self, shape: Shape, *, pivot: str) -> None:
        self._shape = shape
        self._entities = shape.creatives if pivot == "CREATIVE" else shape.campaigns
        self._random = random.Random(1)  # noqa: S311  # an order, not a secret
        self._last: tuple[object, list[dict[str, Any]]] = (None, [])
        self.calls = 0

    async def send(self, parameters: Mapping[str, Value], decoder: RowsDecoder | None) -> ParsedResponse:
        """Return one batch."""
        self.calls += 1
        campaigns: Any = parameters.get("campaigns")
        chosen = {id_of(urn) for urn in campaigns} if campaigns else set(range(self._shape.campaigns))
        span: Any = parameters["dateRange"]
        if parameters["timeGranularity"] == "ALL":
            return ParsedResponse(
                {"elements": [_row(span["start"], campaign) for campaign in sorted(chosen)]}, "", "adAnalytics"
            )
        window = DateWindow.inclusive(span["start"], span["end"])
        return ParsedResponse({"elements": self._rows(window, chosen)}, "", "adAnalytics")

    def _rows(self, window: DateWindow, chosen: set[int]) -> list[dict[str, Any]]:
        """The rows of a request, made once when it is requested again for other metrics."""
        cells = (window, chosen)
        if self._last[0] != cells:
            self._last = (cells, [_row(day, entity) for day, entity in self._cells(window, chosen)])
        return self._last[1]

    def _cells(self, window: DateWindow, chosen: set[int]) -> list[tuple[date, int]]:
        entities = [n for n in range(self._entities) if n % self._shape.campaigns in chosen]
        days = list(window)
        count = len(days) * len(entities)
        places = self._random.sample(range(count), min(count, MAX_ELEMENTS))
        return [(days[place // len(entities)], entities[place % len(entities)]) for place in places]


def _row(day: date, entity: int) -> dict[str, Any]:
    linkedin_date = {"year": day.year, "month": day.month, "day": day.day}
    return {
        "dateRange": {"start": linkedin_date, "end": linkedin_date},
        "pivotValues": [f"urn:li:sponsoredCampaign:{entity}"],
        "impressions": 1,
    }


async def _in_memory(shape: Shape, *, pivot: str, metrics: Sequence[Metric]) -> tuple[int, int]:
    account = StandIn(shape, pivot=pivot)
    reader = AnalyticsReader(
        Report(ACCOUNT, pivot, "DAILY", shape.window, tuple(metrics)),
        send=account.send,
        version=VERSION,
        knowledge=Knowledge(),
        concurrency=4,
        progress=_quiet,
        cap=MAX_ELEMENTS,
    )
    return sum([len(page.elements) async for page in reader.pages()]), account.calls


async def _simulated(shape: Shape, *, pivot: str, metrics: Sequence[Metric]) -> tuple[int, int]:
    world = World.synthetic(
        campaigns=shape.campaigns, creatives=shape.creatives, days=shape.days, clock=lambda: NOW, restated=False
    )
    # The floor is about rows and metrics; the throttle on metric values would only make the benchmark wait.
    world.switches.metric_values_limit = sys.maxsize
    with SimulatorServer(world) as sim:
        config = ClientConfig(
            sim.url, sim.url, VERSION, requests_per_second=10_000, application_requests_per_second=10_000
        )
        tokens = FixedTokens(Tokens(SecretStr(world.token)))
        async with connect(config, tokens=tokens, progress=_quiet) as client:
            pages = client.analytics(ACCOUNT, pivot=pivot, granularity="DAILY", window=shape.window, metrics=metrics)
            rows = sum([len(page.elements) async for page in pages])
            return rows, client.calls


def _quiet(event: Event) -> None:
    """Say nothing."""


def measure(shape: Shape, *, pivot: str, metrics: Sequence[Metric], simulate: bool) -> Result:
    """Read one account once."""
    started = time.perf_counter()
    read = _simulated if simulate else _in_memory
    rows, calls = asyncio.run(read(shape, pivot=pivot, metrics=metrics))
    metric_count = len(allowed(metrics, pivots=[pivot], version=VERSION, days=1))
    floor = math.ceil(rows / MAX_ELEMENTS) * math.ceil(metric_count / MAX_PER_CALL)
    return Result(rows, calls, floor, time.perf_counter() - started)


def main() -> int:
    """Print the table; exit 1 if a row breaks the promise."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--streams", action="store_true", help="only what each stream of the default set takes")
    arguments.add_argument("--simulate-all", action="store_true", help="read the largest account over HTTP too")
    chosen = arguments.parse_args()
    usual = stream_calls.Shape()
    kept = stream_calls.show(usual, stream_calls.measure(usual, stream_calls.default_settings(usual)))
    if chosen.streams:
        return 0 if kept else 1
    simulate_all = chosen.simulate_all
    print("| campaigns | creatives | days | pivot | metrics | rows | calls | floor | most promised | read from |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for shape in SHAPES:
        for pivot in ("CAMPAIGN", "CREATIVE"):
            for name, metrics in SELECTIONS.items():
                simulate = simulate_all or not shape.large
                result = measure(shape, pivot=pivot, metrics=metrics, simulate=simulate)
                kept = kept and result.calls <= result.limit
                _print(shape, pivot=pivot, metrics=name, result=result, simulated=simulate)
    return 0 if kept else 1


def _print(shape: Shape, *, pivot: str, metrics: str, result: Result, simulated: bool) -> None:
    source = f"{'simulator over HTTP' if simulated else 'memory'}, {result.seconds:.1f} s"
    account = (shape.campaigns, shape.creatives, shape.days, pivot, metrics)
    counts = (f"{result.rows:,}", result.calls, result.floor, f"{result.limit:.1f}", source)
    print(f"| {' | '.join(str(cell) for cell in (*account, *counts))} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
