"""Pagination. Pages are read until LinkedIn says that there is no next page; a short or empty page is not the end.

Sources: LinkedIn's "Cursor-based pagination" page, for lists with a token: a page may be short or empty although
another follows, because rows that the member may not see are removed from it. The last page is the one whose `metadata`
has no `nextPageToken`. Its "Conversions" page, for lists that are read by start and count: `total` may be -1 there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from msgspec import Struct

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.analytics.decoded_rows import DecodedRows
from lac_pipeline.linkedin.bodies import kept_in


class ParsedResponse(Struct, frozen=True):
    """A response with status 200, parsed.

    Attributes:
        body: the JSON object, numbers with a fraction as Decimal; any field may be missing.
        source: where its bytes are kept; empty without an archive.
        subject: endpoint and account, such as `adAnalytics of account 510000001`.
        rows: its elements, where the request had a decoder for them and all were in the usual form; the body then lacks
            them.
    """

    body: dict[str, Any]
    source: str
    subject: str
    rows: DecodedRows | None = None

    def unexpected(
        self,
        problem: str,
        *,
        meaning: str = "nothing of it was loaded; what was loaded before stays",
        fix: str = "run the sync again; if it stays, compare LINKEDIN_API_VERSION with LinkedIn's release notes",
    ) -> UnexpectedPayloadError:
        """Describe the fault of the response, such as `holds no list of records`, and name its place in the archive."""
        return UnexpectedPayloadError(
            f"LinkedIn's response about {self.subject} {problem}", detail=kept_in(self.source), meaning=meaning, fix=fix
        )


class Page(Struct, frozen=True):
    """Some of LinkedIn's elements, and where the raw responses are kept.

    An element that is no object is among them: validation refuses it as it does a record with a wrong field.
    """

    elements: list[Any]
    sources: tuple[str, ...]


def elements_of(response: ParsedResponse) -> list[Any]:
    """Take the elements, whatever each of them is, out of a collection's response.

    Raises:
        UnexpectedPayloadError: there is no list of records in it.
    """
    elements = response.body.get("elements")
    if not isinstance(elements, list):
        raise response.unexpected("holds no list of records")
    return elements


def next_token(response: ParsedResponse) -> str | None:
    """Read the token of the next page, or None on the last one.

    Raises:
        UnexpectedPayloadError: the paging metadata is missing or invalid, so the end of the list is unknown.
    """
    metadata = response.body.get("metadata")
    token = metadata.get("nextPageToken") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(token, str | None):
        raise response.unexpected(
            "has no paging metadata",
            meaning="whether more pages follow is unknown, so nothing is taken as complete",
            fix="run the sync again",
        )
    return token or None


async def walk(send: Callable[[str | None], Awaitable[ParsedResponse]]) -> AsyncIterator[Page]:
    """Yield every page, short and empty pages too, until LinkedIn names no next page.

    Raises:
        UnexpectedPayloadError: a token came twice, so the pages would never end.
    """
    token: str | None = None
    seen: set[str] = set()
    while True:
        response = await send(token)
        yield Page(elements_of(response), (response.source,))
        token = next_token(response)
        if token is None:
            return
        if token in seen:
            raise response.unexpected(
                "holds the same page token twice",
                meaning="the list would never end; nothing is taken as complete",
                fix="run the sync again",
            )
        seen.add(token)


async def walk_from(send: Callable[[int], Awaitable[ParsedResponse]], *, count: int) -> AsyncIterator[Page]:
    """Yield every page of a list that is read from a start on, until a page is short and names no next one, or empty.

    Args:
        send: reads the page that begins with the element of this number.
        count: the elements that were requested for each page.

    Raises:
        UnexpectedPayloadError: a page came twice, so the walk would never end, or one lacks its paging metadata.
    """
    start, before = 0, list[Any]()
    while True:
        response = await send(start)
        elements = elements_of(response)
        if elements and elements == before:
            raise response.unexpected(
                "holds the same page twice",
                meaning="the list would never end; nothing is taken as complete",
                fix="run the sync again",
            )
        before = list(elements)
        yield Page(elements, (response.source,))
        step, more = _served(response, count=count)
        if not before or (len(before) < step and not more):
            return
        start += step


def _served(response: ParsedResponse, *, count: int) -> tuple[int, bool]:
    """How many elements LinkedIn puts into a page, which may be fewer than requested, and whether it names a next one.

    Raises:
        UnexpectedPayloadError: the paging metadata is missing or invalid, so the end of the list is unknown.
    """
    paging = response.body.get("paging")
    if not isinstance(paging, dict):
        raise response.unexpected(
            "has no paging metadata",
            meaning="whether more pages follow is unknown, so nothing is taken as complete",
            fix="run the sync again",
        )
    served, links = paging.get("count"), paging.get("links")
    named = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    step = served if type(served) is int and 0 < served < count else count
    return step, any(link.get("rel") == "next" for link in named)
