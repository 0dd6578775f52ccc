"""Walking LinkedIn's cursor pages: to the end that LinkedIn names, never to one that was guessed.

Source: LinkedIn's "Cursor-based pagination" page. A page may be short or even empty and still have a successor, as rows
the member may not see are taken out after the page was cut; the only end is a `metadata` without `nextPageToken`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lac_pipeline.errors import UnexpectedPayloadError


@dataclass(frozen=True, slots=True)
class Answer:
    """One parsed answer and where its bytes are kept (empty when there is no archive)."""

    body: dict[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of LinkedIn's elements, numbers with a fraction as Decimal, and where the raw answers are kept."""

    elements: list[dict[str, Any]]
    sources: tuple[str, ...]


def elements_of(answer: Answer, *, resource: str) -> list[dict[str, Any]]:
    """Take the elements out of a collection's answer.

    Raises:
        UnexpectedPayloadError: there is no list of records in it.
    """
    elements = answer.body.get("elements")
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise UnexpectedPayloadError(
            f"LinkedIn's answer about {resource} holds no list of records",
            means="nothing of it was loaded; what was loaded before stays",
            fix="run the sync again; if it stays, compare LINKEDIN_API_VERSION with LinkedIn's release notes",
        )
    return elements


def next_token(answer: Answer, *, resource: str) -> str | None:
    """Read the token of the next page, or None on the last one.

    Raises:
        UnexpectedPayloadError: the paging metadata is missing, so the answer was cut and the end is unknown.
    """
    metadata = answer.body.get("metadata")
    if not isinstance(metadata, dict):
        raise UnexpectedPayloadError(
            f"LinkedIn's page of {resource} has no paging metadata",
            means="the answer was cut, so whether more pages follow is unknown; nothing is taken as complete",
            fix="run the sync again",
        )
    token = metadata.get("nextPageToken")
    return str(token) if token else None


async def walk(ask: Callable[[str | None], Awaitable[Answer]], *, resource: str) -> AsyncIterator[Page]:
    """Yield every page, over short and empty ones, until LinkedIn names no next one.

    Raises:
        UnexpectedPayloadError: a token came twice, so the walk would never end.
    """
    token: str | None = None
    seen: set[str] = set()
    while True:
        answer = await ask(token)
        yield Page(elements_of(answer, resource=resource), (answer.source,))
        token = next_token(answer, resource=resource)
        if token is None:
            return
        if token in seen:
            raise UnexpectedPayloadError(
                f"LinkedIn sent the same page token twice while listing {resource}",
                means="the list would never end; nothing is taken as complete",
                fix="run the sync again",
            )
        seen.add(token)
