"""Records that LinkedIn gives one by one: that of the account, and those of the records of another stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import ArchivedReads, Batch, Source
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import LinkedInError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.linkedin.resource import OfEach, Resource
from lac_pipeline.linkedin.urn import ACCOUNT, urn
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import Stream, resource_of
from lac_pipeline.warehouse.query.entity_ids import entity_ids
from lac_pipeline.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class SingleRecordSource(Source):
    """Reads an account's record of a resource, and that of each of its campaigns.

    Attributes:
        stream: what is read.
        of_each: how the records beside the account's are read.
        version: the API version, which decides whether the account has a record.
        ids: the stored ids of the campaigns that may have one.
        paths: where the responses of an archived load are; None where LinkedIn itself is read.
    """

    stream: Stream
    of_each: OfEach
    version: str
    ids: tuple[int, ...] = ()
    paths: Container[str] | None = None

    @property
    def pivots(self) -> None:
        """A resource has none."""

    def columns(self, account_id: int) -> tuple[str, ...]:
        """The columns of the resource's model."""
        return validator_of(self.stream, account_id).columns

    def prepared(self, warehouse: Warehouse, partition: AccountWindow, *, again: bool) -> Source:
        """The source with the campaigns that are stored and that LinkedIn still returns."""
        each = self.of_each
        ids = entity_ids(warehouse.engine, each.stream, partition.account_id, without=each.without)
        return replace(self, ids=tuple(ids))

    def archived(self, reads: ArchivedReads) -> Source:
        """The source that reads what was read then: campaigns that came later have no response."""
        return replace(self, paths=reads.paths)

    async def batches(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | RejectedRecord]:
        """Read the account's record first, then the others; one that LinkedIn fails on stays as it is stored.

        Raises:
            LinkedInError: it concerns every record, or none can be read.
        """
        account_id, resource = partition.account_id, resource_of(self.stream.name)
        about = dict(self._requested(resource, account_id))
        validator = validator_of(self.stream, account_id)
        async for path, outcome in client.record_of_each(resource, account_id, list(about)):
            if isinstance(outcome, LinkedInError):
                yield _unread(about[path], outcome, columns=validator.key.read(about[path]))
            elif any(value for name, value in outcome.body.items() if name not in about[path]):
                yield Batch([outcome.body | about[path]], validator, (outcome.source,))

    def _requested(self, resource: Resource, account_id: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """The paths to read, and what each request says of the record: what it is set for, and the account."""
        account = urn(ACCOUNT, account_id)
        requested: list[tuple[str, dict[str, Any]]] = []
        if self.version.partition(".")[0] >= self.of_each.account_since:
            requested.append((resource.path.format(account_id=account_id), {"adEntity": account, "account": account}))
        for number in self.ids:
            named = urn(self.of_each.urn_kind, number)
            about = {"adEntity": named, "account": account, "campaign": named}
            requested.append((self.of_each.path.format(id=number), about))
        return ((path, about) for path, about in requested if self.paths is None or path in self.paths)


def _unread(about: dict[str, Any], error: LinkedInError, *, columns: dict[str, object]) -> RejectedRecord:
    """A record that could not be read, as one that is refused: what is stored of it stays, and is marked stale."""
    named = str(about["adEntity"])
    reason = f"it could not be read: {error.detail or error.summary}"
    return RejectedRecord(named.rpartition(":")[2], "adEntity", json.dumps(named), reason, about, columns)
