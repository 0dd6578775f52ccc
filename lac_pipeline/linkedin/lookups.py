"""Looks up many URNs in one request; an error about one URN does not affect the others.

Sources: LinkedIn's "Posts" and "Message ads" pages for GET and BATCH_GET, which returns `results` and `errors` by key.
Seen in public connectors: one post is refused (403), or fails with 500 for days, while the others are read; a batch of
a single post is refused; `posts` refuses URNs of message ads with 400.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from msgspec import Struct

from lac_pipeline.errors import (
    BadRequestError,
    LinkedInError,
    NotFoundError,
    PermissionMissingError,
    QuotaSpentError,
    ReauthorizeError,
    RetryableError,
    UnexpectedPayloadError,
    UnreachableError,
    VersionSunsetError,
)
from lac_pipeline.linkedin.gather import together
from lac_pipeline.linkedin.paging import ParsedResponse, elements_of
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.linkedin.restli import Value, encode, query
from lac_pipeline.linkedin.transport import Request
from lac_pipeline.linkedin.urn import MESSAGE, kind_of

T = TypeVar("T")
Get = Callable[[Request], Awaitable[ParsedResponse]]

BATCH = 50
"""How many URNs one call names."""
PROBES = 5
"""After so many failed requests and no success, a resource counts as unavailable."""
ATTEMPTS = 3
"""A name can wait for the next sync, so it is not tried as often as rows are."""

ENDING = (QuotaSpentError, ReauthorizeError, UnreachableError, VersionSunsetError)
"""What concerns every call, so that no further one is made."""
_LASTING: Mapping[type[LinkedInError], NoName] = {
    NotFoundError: NoName.NOT_FOUND,
    PermissionMissingError: NoName.FORBIDDEN,
    BadRequestError: NoName.REFUSED,
}
_LASTING_STATUS = {403: NoName.FORBIDDEN, 404: NoName.NOT_FOUND}
_PASSING_STATUS = frozenset({401, 408, 429})


class Resource(Struct, frozen=True):
    """One of LinkedIn's resources that is read by URN.

    Attributes:
        endpoint: its name in paths and quotas.
        kinds: the kinds of URN that it has.
    """

    endpoint: str
    kinds: frozenset[str]


POSTS = Resource("posts", frozenset({"share", "ugcPost"}))
MESSAGES = Resource("inMailContents", frozenset({MESSAGE}))
CONTENTS = (POSTS, MESSAGES)
"""What the `reference` of a creative's content is read from."""
TARGETING = "adTargetingEntities"
COMPANY_SIZES = {
    "SIZE_1": "1 employee",
    "SIZE_2_TO_10": "2 to 10 employees",
    "SIZE_11_TO_50": "11 to 50 employees",
    "SIZE_51_TO_200": "51 to 200 employees",
    "SIZE_201_TO_500": "201 to 500 employees",
    "SIZE_501_TO_1000": "501 to 1,000 employees",
    "SIZE_1001_TO_5000": "1,001 to 5,000 employees",
    "SIZE_5001_TO_10000": "5,001 to 10,000 employees",
    "SIZE_10001_OR_MORE": "10,001 or more employees",
}
"""What MEMBER_COMPANY_SIZE values are called; they are no URNs, and adTargetingEntities does not know them."""


@dataclass(slots=True)
class Lookup(Generic[T]):
    """What became of some URNs; one that is in none of the first three was not requested.

    Attributes:
        found: what LinkedIn returned, by URN.
        missing: the URNs that LinkedIn lastingly has nothing for, and why.
        failed: the URNs whose request failed and may succeed later, and how.
        stopped: by resource, the error after which the rest was not requested.
    """

    found: dict[str, T] = field(default_factory=dict)
    missing: dict[str, NoName] = field(default_factory=dict)
    failed: dict[str, LinkedInError] = field(default_factory=dict)
    stopped: dict[str, LinkedInError] = field(default_factory=dict)

    def refuse(self, urn: str, error: LinkedInError) -> None:
        """Take note of an error about one URN."""
        reason = _LASTING.get(type(error))
        if reason is None:
            self.failed[urn] = error
        else:
            self.missing[urn] = reason


def content_resource(urn: str) -> Resource | None:
    """Return where the content behind a creative's reference is read; None for kinds of URN that cannot be read."""
    return next((resource for resource in CONTENTS if kind_of(urn) in resource.kinds), None)


async def read_contents(get: Get, urns: Sequence[str]) -> Lookup[dict[str, Any]]:
    """Read the posts and messages that creatives show; URNs of other kinds are left out."""
    lookup: Lookup[dict[str, Any]] = Lookup()
    for resource in CONTENTS:
        mine = [urn for urn in urns if content_resource(urn) is resource]
        await _ContentWalk(get, resource.endpoint, lookup).read(mine)
    return lookup


async def read_names(get: Get, urns: Sequence[str]) -> Lookup[str]:
    """Return the English names of segments: of URNs from adTargetingEntities, of company sizes by their codes."""
    lookup = Lookup(found={segment: COMPANY_SIZES[segment] for segment in urns if segment in COMPANY_SIZES})
    await _NameWalk(get, TARGETING, lookup).read([urn for urn in urns if urn.startswith("urn:")])
    return lookup


