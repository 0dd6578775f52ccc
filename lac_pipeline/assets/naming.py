"""Names for what LinkedIn leaves unnamed, segments and creatives: asked once, kept, and asked again when old."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lac_pipeline.errors import LinkedInError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.models.creative_names import name_of_post
from lac_pipeline.resources import utc_now
from lac_pipeline.storage.names import UrnNames


@dataclass(frozen=True, slots=True)
class Naming:
    """Asks for names, and keeps them in `urn_names`; a failure only means that names come later."""

    client: LinkedInClient
    names: UrnNames
    log: logging.Logger

    async def segments(self, segments: Iterable[str]) -> None:
        """Look up the audience segments whose names are not known; without one, a view shows the URN."""
        due = self.names.due((segment for segment in segments if segment.startswith("urn:")), at=utc_now())
        try:
            found = await self.client.names(due) if due else {}
        except LinkedInError as error:
            self.log.warning(f"the names of {len(due)} segments are looked up at the next sync: {error}")
        else:
            self.names.keep({urn: found.get(urn) for urn in due}, at=utc_now())

    async def posts(self, creatives: Iterable[object]) -> dict[str, str]:
        """What the posts of unnamed creatives are called, by the post's URN."""
        references = sorted({urn for creative in creatives if (urn := _unnamed_reference(creative)) is not None})
        due = self.names.due(references, at=utc_now())
        try:
            # The first answer tells whether this app may read posts at all; only then are the others asked.
            posts = [await self.client.post(urn) for urn in due[:1]]
            posts += await asyncio.gather(*(self.client.post(urn) for urn in due[1:]))
        except LinkedInError as error:
            self.log.warning(f"the names of {len(due)} posts are looked up at the next sync: {error}")
        else:
            told = {urn: name_of_post(post) if post else None for urn, post in zip(due, posts, strict=True)}
            self.names.keep(told, at=utc_now())
        return self.names.known(references)


def _unnamed_reference(creative: object) -> str | None:
    if not isinstance(creative, Mapping):
        return None
    content = creative.get("content")
    reference = content.get("reference") if isinstance(content, Mapping) else None
    return reference if isinstance(reference, str) and not creative.get("name") else None
