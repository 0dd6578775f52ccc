"""Names of segments, targets and creatives, and the text of ads: looked up once, stored, and renewed when old."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.lookups import COMPANY_SIZES, POSTS, PROBES, Lookup, content_resource
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.linkedin.urn import CREATIVE, id_of, urn
from lac_pipeline.models.ad_contents import content_of_creative, content_of_shown
from lac_pipeline.models.creative_names import name_of_content
from lac_pipeline.models.targeting import targeted_values
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Naming:
    """Looks names up, and keeps them in `urn_names`, and the text of ads in `ad_contents`; a failure means later."""

    client: LinkedInClient
    names: UrnNames
    ad_contents: AdContents
    log: logging.Logger

    async def segments(self, segments: Iterable[str], *, what: str = "segments") -> None:
        """Look up the audience segments whose names are not known; views show the others as sent."""
        nameable = (segment for segment in segments if segment.startswith("urn:") or segment in COMPANY_SIZES)
        due = self.names.due(nameable, at=utc_now())
        self._keep(what, due, await self.client.names(due), name_of=lambda name: name)

    async def targets(self, campaigns: Iterable[object]) -> None:
        """Look up what campaigns target, which are values of the same kinds as segments."""
        criteria = [campaign.get("targetingCriteria") for campaign in campaigns if isinstance(campaign, Mapping)]
        await self.segments(
            (value for creative_criteria in criteria for value in targeted_values(creative_criteria)),
            what="targeted values",
        )

    async def contents(self, creatives: Sequence[object]) -> dict[str, str]:
        """Store the text and links of creatives; return the names of the posts and messages that they show."""
        self._keep_own(creatives)
        references = sorted({urn for creative in creatives if (urn := _reference(creative)) is not None})
        due = self._due_contents(references)
        lookup = await self.client.contents(due)
        self._keep("posts and messages", due, lookup, name_of=name_of_content)
        self.ad_contents.keep({urn: content_of_shown(found) for urn, found in lookup.found.items()})
        return self.names.known(references)

    def _keep_own(self, creatives: Iterable[object]) -> None:
        """Keep what is written into creatives themselves, also that nothing is any more."""
        own = {urn: content_of_creative(creative) for urn, creative in _by_urn(creatives)}
        stored = self.ad_contents.stored(own)
        self.ad_contents.keep({urn: content for urn, content in own.items() if content or urn in stored})

    def _due_contents(self, references: Sequence[str]) -> list[str]:
        """The posts and messages to read: those whose names are due, and those named whose content is not stored."""
        unread = self.names.known(references).keys() - self.ad_contents.stored(references)
        due = unread | {*self.names.due(references, at=utc_now())}
        if self._posts_are_refused(references):
            due = {urn for urn in due if content_resource(urn) is not POSTS}
        return sorted(due)

    def _posts_are_refused(self, references: Iterable[str]) -> bool:
        """Whether all posts of the account that were requested lately were refused.

        The token then lacks the scope for posts, most likely; they are requested again when the refusals are due.
        """
        posts = [urn for urn in references if content_resource(urn) is POSTS]
        settled = self.names.settled(posts, at=utc_now())
        return settled[NoName.FORBIDDEN] >= PROBES and settled.total() == settled[NoName.FORBIDDEN]

    def _keep(self, what: str, due: list[str], lookup: Lookup[T], *, name_of: Callable[[T], str | None]) -> None:
        """Store names and lasting refusals, and log what is requested again at the next sync."""
        named = {urn: name_of(found) or NoName.UNNAMED for urn, found in lookup.found.items()}
        self.names.keep({**lookup.missing, **named}, at=utc_now())
        for reason, count in sorted(Counter(lookup.missing.values()).items()):
            self.log.info(f"{count} of {len(due)} {what} have no name: {reason.value}")
        for finding, error in lookup.failed.items():
            self.log.warning(f"the name of {finding} is looked up again at the next sync: {error}")
        left = len(due) - len(lookup.found) - len(lookup.missing) - len(lookup.failed)
        for endpoint, error in lookup.stopped.items():
            self.log.warning(f"{left} of {len(due)} {what} were not requested, as {endpoint} returns none: {error}")


def _reference(creative: object) -> str | None:
    """The post or message that a creative shows, if it can be read."""
    content = creative.get("content") if isinstance(creative, Mapping) else None
    reference = content.get("reference") if isinstance(content, Mapping) else None
    return reference if isinstance(reference, str) and content_resource(reference) is not None else None


def _by_urn(creatives: Iterable[object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for creative in creatives:
        if isinstance(creative, Mapping) and isinstance(creative.get("id"), str):
            with suppress(UnexpectedPayloadError):  # its record is refused, which is logged
                yield urn(CREATIVE, id_of(creative["id"], kind=CREATIVE)), creative