@dataclass(slots=True)
class _Walk(ABC, Generic[T]):
    """The URNs of one resource, batch by batch, until failures show that it is unavailable."""

    get: Get
    endpoint: str
    lookup: Lookup[T]
    responded: bool = False

    async def read(self, urns: Sequence[str]) -> None:
        """Read all; the first batch alone, as it may show that the others need not be requested."""
        once = list(dict.fromkeys(urns))
        batches = [once[at : at + BATCH] for at in range(0, len(once), BATCH)]
        try:
            for group in (batches[:1], batches[1:]):
                await together(*(self.batch(batch) for batch in group))
        except ENDING as error:
            self.stop(error)

    @abstractmethod
    async def batch(self, urns: Sequence[str]) -> None:
        """Read one batch into the lookup, or stop."""

    @property
    def stopped(self) -> bool:
        """Whether the rest is not requested."""
        return self.endpoint in self.lookup.stopped

    def stop(self, error: LinkedInError) -> None:
        """Request nothing more of this resource."""
        self.lookup.stopped.setdefault(self.endpoint, error)

    async def send(
        self, path: str = "", parameters: Mapping[str, Value] | None = None, headers: Mapping[str, str] | None = None
    ) -> ParsedResponse | LinkedInError:
        """Send one request; an error that concerns this request alone is returned, the others are raised."""
        target = f"/rest/{self.endpoint}{path}"
        request = Request(self.endpoint, target, query(parameters or {}), headers=headers or {}, attempts=ATTEMPTS)
        try:
            response = await self.get(request)
        except ENDING:
            raise
        except LinkedInError as error:
            return error
        self.responded = True
        return response


class _ContentWalk(_Walk[dict[str, Any]]):
    """Posts, or messages: many at once, and each by itself where the many are refused as a whole."""

    async def batch(self, urns: Sequence[str]) -> None:
        """Read some, whatever is wrong with others."""
        if self.stopped:
            return
        unread = list(urns)
        if len(urns) > 1:
            outcome = await self.send(parameters={"ids": urns}, headers={"X-RestLi-Method": "BATCH_GET"})
            if isinstance(outcome, ParsedResponse):
                unread = [urn for urn in urns if not self._take(urn, outcome.body)]
        await self._each_alone(unread)

    async def _each_alone(self, urns: Sequence[str]) -> None:
        """Read some spread over all first: where each of them is refused or fails, the others are left alone."""
        probes = dict.fromkeys(urns[len(urns) * place // PROBES] for place in range(PROBES) if urns)
        errors = await together(*(self._single(urn) for urn in probes))
        others = [urn for urn in urns if urn not in probes]
        error = next((error for error in errors if error is not None), None)
        if others and error is not None and not self.responded:
            self.stop(error)
        else:
            await together(*(self._single(urn) for urn in others))

    async def _single(self, urn: str) -> LinkedInError | None:
        outcome = await self.send(f"/{encode(urn)}")
        if isinstance(outcome, ParsedResponse):
            self.lookup.found[urn] = outcome.body
            return None
        self.responded = self.responded or isinstance(outcome, NotFoundError)
        self.lookup.refuse(urn, outcome)
        return outcome

    def _take(self, urn: str, body: Mapping[str, Any]) -> bool:
        """Take what a batch returns for one URN; False where it returns nothing."""
        found, refused = _value(body, "results", urn), _value(body, "errors", urn)
        if isinstance(found, dict):
            self.lookup.found[urn] = found
            return True
        status = refused.get("status") if isinstance(refused, dict) else None
        status = status if isinstance(status, int) else _value(body, "statuses", urn)
        if not isinstance(status, int):
            return False
        if status < 400:
            return False
        if status >= 500 or status in _PASSING_STATUS:
            self.lookup.failed[urn] = RetryableError(f"LinkedIn failed on {urn}", detail=f"{status} within a batch")
        else:
            self.lookup.missing[urn] = _LASTING_STATUS.get(status, NoName.REFUSED)
        return True


class _NameWalk(_Walk[str]):
    """Names of segments: a batch that is refused or fails is requested in halves until the bad URN is alone."""

    failures: int = 0

    async def batch(self, urns: Sequence[str]) -> None:
        """Look up some, whatever is wrong with others; the largest parts first."""
        parts = deque([urns])
        while parts and not self.stopped:
            part = parts.popleft()
            outcome = await self._elements(part)
            if not isinstance(outcome, LinkedInError):
                self._take(part, outcome)
                continue
            self.failures += 1
            if self.failures >= PROBES and not self.responded:
                self.stop(outcome)
            elif len(part) == 1:
                self.lookup.refuse(part[0], outcome)
            else:
                middle = len(part) // 2
                parts += (part[:middle], part[middle:])

    def _take(self, urns: Sequence[str], elements: Sequence[Mapping[str, Any]]) -> None:
        names = {str(element.get("urn")): element.get("name") for element in elements}
        self.lookup.found |= {urn: name for urn in urns if isinstance(name := names.get(urn), str)}
        self.lookup.missing |= {urn: NoName.NOT_FOUND for urn in urns if urn not in self.lookup.found}

    async def _elements(self, urns: Sequence[str]) -> list[dict[str, Any]] | LinkedInError:
        parameters: dict[str, Value] = {
            "q": "urns",
            "queryVersion": "QUERY_USES_URNS",
            "urns": urns,
            "locale": {"language": "en", "country": "US"},
        }
        outcome = await self.send(parameters=parameters)
        if isinstance(outcome, LinkedInError):
            return outcome
        try:
            return [element for element in elements_of(outcome) if isinstance(element, dict)]
        except UnexpectedPayloadError as error:
            return error


def _value(body: Mapping[str, Any], part: str, urn: str) -> object:
    """Look a URN up in a part of a batch's response, whose keys are URNs, encoded or not, or the numbers in them."""
    values = body.get(part)
    if not isinstance(values, dict):
        return None
    decoded = {unquote(key): value for key, value in values.items()}
    return decoded.get(urn, decoded.get(urn.rpartition(":")[2]))
