"""The state of a simulated LinkedIn: entities, clock, tokens, quotas, switches and the requests that it received."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from lac_pipeline.clock import Clock, MovableClock, utc_now
from lac_pipeline.simulator.world.altered_rows import AlteredRows
from lac_pipeline.simulator.world.book import Book, compile_book
from lac_pipeline.simulator.world.entities import Entities
from lac_pipeline.simulator.world.faults import Faults
from lac_pipeline.simulator.world.identity import READ_SCOPES, AccessToken, App, Identities
from lac_pipeline.simulator.world.numbers import Rules
from lac_pipeline.simulator.world.quotas import Quotas
from lac_pipeline.simulator.world.switches import Switches

_REMEMBERED = 20_000

REDIRECT_URIS = {"http://127.0.0.1:8765/callback", "http://localhost:8765/callback"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as it arrived, without its token.

    Attributes:
        endpoint: `adAnalytics`, `creatives`, `accessToken`, ...
        method: the HTTP method.
        path: still encoded.
        query: the raw query string, also when it was tunnelled.
        tunnelled: whether the query came in the body of a POST.
        version: the `LinkedIn-Version` header.
        at: the simulator's clock.
    """

    endpoint: str
    method: str
    path: str
    query: str
    tunnelled: bool
    version: str | None
    at: datetime


class WorldState:
    """All data and counters of the simulator.

    Args:
        seed: makes names and numbers; the same seed gives the same world in every process.
        clock: aware UTC; the real clock by default. The world's own clock may be moved away from it.
        rules: how numbers come about.
        switches: behaviours that differ from app to app.
    """

    def __init__(
        self, *, seed: int, clock: Clock | None = None, rules: Rules | None = None, switches: Switches | None = None
    ) -> None:
        self.seed = seed
        self.entities = Entities()
        self.altered = AlteredRows()
        self.refused: dict[str, int] = {}  # the status with which a post or message is refused, by URN
        self.withdrawn_responses: set[str] = set()
        self.altered_responses: dict[str, dict[str, object]] = {}  # fields that differ, by the id of the response
        self.rules = rules or Rules(seed)
        self.switches = switches or Switches()
        self.faults = Faults(seed)
        self.quotas = Quotas()
        self.calls: Counter[str] = Counter()
        self.requests: list[Recorded] = []
        self.arrived = 0
        self._clock = MovableClock(clock or utc_now)
        self._book: tuple[int, Book] | None = None
        self.client_id = "86simulated"
        self.client_secret = f"simulated-secret-{seed}"
        self.identities = Identities(seed, App(self.client_id, self.client_secret, set(REDIRECT_URIS)))
        self.token, self.refresh_token = self.authorize()
        self.cursors: dict[str, tuple[str, int, int]] = {}

    @property
    def book(self) -> Book:
        """All creatives as columns, compiled again after an edit."""
        if self._book is None or self._book[0] != self.entities.revision:
            self._book = (self.entities.revision, compile_book(self.entities))
        return self._book[1]

    def now(self) -> datetime:
        """The simulator's clock."""
        return self._clock()

    def advance(self, by: timedelta) -> None:
        """Move the clock."""
        self._clock.advance(by)

    def set_now(self, moment: datetime) -> None:
        """Set the clock; it goes on from there."""
        self._clock.set(moment)

    def record(self, request: Recorded) -> int:
        """Count a request and remember it, as one of the last few thousand; returns its number for this endpoint."""
        self.arrived += 1
        self.calls[request.endpoint] += 1
        self.requests.append(request)
        del self.requests[:-_REMEMBERED]
        return self.calls[request.endpoint]

    def authorize(self, scopes: tuple[str, ...] = READ_SCOPES) -> tuple[str, str]:
        """Let a member consent to scopes at once; returns an access and a refresh token."""
        grant = self.identities.consent(scopes, now=self.now())
        return self.identities.issue_access(grant, now=self.now()), self.identities.issue_refresh(grant)

    def visible_accounts(self, token: AccessToken) -> set[int]:
        """The accounts that a token may see."""
        return {account.id for account in self.entities.accounts()} - token.forbidden_accounts
