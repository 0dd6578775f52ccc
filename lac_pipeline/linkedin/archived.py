"""LinkedIn as the raw archive remembers it: a network that answers every read from kept answers, and sends nothing.

What LinkedIn said last counts. Of adAnalytics every day, pivot and metric is taken from the last whole answer that
covers it, so that windows need not be cut as they were; lists are given page by page as last walked to their end.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

import httpx

from lac_pipeline.errors import ArchiveError
from lac_pipeline.exchange import Exchange
from lac_pipeline.linkedin.lookups import CONTENTS
from lac_pipeline.linkedin.restli import encode
from lac_pipeline.metrics import MAX_ELEMENTS
from lac_pipeline.windows import DateWindow

_CONTENTS = frozenset(f"/rest/{resource.endpoint}" for resource in CONTENTS)
_KEYS = frozenset({"dateRange", "pivotValues"})
_DAY = re.compile(r"year:(\d+),month:(\d+),day:(\d+)")
_CAMPAIGN = re.compile(r"sponsoredCampaign:(\d+)")


@dataclass(frozen=True, slots=True)
class Question:
    """What an adAnalytics query asks.

    Attributes:
        pivot: such as `CAMPAIGN`.
        granularity: such as `DAILY`.
        window: the days.
        campaigns: the campaigns that it is restricted to; empty for the whole account.
        metrics: LinkedIn's names.
    """

    pivot: str
    granularity: str
    window: DateWindow
    campaigns: frozenset[str]
    metrics: frozenset[str]

    @classmethod
    def of(cls, query: str) -> Question:
        """Read it back from a query string of ours."""
        said = dict(part.partition("=")[::2] for part in query.split("&"))
        first, last = (date(*map(int, day)) for day in _DAY.findall(said["dateRange"]))
        return cls(
            said["pivot"],
            said["timeGranularity"],
            DateWindow.inclusive(first, last),
            frozenset(_CAMPAIGN.findall(unquote(said.get("campaigns", "")))),
            frozenset(said["fields"].split(",")) - _KEYS,
        )

    def concerns(self, other: Question) -> bool:
        """Whether an answer to the other question tells something about this one."""
        same = (self.pivot, self.granularity) == (other.pivot, other.granularity)
        overlap = self.window.start < other.window.end and other.window.start < self.window.end
        return same and overlap and bool(self.metrics & other.metrics)


@dataclass(slots=True)
class _Row:
    """One row as it is known so far, and which campaigns it was asked with."""

    element: dict[str, Any]
    metrics: dict[str, Any] = field(default_factory=dict)
    asked_with: frozenset[str] = frozenset()


class ArchivedLinkedIn(httpx.AsyncBaseTransport):
    """Answers from one account's exchanges, given in the order in which they were sent.

    A read that the archive does not hold raises `ArchiveError`, except for posts and messages, which are then gone.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self.sent_at: dict[str, datetime] = {}
        self._readings: list[tuple[Question, bytes]] = []
        self._single: dict[str, Exchange] = {}
        self._walks: dict[str, list[Exchange]] = {}
        self._open: dict[str, list[Exchange]] = {}
        self._names: dict[str, dict[str, Any]] = {}
        self.looked_up: set[str] = set()  # the URNs of whose name or content an answer is kept
        for exchange in exchanges:
            self._remember(exchange)

    def metrics_read(self, pivot: str, granularity: str) -> dict[date, set[str]]:
        """The metrics that are known for the pivot, by day; a day on which none was read is not there."""
        known: defaultdict[date, set[str]] = defaultdict(set)
        for question, _ in self._readings:
            if (question.pivot, question.granularity) == (pivot, granularity):
                for day in question.window:
                    known[day] |= question.metrics
        return dict(known)

    def days_read(self, pivot: str, granularity: str, metrics: Iterable[str]) -> set[date]:
        """The days of which all these metrics are known for the pivot."""
        wanted = set(metrics)
        return {day for day, names in self.metrics_read(pivot, granularity).items() if wanted <= names}

    def walked(self, path: str) -> bool:
        """Whether the archive holds this list to its end, or this single record."""
        return path in self._walks or path in self._single

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a read."""
        path = request.url.raw_path.decode().partition("?")[0]
        query = (await request.aread()).decode() if request.method == "POST" else request.url.query.decode()
        if path.endswith("/adAnalytics"):
            return httpx.Response(200, json={"elements": self._analytics(Question.of(query))})
        if path.endswith("/adTargetingEntities"):
            asked = unquote(query)
            return httpx.Response(200, json={"elements": [one for urn, one in self._names.items() if urn in asked]})
        exchange = self._page(path, query) if path in self._walks else self._single.get(path)
        if path in _CONTENTS:
            return httpx.Response(200, json={"results": {}})  # the client then reads each by itself
        if exchange is None and path.rpartition("/")[0] in _CONTENTS:
            return httpx.Response(404, json={"status": 404, "code": "NOT_FOUND", "message": "not in the archive"})
        if exchange is None:
            raise ArchiveError(
                f"the raw archive holds no answer to {path}",
                means="it was pruned, or the account was never read to the end in these days",
                fix="choose an earlier --since, or load from LinkedIn with `lac sync --force`",
            )
        return httpx.Response(exchange.status, content=exchange.body)

    def _remember(self, exchange: Exchange) -> None:
        if exchange.path in _CONTENTS or exchange.path.rpartition("/")[0] in _CONTENTS:
            self._remember_content(exchange)
            return
        if exchange.status != httpx.codes.OK:
            return
        body = _json(exchange)
        if body is None:
            return
        self.sent_at[exchange.endpoint] = exchange.sent_at
        if exchange.endpoint == "adAnalytics":
            if len(body.get("elements", ())) < MAX_ELEMENTS:
                self._readings.append((Question.of(exchange.query), zlib.compress(exchange.body)))
        elif exchange.endpoint == "adTargetingEntities":
            self.looked_up |= _asked_urns(exchange.query)
            self._names |= {element["urn"]: element for element in body.get("elements", ()) if "urn" in element}
        elif "metadata" in body and "elements" in body:
            self._walk(exchange, body)
        else:
            self._single[exchange.path] = exchange

    def _remember_content(self, exchange: Exchange) -> None:
        """Keep what was answered about posts or messages, also that there is none."""
        contents = [exchange]
        if exchange.path in _CONTENTS:
            contents = [
                replace(exchange, path=f"{exchange.path}/{encode(urn)}", status=status, body=json.dumps(found).encode())
                for urn, status, found in _by_key(_json(exchange) or {})
            ]
        for content in contents:
            found = content.status == httpx.codes.OK and _json(content) is not None
            if found or _is_lasting(content.status):
                self._single[content.path] = content
                self.looked_up.add(unquote(content.path.rpartition("/")[2]))

    def _walk(self, exchange: Exchange, body: dict[str, Any]) -> None:
        """Add a page to the walk that it continues; a walk counts once its last page is there."""
        token, walk = _token(exchange.query), self._open.get(exchange.path)
        if not token:
            walk = []
        elif not walk or _next(walk[-1]) != token:
            return  # a page asked twice, or of a walk that began before these days
        self._open[exchange.path] = [*walk, exchange]
        if not _next(exchange, body):
            self._walks[exchange.path] = self._open.pop(exchange.path)

    def _page(self, path: str, query: str) -> Exchange | None:
        token = _token(query)
        return next((page for page in self._walks[path] if _token(page.query) == token), None)

    def _analytics(self, asked: Question) -> list[dict[str, Any]]:
        rows: defaultdict[date, dict[str, _Row]] = defaultdict(dict)
        for question, body in self._readings:
            if asked.concerns(question):
                shared = asked.metrics & question.metrics
                self._forget(rows, asked, question, shared)
                for element in json.loads(zlib.decompress(body))["elements"]:
                    _take(rows, element, question, asked=asked, shared=shared)
        return [row.element | row.metrics for day in sorted(rows) for row in rows[day].values() if row.metrics]

    def _forget(
        self, rows: defaultdict[date, dict[str, _Row]], asked: Question, question: Question, shared: frozenset[str]
    ) -> None:
        """Forget what a later answer tells anew: all rows of its days, or those of the campaigns that it was about."""
        for day, held in rows.items():
            if day not in question.window or day not in asked.window:
                continue
            for key, row in held.items():
                if not question.campaigns or _about(key, row, question):
                    row.metrics = {name: value for name, value in row.metrics.items() if name not in shared}


def _about(key: str, row: _Row, question: Question) -> bool:
    if question.pivot == "CAMPAIGN":
        return bool(set(re.findall(r"\d+", key)) & question.campaigns)
    return row.asked_with == question.campaigns


def _take(
    rows: defaultdict[date, dict[str, _Row]],
    element: dict[str, Any],
    question: Question,
    *,
    asked: Question,
    shared: frozenset[str],
) -> None:
    start = element["dateRange"]["start"]
    day = date(start["year"], start["month"], start["day"])
    if day not in asked.window:
        return
    identity = {"dateRange": element["dateRange"], "pivotValues": element["pivotValues"]}
    row = rows[day].setdefault("|".join(element["pivotValues"]), _Row(identity))
    row.metrics |= {name: element[name] for name in shared if name in element}
    row.asked_with = question.campaigns


def _json(exchange: Exchange) -> dict[str, Any] | None:
    """Read an answer; one that was cut on its way tells nothing, and was asked again."""
    try:
        body = json.loads(exchange.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _is_lasting(status: int) -> bool:
    return 400 <= status < 500 and status not in (401, 408, 429)


def _by_key(body: Mapping[str, Any]) -> Iterator[tuple[str, int, object]]:
    """What a batch of posts or messages says of each: its URN, the status, and what a read of it alone would say."""
    results, errors = body.get("results"), body.get("errors")
    for key, found in results.items() if isinstance(results, dict) else ():
        yield unquote(key), httpx.codes.OK, found
    for key, refused in errors.items() if isinstance(errors, dict) else ():
        status = refused.get("status") if isinstance(refused, dict) else None
        if isinstance(status, int) and _is_lasting(status):
            yield unquote(key), status, refused


def _asked_urns(query: str) -> set[str]:
    """The URNs that a query for names lists."""
    listed = next((part for part in query.split("&") if part.startswith("urns=List(")), "urns=List()")
    return {unquote(urn) for urn in listed.removeprefix("urns=List(").removesuffix(")").split(",")}


def _token(query: str) -> str:
    return next((unquote(part[len("pageToken=") :]) for part in query.split("&") if part.startswith("pageToken=")), "")


def _next(exchange: Exchange, body: dict[str, Any] | None = None) -> str:
    metadata = (body if body is not None else _json(exchange) or {}).get("metadata") or {}
    return str(metadata.get("nextPageToken") or "")


def paths_of(account_id: int) -> Sequence[tuple[str, str]]:
    """The assets of the account structure, and the path that each is read from."""
    base = f"/rest/adAccounts/{account_id}"
    return (
        ("accounts", base),
        ("campaign_groups", f"{base}/adCampaignGroups"),
        ("campaigns", f"{base}/adCampaigns"),
        ("creatives", f"{base}/creatives"),
    )
