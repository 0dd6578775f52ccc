"""Reads records that LinkedIn returns one by one; an error about one record does not affect the others."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from lac_pipeline.errors import LinkedInError, NotFoundError
from lac_pipeline.linkedin.gather import together
from lac_pipeline.linkedin.lookups import ATTEMPTS, ENDING, PROBES, Get
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.transport import Request

_AT_ONCE = PROBES

Outcome = tuple[str, ParsedResponse | LinkedInError]
"""The path that was requested, and what came: the record, or the error that concerns it alone."""


async def read_each(get: Get, endpoint: str, account_id: int, paths: Sequence[str]) -> AsyncGenerator[Outcome, None]:
    """Read the record at each path; one that does not exist is left out.

    Raises:
        LinkedInError: it concerns every path, or the first paths all fail, so that the others would fail too.
    """
    failed: list[LinkedInError] = []
    responded = False

    async def read(path: str) -> Outcome:
        try:
            return path, await get(Request(endpoint, path, "", account_id, attempts=ATTEMPTS))
        except ENDING:
            raise
        except LinkedInError as error:
            return path, error

    for at in range(0, len(paths), _AT_ONCE):
        for path, outcome in await together(*(read(path) for path in paths[at : at + _AT_ONCE])):
            refused = isinstance(outcome, LinkedInError) and not isinstance(outcome, NotFoundError)
            responded = responded or not refused
            if isinstance(outcome, LinkedInError) and refused:
                failed.append(outcome)
            if not isinstance(outcome, NotFoundError):
                yield path, outcome
        if failed and not responded and len(failed) >= min(PROBES, len(paths)):
            raise failed[0]
