"""Records that LinkedIn lists: all of an account's, in any status, or those of some days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import Batch, Source
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.models.lead_responses import LeadAnswers, read_lead_answers, without_lead_answers
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import Stream, resource_of


@dataclass(frozen=True)
class RecordSource(Source):
    """Reads all of an account's records of a resource, or those of some days.

    Args:
        stream: what is read.
        personal: whether what says who a member is is read too, where a record has such.
    """

    stream: Stream
    personal: bool = False

    @property
    def pivots(self) -> None:
        """A resource has none."""

    def columns(self, account_id: int) -> tuple[str, ...]:
        """The columns of the resource's model."""
        return validator_of(self.stream, account_id).columns

    async def batches(self, client: LinkedInClient, partition: AccountWindow, naming: Naming) -> AsyncIterator[Batch]:
        """Walk the pages to the last; a record that is edited meanwhile may come twice, and its last form counts."""
        account_id, resource = partition.account_id, resource_of(self.stream.name)
        key = validator_of(self.stream, account_id).key
        latest: dict[object, Any] = {}
        sources: list[str] = []
        async for page in client.records(resource, account_id, window=partition.window, personal=self.personal):
            for element in page.elements:
                # A record without a readable key is no later form of another: each goes on to be refused.
                latest[key.whole(element) or f"without a key, {len(latest)}"] = element
            sources += page.sources
        records = list(latest.values())
        if resource.holds_targeting:
            await naming.targets(records)
        content_names = await naming.contents(records) if resource.shows_content else {}
        lead_answers = None
        if resource.projection is not None:
            lead_answers = read_lead_answers(records) if self.personal else LeadAnswers()
            records = [without_lead_answers(record) for record in records]
            if unreadable := lead_answers.unreadable:
                naming.log.warning(f"{partition.place}: {unreadable} lead answers cannot be read, and are left out")
        validator = validator_of(self.stream, account_id, content_names=content_names)
        yield Batch(records, validator, tuple(sources), lead_answers=lead_answers)
