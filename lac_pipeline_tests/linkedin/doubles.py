"""What the client's tests stand on: a clock that sleeping moves, a ledger and an archive in memory, a scripted net."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.events import Event
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.protocols import TokenStore
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.linkedin.transport import ClientConfig
from lac_pipeline.simulator.api.http_server import SimulatorServer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ACCESS = "AQX-access-token-that-must-not-be-shown"
REFRESH = "AQW-refresh-token-that-must-not-be-shown"
TOKENS = Tokens(SecretStr(ACCESS), SecretStr(REFRESH), access_expires_at=NOW + timedelta(days=30))
CONFIG = ClientConfig(
    api_url="https://api.linkedin.test",
    oauth_url="https://www.linkedin.test",
    version="202609",
    client_id="86abc",
    client_secret=SecretStr("the-app-secret"),
    requests_per_second=10_000,
    application_requests_per_second=10_000,
)


class Clock:
    """A clock that stands still until a caller sleeps on it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.waits: list[float] = []

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Ledger:
    """A usage ledger in memory."""

    calls: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    spent: dict[str, datetime] = field(default_factory=dict)

    def record_call(self, endpoint: str, account_id: int | None, *, at: datetime) -> datetime | None:
        """Count one request, unless the endpoint is spent; return until when it is."""
        until = self.spent.get(endpoint)
        if until is not None and until > at:
            return until
        self.calls[endpoint, account_id] += 1
        return None

    def mark_spent(self, endpoint: str, *, until: datetime) -> None:
        """Remember it."""
        self.spent[endpoint] = until


@dataclass
class Archive:
    """An archive in memory."""

    exchanges: list[Exchange] = field(default_factory=list)

    def keep(self, exchange: Exchange) -> str:
        """Keep one exchange."""
        self.exchanges.append(exchange)
        return f"memory/{len(self.exchanges)}"


class Script(httpx.AsyncBaseTransport):
    """A network that gives prepared responses in order, and raises prepared errors; it keeps the requests."""

    def __init__(self, *responses: httpx.Response | Exception) -> None:
        self.responses = list(responses)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Give the next response."""
        self.requests.append(request)
        response = self.responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return response


def page(*elements: dict[str, Any], token: str | None = None) -> httpx.Response:
    """A page of a finder's response."""
    return httpx.Response(200, json={"elements": elements, "metadata": {"nextPageToken": token} if token else {}})


def refusal(status: int, message: str = "", *, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401  # any JSON
    """An error as LinkedIn writes it."""
    return httpx.Response(status, json={"status": status, "message": message, **body}, headers=headers)


@dataclass
class Bench:
    """A client on a scripted network, and everything it leaves behind."""

    script: Script
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=Ledger)
    archive: Archive = field(default_factory=Archive)
    events: list[Event] = field(default_factory=list)
    tokens: TokenStore = field(default_factory=lambda: FixedTokens(TOKENS))
    config: ClientConfig = CONFIG

    def client(self) -> AbstractAsyncContextManager[LinkedInClient]:
        """Open a client."""
        return connect(
            self.config,
            tokens=self.tokens,
            ledger=self.ledger,
            archive=self.archive,
            progress=self.events.append,
            clock=self.clock,
            sleep=self.clock.sleep,
            jitter=random.Random(0),  # noqa: S311  # spreads waits
            network=self.script,
        )


def bench(*responses: httpx.Response | Exception) -> Bench:
    """Prepare a client whose network gives these responses."""
    return Bench(Script(*responses))


@asynccontextmanager
async def simulated(
    sim: SimulatorServer,
    *,
    clock: Clock | None = None,
    events: list[Event] | None = None,
    concurrency: int = 4,
    tokens: TokenStore | None = None,
) -> AsyncIterator[LinkedInClient]:
    """Open a client over real HTTP to a simulator."""
    world, clock = sim.world, clock or Clock(sim.world.now())
    config = replace(
        CONFIG,
        api_url=sim.url,
        oauth_url=sim.url,
        client_id=world.client_id,
        client_secret=SecretStr(world.client_secret),
        max_concurrency=concurrency,
        analytics_cap=world.switches.analytics_cap,
    )
    tokens = tokens or FixedTokens(Tokens(SecretStr(world.token), SecretStr(world.refresh_token)))
    progress = events.append if events is not None else lambda _: None
    async with connect(config, tokens=tokens, progress=progress, clock=clock, sleep=clock.sleep) as client:
        yield client


def everything(pages: Iterable[Any]) -> list[dict[str, Any]]:
    """All elements of some pages."""
    return [element for page in pages for element in page.elements]
