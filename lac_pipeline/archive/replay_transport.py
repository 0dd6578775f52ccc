"""A transport that returns the archived responses of one attempt, and sends nothing.

The same request gets the same bytes. Windows of adAnalytics may be divided differently from the original sync: the rows
of several responses are joined as the client joins them, and what the client refuses is refused here, too.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import unquote

import httpx
import msgspec

from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.analytics.merge import Key, Table, key_of
from lac_pipeline.linkedin.lookups import CONTENTS, TARGETING
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.linkedin.restli import encode
from lac_pipeline.windows import DateWindow

_CONTENTS = frozenset(f"/rest/{resource.endpoint}" for resource in CONTENTS)
_KEYS = frozenset({"dateRange", "pivotValues"})
_PIVOT = re.compile(r"[A-Z][A-Z0-9_]*")
_DAY = re.compile(r"year:(\d+),month:(\d+),day:(\d+)")
_CAMPAIGN = re.compile(r"sponsoredCampaign:(\d+)")
_NUMBER = re.compile(r'"\\u0000([-+.0-9eE]+)\\u0000"')


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What an adAnalytics query requests.

    Attributes:
        pivots: such as `CAMPAIGN`, in the order of a row's values.
        granularity: such as `DAILY`.
        window: the days.
        campaigns: the campaigns that it is restricted to; empty for the whole account.
        metrics: LinkedIn's names.
    """

    pivots: tuple[str, ...]
    granularity: str
    window: DateWindow
    campaigns: frozenset[str]
    metrics: frozenset[str]

    @classmethod
    def of(cls, query: str) -> ReportQuery:
        """Read it back from a query string of ours."""
        parameters = dict(part.partition("=")[::2] for part in query.split("&"))
        first, last = (date(*map(int, day)) for day in _DAY.findall(parameters["dateRange"]))
        return cls(
            tuple(_PIVOT.findall(parameters.get("pivot") or parameters["pivots"].removeprefix("List"))),
            parameters["timeGranularity"],
            DateWindow.inclusive(first, last),
            frozenset(_CAMPAIGN.findall(unquote(parameters.get("campaigns", "")))),
            frozenset(parameters["fields"].split(",")) - _KEYS,
        )

    def concerns(self, other: ReportQuery) -> bool:
        """Whether a response to the other query holds something that this one requests."""
        same = (self.pivots, self.granularity) == (other.pivots, other.granularity)
        if any(pivot_of(pivot).members for pivot in self.pivots):  # the rows of one campaign look like those of another
            same = same and self.campaigns == other.campaigns
        overlap = self.window.start < other.window.end and other.window.start < self.window.end
        return same and overlap and bool(self.metrics & other.metrics)


class _Report(msgspec.Struct):
    """A response of adAnalytics whose rows are only counted."""

    elements: list[msgspec.Raw]


_reports = msgspec.json.Decoder(_Report)


