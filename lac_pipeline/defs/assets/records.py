"""Records that LinkedIn lists: all of an account's, in any status."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from lac_pipeline.defs.assets.fetching import Answer, Question
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import Stream, resource_of


def records_of(stream: Stream, client: LinkedInClient, partition: AccountWindow, naming: Naming) -> Question:
    """Request all of the account's records of a resource."""
    columns = validator_of(stream, partition.account_id).columns
    return Question(columns, _each_once(stream, client, partition.account_id, naming))


async def _each_once(stream: Stream, client: LinkedInClient, account_id: int, naming: Naming) -> AsyncIterator[Answer]:
    """Walk the pages to the last; a record that is edited during the walk may come twice, and its last form counts."""
    resource, key = resource_of(stream.name), validator_of(stream, account_id).key
    latest: dict[object, Any] = {}
    sources: list[str] = []
    async for page in client.records(resource, account_id):
        for element in page.elements:
            # A record without a readable key is no later form of another: each goes on to be refused.
            latest[key.whole(element) or f"without a key, {len(latest)}"] = element
        sources += page.sources
    records = list(latest.values())
    content_names = await naming.contents(records) if resource.shows_content else {}
    yield Answer(records, validator_of(stream, account_id, content_names=content_names), tuple(sources))
