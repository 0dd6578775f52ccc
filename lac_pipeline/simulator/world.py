"""The simulated world: its entities, clock, tokens, switches, and the books that tests compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lac_pipeline.simulator import demo, synthetic
from lac_pipeline.simulator.book import Book, compile_book
from lac_pipeline.simulator.edits import Edits
from lac_pipeline.simulator.entities import Entities
from lac_pipeline.simulator.faults import Faults
from lac_pipeline.simulator.identity import READ_SCOPES, AccessToken, App, Identities
from lac_pipeline.simulator.numbers import Rules
from lac_pipeline.simulator.quotas import Quotas
from lac_pipeline.simulator.switches import Switches
from lac_pipeline.simulator.truth import Truth

_REMEMBERED = 20_000
Clock = Callable[[], datetime]

REDIRECT_URIS = {"http://127.0.0.1:8765/callback", "http://localhost:8765/callback"}


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


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


class World:
    """Everything the simulator knows and counts.

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
        self.rules = rules or Rules(seed)
        self.switches = switches or Switches()
        self.faults = Faults(seed)
        self.quotas = Quotas()
        self.calls: Counter[str] = Counter()
        self.requests: list[Recorded] = []
        self.arrived = 0
        self.edit = Edits(self)
        self._clock = clock or utc_now
        self._offset = timedelta()
        self._book: tuple[int, Book] | None = None
        self.client_id = "86simulated"
        self.client_secret = f"simulated-secret-{seed}"
        self.identities = Identities(seed, App(self.client_id, self.client_secret, set(REDIRECT_URIS)))
        self.token, self.refresh_token = self.authorize()
        self.cursors: dict[str, tuple[str, int, int]] = {}

    @classmethod
    def demo(cls, seed: int = 7, clock: Clock | None = None) -> World:
        """Three accounts in three currencies, with years of plausible activity."""
        world = cls(seed=seed, clock=clock)
        demo.populate(world)
        return world

    @classmethod
    def synthetic(
        cls,
        accounts: int = 1,
        campaigns: int = 20,
        creatives: int = 80,
        days: int = 90,
        *,
        seed: int = 1,
        clock: Clock | None = None,
        restated: bool = True,
        ragged_pages: bool = False,
    ) -> World:
        """A dense world: in each account, every creative is active on each of the last days, today included.

        Args:
            accounts: ad accounts, numbered from 520000001.
            campaigns: campaigns in each account.
            creatives: creatives in each account, spread evenly over its campaigns.
            days: days of history up to today.
            seed: makes the numbers.
            clock: aware UTC.
            restated: whether numbers move after their day.
            ragged_pages: whether cursor walks hold short and empty pages.
        """
        rules = Rules(seed, restated=restated, invalid_share=0.0)
        world = cls(seed=seed, clock=clock, rules=rules, switches=Switches(ragged_pages=ragged_pages))
        synthetic.populate(world, accounts=accounts, campaigns=campaigns, creatives=creatives, days=days)
        return world

    @property
    def truth(self) -> Truth:
        """The world's own books."""
        return Truth(self)

    @property
    def book(self) -> Book:
        """All creatives as columns, compiled again after an edit."""
        if self._book is None or self._book[0] != self.entities.revision:
            self._book = (self.entities.revision, compile_book(self.entities))
        return self._book[1]

    def now(self) -> datetime:
        """The simulator's clock."""
        return self._clock() + self._offset

    def advance(self, by: timedelta) -> None:
        """Move the clock."""
        self._offset += by

    def set_now(self, moment: datetime) -> None:
        """Set the clock; it goes on from there."""
        self._offset = moment - self._clock()

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
        return {one.id for one in self.entities.accounts()} - token.forbidden_accounts