class ArchivedLinkedIn(httpx.AsyncBaseTransport):
    """Returns responses from the exchanges of one attempt, which are given in the order in which they were sent.

    A read that it does not hold raises `ArchiveError`; except for posts and messages, which are then gone, and for the
    account itself, which an attempt that succeeded was allowed to read.

    Attributes:
        version: the API version that the responses were given in; empty without one.
        looked_up: the URNs of whose name or content a response is kept.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._readings: dict[ReportQuery, bytes] = {}
        self._refusals: dict[tuple[tuple[str, ...], str], Exchange] = {}
        self._exact: dict[tuple[str, str], Exchange] = {}
        self._walks: dict[str, list[Exchange]] = {}
        self._open: dict[str, list[Exchange]] = {}
        self._names: dict[str, dict[str, Any]] = {}
        self._accounts: set[int] = set()
        self._contents: dict[str, Exchange] = {}
        self.version = ""
        self.looked_up: set[str] = set()
        for exchange in exchanges:
            self._remember(exchange)

    def metrics_read(self, pivots: Sequence[str], granularity: str) -> dict[date, set[str]]:
        """The metrics that are known for the pivots, by day; a day on which none was read is not there."""
        known: defaultdict[date, set[str]] = defaultdict(set)
        for kept in self._readings:
            if (kept.pivots, kept.granularity) == (tuple(pivots), granularity):
                for day in kept.window:
                    known[day] |= kept.metrics
        return dict(known)

    def windows_of(
        self, pivots: Sequence[str], granularity: str, window: DateWindow, campaigns: Sequence[int]
    ) -> list[DateWindow]:
        """The windows in which a report was requested, if they make up these days without a gap; else these days.

        The response to such a window is returned as it was, where that to another has to be joined from several.
        """
        report = (tuple(pivots), granularity, frozenset(map(str, campaigns)))
        kept = {each.window for each in self._readings if (each.pivots, each.granularity, each.campaigns) == report}
        windows: list[DateWindow] = []
        for each in sorted(kept, key=lambda each: (each.start, -each.days)):
            if not windows or each.end > windows[-1].end:  # shorter ones within it are of metrics that need them
                windows.append(each)
        starts, ends = [each.start for each in windows], [each.end for each in windows]
        return windows if [*starts, window.end] == [window.start, *ends] and granularity != "ALL" else [window]

    @property
    def paths(self) -> frozenset[str]:
        """The paths that were requested, those of reports excepted."""
        return frozenset(path for path, _ in self._exact)

    @property
    def entities(self) -> frozenset[tuple[int, str]]:
        """The single campaigns that a report was requested for, each with its pivot."""
        return frozenset(
            (int(campaign), pivot)
            for kept in self._readings
            for campaign in kept.campaigns
            for pivot in kept.pivots
            if len(kept.campaigns) == 1
        )

    def walked(self, path: str) -> bool:
        """Whether the responses contain this list to its end, or this single record."""
        return path in self._walks or self._record(path) is not None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a read."""
        path = request.url.raw_path.decode().partition("?")[0]
        query = (await request.aread()).decode() if request.method == "POST" else request.url.query.decode()
        if path.endswith("/adAnalytics"):
            response = self._analytics(ReportQuery.of(query))
        elif path in self._walks:
            response = self._page(path, query)
        else:
            exact = self._exact.get((path, _unprojected(query)))
            response = _as_it_was(exact or self._record(path)) or self._known(path, query)
        if response is None:
            raise ArchiveError(
                f"the raw archive has no response to {path}",
                meaning="it was pruned, or it was never read to the end",
                fix="choose an earlier --since, or load from LinkedIn with `lac sync --force`",
            )
        return response

    def _remember(self, exchange: Exchange) -> None:
        self.version = exchange.version
        if exchange.account_id is not None:
            self._accounts.add(exchange.account_id)
        whole = exchange.status == httpx.codes.OK
        if exchange.endpoint == "adAnalytics":
            self._remember_report(exchange, whole=whole)
            return
        body = _json(exchange)
        if whole and body is None:
            return  # truncated in transit: it was requested again
        self._exact[exchange.path, _unprojected(exchange.query)] = exchange
        if exchange.path in _CONTENTS or exchange.path.rpartition("/")[0] in _CONTENTS:
            self._remember_content(exchange)
        elif whole and body is not None and exchange.endpoint == TARGETING:
            self.looked_up |= _requested_urns(exchange.query)
            elements = [element for element in _list(body.get("elements")) if isinstance(element, dict)]
            self._names |= {element["urn"]: element for element in elements if isinstance(element.get("urn"), str)}
        elif whole and body is not None and "metadata" in body and "elements" in body:
            self._walk(exchange, body)

    def _remember_report(self, exchange: Exchange, *, whole: bool) -> None:
        kept = ReportQuery.of(exchange.query)
        if not whole:
            self._refusals[kept.pivots, kept.granularity] = exchange
        elif (rows := _rows_in(exchange)) is not None and rows < MAX_ELEMENTS:
            self._readings[kept] = zlib.compress(exchange.body, level=1)

    def _remember_content(self, exchange: Exchange) -> None:
        """Store what LinkedIn returned about posts or messages, also that one does not exist."""
        contents = [exchange]
        if exchange.path in _CONTENTS:
            contents = [
                replace(exchange, path=f"{exchange.path}/{encode(urn)}", status=status, body=json.dumps(found).encode())
                for urn, status, found in _by_key(_json(exchange) or {})
            ]
        for content in contents:
            found = content.status == httpx.codes.OK and _json(content) is not None
            if found or _is_lasting(content.status):
                self._contents[content.path] = content
                self.looked_up.add(unquote(content.path.rpartition("/")[2]))

    def _walk(self, exchange: Exchange, body: dict[str, Any]) -> None:
        """Add a page to the walk that it continues; a walk counts once its last page is there."""
        token, walk = _token(exchange.query), self._open.get(exchange.path)
        if not token:
            walk = []
        elif not walk or _next(_json(walk[-1])) != token:
            return  # a page that was requested twice, or of a list whose first page is not in the archive
        self._open[exchange.path] = [*walk, exchange]
        if not _next(body):
            self._walks[exchange.path] = self._open.pop(exchange.path)

    def _page(self, path: str, query: str) -> httpx.Response | None:
        token = _token(query)
        return _as_it_was(next((page for page in self._walks[path] if _token(page.query) == token), None))

    def _record(self, path: str) -> Exchange | None:
        found = [
            response for (at, _), response in self._exact.items() if at == path and response.status == httpx.codes.OK
        ]
        return next((match for match in found if "elements" not in (_json(match) or {})), None)

    def _known(self, path: str, query: str) -> httpx.Response | None:
        """Build a response from others: names that came in other batches, posts, and the account itself."""
        if path in _CONTENTS:
            return httpx.Response(200, json={"results": {}})  # the client then reads each by itself
        if path.endswith(f"/{TARGETING}"):
            requested = unquote(query)
            return httpx.Response(
                200, json={"elements": [record for urn, record in self._names.items() if urn in requested]}
            )
        if path.rpartition("/")[0] in _CONTENTS:
            gone = httpx.Response(404, json={"status": 404, "code": "NOT_FOUND", "message": "not in the archive"})
            return _as_it_was(self._contents.get(path)) or gone
        account = path.removeprefix("/rest/adAccounts/")
        if account.isdigit() and int(account) in self._accounts:
            return httpx.Response(200, json={"id": int(account)})
        return None

    def _analytics(self, requested: ReportQuery) -> httpx.Response | None:
        found = [kept for kept in self._readings if requested.concerns(kept)]
        if not found:
            return _as_it_was(self._refusals.get((requested.pivots, requested.granularity)))
        if found == [requested]:
            return httpx.Response(200, content=zlib.decompress(self._readings[requested]))
        rows: dict[Key, dict[str, Any]] = {}
        keyless: list[object] = []
        for kept in found:
            for element in self._elements(kept):
                key = key_of(element)
                if key is None:
                    keyless.append(element)
                elif key[0] in requested.window and key[1] in requested.window:
                    shared = {
                        name: value for name, value in element.items() if name not in kept.metrics - requested.metrics
                    }
                    rows.setdefault(key, {}).update(shared)
        return httpx.Response(200, content=_written({"elements": [*rows.values(), *keyless]}))

    def _elements(self, kept: ReportQuery) -> list[Any]:
        """Read the elements of one response; raise for the same faults as the client."""
        body = json.loads(zlib.decompress(self._readings[kept]), parse_float="\0{}\0".format)
        elements = body.get("elements")
        response = ParsedResponse(
            body, "", f"adAnalytics by {' and '.join(kept.pivots)} of {kept.window} in the archive"
        )
        if not isinstance(elements, list):
            raise response.unexpected("holds no list of records")
        Table(report=kept.granularity, calls=1).join(
            elements, response, window=None if kept.granularity == "ALL" else kept.window
        )
        return elements


