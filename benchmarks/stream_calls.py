"""The calls that each stream of the default set takes for one ad account, at the first sync and at a refresh.

Every stream's own source reads the simulator over HTTP, and the simulator counts; nothing is stored. A floor is what no
reader of LinkedIn's API can do with less: a page of records holds so many, and a report by one pivot takes a call for
each 15,000 rows and each 18 metrics, and one for each range where LinkedIn gives it for short ranges only.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr
from sqlalchemy import create_engine

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.checks.account_totals import LONGEST_REFRESH, account_totals
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.linkedin.analytics.planner import greedy_windows, units_of
from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.events import Event
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS, MAX_PER_CALL
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.transport import ClientConfig
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import Stream
from lac_pipeline.streams.stream import ANALYTICS
from lac_pipeline.streams.sync_windows import group_window, refresh_window
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.windows import DateWindow

REFRESH = 8
"""The most calls to adAnalytics that a refresh of an account may take, the check `reconciliation` included.

It counts the streams that are refreshed most often. Those with a longer TTL fall due together, and are shown beside it.
"""

WHY = """
Most of a first sync cannot be joined: LinkedIn returns each MEMBER_* pivot, and each level of reach, by a request of
its own, and reach for 92 days at most, so that days which touch four months take two requests for each level. A
response that is cut at 15,000 rows is thrown away and read again in parts. The check reads LinkedIn's totals of each
day, and at a first sync those of all days together too, which show a day that no daily response has.
""".strip()

PEERS = """
The same data of one account, by the code of other loaders: source-linkedin-ads 5.6 of Airbyte takes 136 calls, a
Singer tap 2,289.
""".strip()


@dataclass(frozen=True)
class Shape:
    """Synthetic accounts in which every creative is active on each day."""

    accounts: int = 2
    campaigns: int = 40
    creatives: int = 160
    days: int = 90


@dataclass(frozen=True)
class Calls:
    """The calls of one stream in one read, its rows, and the fewest calls that could give them."""

    made: int
    rows: int
    floor: int

    @property
    def budget(self) -> int:
        """The most calls: the floor, or what the planner promises where rows do not fit into one response."""
        return self.floor if self.rows <= MAX_ELEMENTS else math.floor(1.3 * self.floor + 1)


@dataclass(frozen=True)
class StreamCalls:
    """A stream's calls.

    Attributes:
        name: of the stream.
        analytics: whether it is a report of adAnalytics.
        hours: how long it stays fresh.
        first: the first sync, over all days.
        refresh: the next sync after that time.
    """

    name: str
    analytics: bool
    hours: float
    first: Calls
    refresh: Calls


@dataclass(frozen=True)
class Measured:
    """The calls of every stream, and those of the check `reconciliation`, which reads LinkedIn's totals."""

    streams: tuple[StreamCalls, ...]
    check: StreamCalls

    @property
    def reports(self) -> tuple[StreamCalls, ...]:
        """The streams that are reports of adAnalytics, and the check."""
        return (*(stream for stream in self.streams if stream.analytics), self.check)

    @property
    def first_sync(self) -> int:
        """The calls to adAnalytics of a first sync, all of them."""
        return sum(report.first.made for report in self.reports)

    @property
    def first_budget(self) -> int:
        """The most calls that a first sync may take: as many as its requests, ranges and rows need."""
        return sum(report.first.budget for report in self.reports)

    @property
    def refresh(self) -> int:
        """The calls to adAnalytics of a refresh of the streams that are refreshed most often, and of the check."""
        return sum(report.refresh.made for report in self.reports if report.hours == self._hours[0])

    @property
    def rarely(self) -> int:
        """The further calls where those with a longer TTL are refreshed too."""
        return sum(report.refresh.made for report in self.reports) - self.refresh

    @property
    def on_average(self) -> float:
        """The calls of a refresh, on average over the longest TTL."""
        return self.refresh + self.rarely * self._hours[0] / self._hours[-1]

    @property
    def _hours(self) -> list[float]:
        return sorted(report.hours for report in self.reports)


class _Nameless(Naming):
    """Looks up no names: their calls go to other resources, once for each name."""

    async def segments(self, segments: Iterable[str], *, what: str = "segments") -> None:
        """Do nothing."""

    async def targets(self, campaigns: Iterable[object]) -> None:
        """Do nothing."""

    async def contents(self, creatives: Sequence[object]) -> dict[str, str]:
        """Name none."""
        return {}


def measure(shape: Shape, settings: Settings) -> Measured:
    """Read every stream of the settings for the first account, and what the check `reconciliation` reads."""
    now = utc_now().replace(hour=12, minute=0)
    world = World.synthetic(
        shape.accounts, shape.campaigns, shape.creatives, shape.days, clock=lambda: now, restated=False
    )
    world.switches.metric_values_limit = 10**12  # waiting is not measured
    with SimulatorServer(world) as simulator:
        return asyncio.run(_measure(world, simulator.url, settings))


