"""A transport that returns the archived responses of one attempt, and sends nothing.

The same request gets the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import httpx

from lac_pipeline.archive.archived_reports import ArchivedReports, as_it_was, as_list, json_object, written
from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.lookups import CONTENTS, TARGETING
from lac_pipeline.linkedin.recorded_response import Exchange
from lac_pipeline.linkedin.restli import encode

_CONTENTS = frozenset(f"/rest/{resource.endpoint}" for resource in CONTENTS)


class ArchivedLinkedIn(httpx.AsyncBaseTransport):
    """Returns responses from the exchanges of one attempt, which are given in the order in which they were sent.

    A read that it does not hold raises `ArchiveError`; except for posts and messages, which are then gone, and for the
    account itself, which an attempt that succeeded was allowed to read.

    Attributes:
        reports: the responses of adAnalytics.
        version: the API version that the responses were given in; empty without one.
        looked_up: the URNs of whose name or content a response is kept.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self.reports = ArchivedReports()
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

    @property
    def paths(self) -> frozenset[str]:
        """The paths that were requested, those of reports excepted."""
        return frozenset(path for path, _ in self._exact)

    def walked(self, path: str) -> bool:
        """Whether the responses contain this list to its end, or this single record."""
        return path in self._walks or self._record(path) is not None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a read."""
        path = request.url.raw_path.decode().partition("?")[0]
        query = (await request.aread()).decode() if request.method == "POST" else request.url.query.decode()
        if path.endswith("/adAnalytics"):
            response = self.reports.response(query)
        elif path in self._walks:
            response = self._page(path, query)
        else:
            exact = self._exact.get((path, _unprojected(query)))
            response = as_it_was(exact or self._record(path)) or self._known(path, query)
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
            self.reports.add(exchange)
            return
        body = json_object(exchange)
        if whole and body is None:
            return  # truncated in transit: it was requested again
        self._exact[exchange.path, _unprojected(exchange.query)] = exchange
        if exchange.path in _CONTENTS or exchange.path.rpartition("/")[0] in _CONTENTS:
            self._remember_content(exchange)
        elif whole and body is not None and exchange.endpoint == TARGETING:
            self.looked_up |= _requested_urns(exchange.query)
            elements = [element for element in as_list(body.get("elements")) if isinstance(element, dict)]
            self._names |= {element["urn"]: element for element in elements if isinstance(element.get("urn"), str)}
        elif whole and body is not None and "metadata" in body and "elements" in body:
            self._walk(exchange, body)

    def _remember_content(self, exchange: Exchange) -> None:
        """Store what LinkedIn returned about posts or messages, also that one does not exist."""
        contents = [exchange]
        if exchange.path in _CONTENTS:
            contents = [
                replace(exchange, path=f"{exchange.path}/{encode(urn)}", status=status, body=written(found))
                for urn, status, found in _by_key(json_object(exchange) or {})
            ]
        for content in contents:
            found = content.status == httpx.codes.OK and json_object(content) is not None
            if found or _is_lasting(content.status):
                self._contents[content.path] = content
                self.looked_up.add(unquote(content.path.rpartition("/")[2]))

    def _walk(self, exchange: Exchange, body: dict[str, Any]) -> None:
        """Add a page to the walk that it continues; a walk counts once its last page is there."""
        token, walk = _token(exchange.query), self._open.get(exchange.path)
        if not token:
            walk = []
        elif not walk or _next(json_object(walk[-1])) != token:
            return  # a page that was requested twice, or of a list whose first page is not in the archive
        self._open[exchange.path] = [*walk, exchange]
        if not _next(body):
            self._walks[exchange.path] = self._open.pop(exchange.path)

    def _page(self, path: str, query: str) -> httpx.Response | None:
        token = _token(query)
        return as_it_was(next((page for page in self._walks[path] if _token(page.query) == token), None))

    def _record(self, path: str) -> Exchange | None:
        found = [
            response for (at, _), response in self._exact.items() if at == path and response.status == httpx.codes.OK
        ]
        return next((match for match in found if "elements" not in (json_object(match) or {})), None)

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
            return as_it_was(self._contents.get(path)) or gone
        account = path.removeprefix("/rest/adAccounts/")
        if account.isdigit() and int(account) in self._accounts:
            return httpx.Response(200, json={"id": int(account)})
        return None


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