def _as_it_was(exchange: Exchange | None) -> httpx.Response | None:
    if exchange is None:
        return None
    headers = {name: value for name, value in exchange.headers.items() if name == "content-type"}
    return httpx.Response(exchange.status, content=exchange.body, headers=headers)


def _written(body: object) -> bytes:
    """Write JSON whose fractional numbers were read as text, with the same digits."""
    return _NUMBER.sub(r"\1", json.dumps(body)).encode()


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _json(exchange: Exchange) -> dict[str, Any] | None:
    """Read a response; None where it is no JSON object, such as a truncated response."""
    try:
        body = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _rows_in(exchange: Exchange) -> int | None:
    """Count the rows of a report; None where the response is no JSON object."""
    try:
        return len(_reports.decode(exchange.body).elements)
    except msgspec.DecodeError:  # also NaN and other numbers that only the lenient parser accepts
        body = _json(exchange)
        return None if body is None else len(_list(body.get("elements")))


def _is_lasting(status: int) -> bool:
    return 400 <= status < 500 and status not in (401, 408, 429)


def _by_key(body: Mapping[str, Any]) -> Iterator[tuple[str, int, object]]:
    """What a batch of posts or messages returns for each: URN, status, and the body of a read of it alone."""
    results, errors = body.get("results"), body.get("errors")
    for key, found in results.items() if isinstance(results, dict) else ():
        yield unquote(key), httpx.codes.OK, found
    for key, refused in errors.items() if isinstance(errors, dict) else ():
        status = refused.get("status") if isinstance(refused, dict) else None
        if isinstance(status, int) and _is_lasting(status):
            yield unquote(key), status, refused


def _requested_urns(query: str) -> set[str]:
    """The URNs that a query for names lists."""
    listed = next((part for part in query.split("&") if part.startswith("urns=List(")), "urns=List()")
    return {unquote(urn) for urn in listed.removeprefix("urns=List(").removesuffix(")").split(",")}


def _unprojected(query: str) -> str:
    """A query without the fields that it names: fewer or more of them are fields of the same records."""
    return "&".join(part for part in query.split("&") if not part.startswith("fields="))


def _token(query: str) -> str:
    return next((unquote(part[len("pageToken=") :]) for part in query.split("&") if part.startswith("pageToken=")), "")


def _next(body: dict[str, Any] | None) -> str:
    metadata = (body or {}).get("metadata")
    token = metadata.get("nextPageToken") if isinstance(metadata, dict) else None
    return token if isinstance(token, str) else ""