def default_settings(shape: Shape) -> Settings:
    """What is loaded where nothing is set, from so many days ago on."""
    return Settings.model_construct(lac_start_date=utc_now().date() - timedelta(days=shape.days))


async def _measure(world: World, url: str, settings: Settings) -> Measured:
    account = _Account(world, url, settings, int(world.truth.accounts()[0]["id"]))
    today, start = world.now().date(), settings.start_date
    whole = DateWindow.inclusive(start, today)
    recent = refresh_window(start=start, today=today, lookback_days=settings.lac_lookback_days)
    found = []
    for stream in settings.streams:
        windows = [group_window(stream.group, days, start=start, today=today) for days in (whole, recent)]
        minutes = settings.demographics_ttl_minutes if stream.monthly else settings.freshness_ttl_minutes
        read = [await account.read(stream, window) for window in windows]
        found.append(StreamCalls(stream.name, stream.report is not None, minutes / 60, *read))
    totals = [await account.totals(days) for days in (whole, recent)]
    return Measured(
        tuple(found), StreamCalls("(check reconciliation)", True, settings.freshness_ttl_minutes / 60, *totals)
    )


@dataclass(frozen=True)
class _Account:
    """An account of the simulator, read as a run reads it: each time by a client of its own."""

    world: World
    url: str
    settings: Settings
    account_id: int

    async def read(self, stream: Stream, window: DateWindow | None) -> Calls:
        """Read a stream."""
        source, before = source_of(stream, self.settings), self.world.calls[stream.endpoint]
        engine = create_engine("postgresql+psycopg://")  # never connected to
        async with self._client() as client:
            naming = _Nameless(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
            batches = source.batches(client, AccountWindow(self.account_id, window, ()), naming)
            rows = sum([_rows_of(batch) async for batch in batches])
        return Calls(self.world.calls[stream.endpoint] - before, rows, _floor(stream, self.settings, rows, window))

    async def totals(self, window: DateWindow) -> Calls:
        """Read LinkedIn's totals of the days that are over."""
        before = self.world.calls[ANALYTICS]
        async with self._client() as client:
            await account_totals(client, self.account_id, DateWindow(window.start, window.last), self.settings)
        by_day_and_whole = 2 if window.days - 1 > LONGEST_REFRESH else 1
        return Calls(self.world.calls[ANALYTICS] - before, window.days - 1, by_day_and_whole)

    def _client(self) -> AbstractAsyncContextManager[LinkedInClient]:
        config = ClientConfig(
            self.url,
            self.url,
            self.settings.linkedin_api_version,
            requests_per_second=10_000,
            application_requests_per_second=10_000,
        )
        tokens = FixedTokens(Tokens(SecretStr(self.world.token)))
        return connect(config, tokens=tokens, progress=_quiet, clock=self.world.now)


def _rows_of(batch: object) -> int:
    return len(batch.records) + len(batch.decoded or ()) if isinstance(batch, Batch) else 0


def _floor(stream: Stream, settings: Settings, rows: int, window: DateWindow | None) -> int:
    if stream.report is not None:
        pivots, metrics = settings.pivots_of(stream.report), settings.metrics_of(stream)
        units = units_of(window, granularity=stream.report.granularity) if window is not None else []
        ranges = len(greedy_windows(units, days=stream.report.most_days)) if stream.report.most_days else 1
        return max(len(pivots) * ranges, math.ceil(rows / MAX_ELEMENTS)) * math.ceil(len(metrics) / MAX_PER_CALL)
    size = stream.resource.page_size if stream.resource is not None else None
    return 1 if size is None else max(1, math.ceil(rows / size))


def _quiet(event: Event) -> None:
    """Say nothing."""


def show(shape: Shape, found: Measured) -> bool:
    """Print each stream beside its floor, and the sums; return whether they stay within the budgets."""
    print(
        f"\nCalls for one account of {shape.campaigns} campaigns, {shape.creatives} creatives and {shape.days} days:\n"
    )
    print("| stream | first sync | floor | refresh | floor | fresh for |\n|---|---|---|---|---|---|")
    for stream in (*found.streams, found.check):
        first, again = stream.first, stream.refresh
        print(f"| {stream.name} | {first.made} | {first.floor} | {again.made} | {again.floor} | {stream.hours:g} h |")
    print(f"\nA first sync takes {found.first_sync} calls to adAnalytics; its budget is {found.first_budget}.")
    print(
        f"A refresh takes {found.refresh}, of {REFRESH} at most; where what stays fresh for longer has fallen due too,"
    )
    print(f"{found.refresh + found.rarely}, which makes {found.on_average:.1f} on average. Nothing is left out.\n")
    print(f"{WHY}\n\n{PEERS}")
    return found.first_sync <= found.first_budget and found.refresh <= REFRESH
