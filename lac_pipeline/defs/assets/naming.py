"""Names for what LinkedIn leaves unnamed, segments and creatives: looked up once, kept, and again when they are old."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from lac_pipeline.defs.resources import utc_now
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.lookups import COMPANY_SIZES, POSTS, PROBES, Lookup, content_resource
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.models.creative_names import name_of_content
from lac_pipeline.models.targeting import targeted_values
from lac_pipeline.warehouse.load.urn_names import UrnNames

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Naming:
    """Looks names up, and keeps them in `urn_names`; a failure only means that a name comes later."""

    client: LinkedInClient
    names: UrnNames
    log: logging.Logger

    async def segments(self, segments: Iterable[str], *, what: str = "segments") -> None:
        """Look up the audience segments whose names are not known; views show the others as sent."""
        nameable = (segment for segment in segments if segment.startswith("urn:") or segment in COMPANY_SIZES)
        due = self.names.due(nameable, at=utc_now())
        self._keep(what, due, await self.client.names(due), name_of=lambda name: name)

    async def targets(self, campaigns: Iterable[object]) -> None:
        """Look up what campaigns target, which are values of the same kinds as segments."""
        criteria = [one.get("targetingCriteria") for one in campaigns if isinstance(one, Mapping)]
        await self.segments((value for one in criteria for value in targeted_values(one)), what="targeted values")

    async def contents(self, creatives: Iterable[object]) -> dict[str, str]:
        """What the posts and messages that unnamed creatives show are called, by URN."""
        references = sorted({urn for creative in creatives if (urn := _unnamed_reference(creative)) is not None})
        due = self.names.due(references, at=utc_now())
        if self._posts_are_refused(references):
            due = [urn for urn in due if content_resource(urn) is not POSTS]
        self._keep("posts and messages", due, await self.client.contents(due), name_of=name_of_content)
        return self.names.known(references)

    def _posts_are_refused(self, references: Iterable[str]) -> bool:
        """Whether all posts of the account that LinkedIn answered about of late were refused.

        The token then lacks the scope for posts, most likely; they are requested again when the refusals are due.
        """
        posts = [urn for urn in references if content_resource(urn) is POSTS]
        settled = self.names.settled(posts, at=utc_now())
        return settled[NoName.FORBIDDEN] >= PROBES and settled.total() == settled[NoName.FORBIDDEN]

    def _keep(self, what: str, due: list[str], lookup: Lookup[T], *, name_of: Callable[[T], str | None]) -> None:
        """Keep what LinkedIn answered, names and lasting refusals, and log what is requested again at the next sync."""
        named = {urn: name_of(found) or NoName.UNNAMED for urn, found in lookup.found.items()}
        self.names.keep({**lookup.missing, **named}, at=utc_now())
        for reason, count in sorted(Counter(lookup.missing.values()).items()):
            self.log.info(f"{count} of {len(due)} {what} have no name: {reason.value}")
        for urn, error in lookup.failed.items():
            self.log.warning(f"the name of {urn} is looked up again at the next sync: {error}")
        left = len(due) - len(lookup.found) - len(lookup.missing) - len(lookup.failed)
        for endpoint, error in lookup.stopped.items():
            self.log.warning(f"{left} of {len(due)} {what} were not requested, as {endpoint} answers none: {error}")


def _unnamed_reference(creative: object) -> str | None:
    if not isinstance(creative, Mapping):
        return None
    content = creative.get("content")
    reference = content.get("reference") if isinstance(content, Mapping) else None
    readable = isinstance(reference, str) and content_resource(reference) is not None
    return str(reference) if readable and not creative.get("name") else None
