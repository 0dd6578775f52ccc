"""The archived responses of adAnalytics of one attempt, and the responses that are made of them.

The same request gets the same bytes. Where days are requested in other windows than then, the rows of several responses
are joined as the client joins them, and what the client refuses is refused here, too.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import unquote

import httpx
import msgspec

from lac_pipeline.linkedin.analytics.merge import Key, Table, key_of
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.windows import DateWindow

_KEYS = frozenset({"dateRange", "pivotValues"})
_PIVOT = re.compile(r"[A-Z][A-Z0-9_]*")
_DAY = re.compile(r"year:(\d+),month:(\d+),day:(\d+)")
_CAMPAIGN = re.compile(r"sponsoredCampaign:(\d+)")
_NUMBER = re.compile(r'"\\u0000([-+.0-9eE]+)\\u0000"')


class ReportQuery(msgspec.Struct, frozen=True):
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


class ArchivedReports:
    """The responses of one attempt about its reports."""

    def __init__(self) -> None:
        self._readings: dict[ReportQuery, bytes] = {}
        self._refusals: dict[tuple[tuple[str, ...], str], Exchange] = {}

    def add(self, exchange: Exchange) -> None:
        """Keep a response; one that was truncated, in transit or at LinkedIn's cap, was requested again."""
        kept = ReportQuery.of(exchange.query)
        if exchange.status != httpx.codes.OK:
            self._refusals[kept.pivots, kept.granularity] = exchange
        elif (rows := _rows_in(exchange)) is not None and rows < MAX_ELEMENTS:
            self._readings[kept] = zlib.compress(exchange.body, level=1)

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
    def entities(self) -> frozenset[tuple[int, str]]:
        """The single campaigns that a report was requested for, each with its pivot."""
        return frozenset(
            (int(campaign), pivot)
            for kept in self._readings
            for campaign in kept.campaigns
            for pivot in kept.pivots
            if len(kept.campaigns) == 1
        )

    def response(self, query: str) -> httpx.Response | None:
        """Return the response to a request; None where nothing of it was read."""
        requested = ReportQuery.of(query)
        found = [kept for kept in self._readings if requested.concerns(kept)]
        if not found:
            return as_it_was(self._refusals.get((requested.pivots, requested.granularity)))
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
        return httpx.Response(200, content=written({"elements": [*rows.values(), *keyless]}))

    def _elements(self, kept: ReportQuery) -> list[Any]:
        """Read the elements of one response; raise for the same faults as the client."""
        body = json.loads(zlib.decompress(self._readings[kept]), parse_float=_as_text, parse_int=_whole)
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


def as_it_was(exchange: Exchange | None) -> httpx.Response | None:
    """The response of an exchange; None without one."""
    if exchange is None:
        return None
    headers = {name: value for name, value in exchange.headers.items() if name == "content-type"}
    return httpx.Response(exchange.status, content=exchange.body, headers=headers)


def as_list(value: object) -> list[Any]:
    """A JSON array; empty where it is none."""
    return value if isinstance(value, list) else []


def json_object(exchange: Exchange) -> dict[str, Any] | None:
    """Read a response; None where it is no JSON object, such as a truncated response."""
    try:
        body = json.loads(exchange.body, parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def written(body: object) -> bytes:
    """Write JSON of which some numbers were read as text, with the same digits."""
    return _NUMBER.sub(r"\1", json.dumps(body)).encode()


def _as_text(digits: str) -> str:
    """Read a number as the text that `written` knows for one."""
    return f"\0{digits}\0"


def _whole(digits: str) -> int | str:
    """Read a whole number; one of thousands of digits, which Python refuses to read, as text."""
    try:
        return int(digits)
    except ValueError:
        return _as_text(digits)


def _rows_in(exchange: Exchange) -> int | None:
    """Count the rows of a report; None where the response is no JSON object."""
    try:
        return len(_reports.decode(exchange.body).elements)
    except msgspec.DecodeError:  # also NaN and other numbers that only the lenient parser accepts
        body = json_object(exchange)
        return None if body is None else len(as_list(body.get("elements")))
