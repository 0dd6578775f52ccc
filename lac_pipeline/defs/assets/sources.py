"""What an asset reads: the columns that it fills, and LinkedIn's records in batches as they arrive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.linkedin.analytics.decoded_rows import RowLines
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.lead_responses import LeadAnswers
from lac_pipeline.models.validation import RecordValidator
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import EntityReads
from lac_pipeline.warehouse.warehouse import Warehouse


class Batch(Struct, frozen=True):
    """Records of LinkedIn's, the validator that knows them, and where the raw responses are kept.

    Attributes:
        records: the records; none where they were decoded.
        validator: what separates valid elements from others.
        sources: where the raw responses are kept.
        decoded: the rows of the records, where all were in the usual form; they need no validation.
        lead_answers: what members filled in, of a stream that has such; the records lack it.
    """

    records: list[Any]
    validator: RecordValidator
    sources: tuple[str, ...] = ()
    decoded: RowLines | None = None
    lead_answers: LeadAnswers | None = None


class ArchivedReads(Struct, frozen=True):
    """What an archived load requested, where that depended on what was stored.

    Attributes:
        paths: of its requests, those of reports excepted.
        entities: the entities, each with the pivot, that reports were requested for one by one.
    """

    paths: frozenset[str]
    entities: frozenset[tuple[int, str]]


class Source(ABC):
    """Reads account windows of one asset."""

    @property
    @abstractmethod
    def pivots(self) -> tuple[str, ...] | None:
        """The pivots whose rows are brought up to date; None where the table has no column of pivots."""

    @abstractmethod
    def columns(self, account_id: int) -> tuple[str, ...]:
        """The columns of the table that the batches fill, in the order of the validators' rows."""

    def prepared(self, warehouse: Warehouse, partition: AccountWindow, *, again: bool) -> Source:
        """The source with what it needs of what is stored already, such as the account's campaigns.

        Args:
            warehouse: what is stored.
            partition: what is read.
            again: whether what is fresh is read too, where a part of a partition may be.

        Raises:
            StorageError: it cannot be read.
        """
        return self

    def archived(self, reads: ArchivedReads) -> Source:
        """The source as it was when it got the responses that are in the archive."""
        return self

    @abstractmethod
    def batches(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | UnreadPivot | RejectedRecord | EntityReads]:
        """Request an account window and yield what arrives.

        A pivot, or a single record, that cannot be read comes in its place. What is read entity by entity ends with how
        far it came.

        Raises:
            LinkedInError: the window cannot be read.
        """
