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
from lac_pipeline.defs.checks.account_totals import account_totals
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

FIRST_SYNC, REFRESH = 15, 8
"""The most calls to adAnalytics that the default set may take for an account: at the first sync, and at a refresh.

The first counts what is loaded, without reports that LinkedIn gives for short ranges of days only: they take a call for
each range, however few rows they have. The second counts the check `reconciliation` too, and the streams that are
refreshed most often; the others, which say little from one day to the next, have a longer TTL.
"""

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


@dataclass(frozen=True)
class StreamCalls:
    """A stream's calls.

    Attributes:
        name: of the stream.
        analytics: whether it is a report of adAnalytics.
        short: whether LinkedIn gives it for short ranges of days only.
        hours: how long it stays fresh.
        first: the first sync, over all days.
        refresh: the next sync after that time.
    """

    name: str
    analytics: bool
    short: bool
    hours: float
    first: Calls
    refresh: Calls


@dataclass(frozen=True)
class Measured:
    """The calls of every stream, and those of the check `reconciliation`, which reads LinkedIn's totals."""

    streams: tuple[StreamCalls, ...]
    check: StreamCalls

    @property
    def often(self) -> list[StreamCalls]:
        """The streams that are refreshed most often."""
        hours = min(stream.hours for stream in self.streams)
        return [stream for stream in self.streams if stream.hours == hours]

    @property
    def usual(self) -> list[StreamCalls]:
        """The streams that LinkedIn gives for ranges of any length."""
        return [stream for stream in self.streams if not stream.short]

    @property
    def refresh(self) -> int:
        """The calls to adAnalytics of a refresh of these, with the check."""
        return analytics_calls((*self.often, self.check))[1]


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
        short = stream.report is not None and stream.report.most_days is not None
        found.append(StreamCalls(stream.name, stream.report is not None, short, minutes / 60, *read))
    totals = [await account.totals(days) for days in (whole, recent)]
    return Measured(
        tuple(found), StreamCalls("(check reconciliation)", True, False, settings.freshness_ttl_minutes / 60, *totals)
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
        return Calls(self.world.calls[ANALYTICS] - before, window.days - 1, 1)

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


def analytics_calls(streams: Iterable[StreamCalls]) -> tuple[int, int]:
    """The calls to adAnalytics of these streams together: at the first sync, and at a refresh."""
    reports = [stream for stream in streams if stream.analytics]
    return sum(stream.first.made for stream in reports), sum(stream.refresh.made for stream in reports)


def show(shape: Shape, found: Measured) -> bool:
    """Print each stream beside its floor, and the sums; return whether they stay within the promise."""
    print(
        f"\nCalls for one account of {shape.campaigns} campaigns, {shape.creatives} creatives and {shape.days} days:\n"
    )
    print("| stream | first sync | floor | refresh | floor | fresh for |\n|---|---|---|---|---|---|")
    for stream in (*found.streams, found.check):
        first, again = stream.first, stream.refresh
        print(f"| {stream.name} | {first.made} | {first.floor} | {again.made} | {again.floor} | {stream.hours:g} h |")
    first_sync, _ = analytics_calls(found.usual)
    everything = analytics_calls((*found.streams, found.check))[0]
    rarely = analytics_calls(found.streams)[1] - analytics_calls(found.often)[1]
    print(f"| **adAnalytics, all** | {everything} | | {found.refresh + rarely} | | |")
    print(f"| **within the promise** | **{first_sync}** | {FIRST_SYNC} | **{found.refresh}** | {REFRESH} | |")
    print(
        "\nThe promise leaves out, of the first sync, the check and what LinkedIn gives for short ranges only; of the"
    )
    print(f"refresh, the streams that stay fresh for longer, which take {rarely} calls each time.\n{PEERS}")
    return first_sync <= FIRST_SYNC and found.refresh <= REFRESH
