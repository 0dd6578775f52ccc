"""What an asset reads: the columns that it fills, and LinkedIn's records in batches as they arrive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.linkedin.analytics.decoded_rows import RowLines
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.models.validation import RecordValidator
from lac_pipeline.warehouse.check_results import UnreadPivot


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of LinkedIn's, the validator that knows them, and where the raw responses are kept.

    Attributes:
        records: the records; none where they were decoded.
        validator: what separates valid elements from others.
        sources: where the raw responses are kept.
        decoded: the rows of the records, where all were in the usual form; they need no validation.
    """

    records: list[Any]
    validator: RecordValidator
    sources: tuple[str, ...] = ()
    decoded: RowLines | None = None


class Source(ABC):
    """Reads account windows of one asset."""

    @property
    @abstractmethod
    def pivots(self) -> tuple[str, ...] | None:
        """The pivots whose rows are brought up to date; None where the table has no column of pivots."""

    @abstractmethod
    def columns(self, account_id: int) -> tuple[str, ...]:
        """The columns of the table that the batches fill, in the order of the validators' rows."""

    @abstractmethod
    def batches(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | UnreadPivot]:
        """Request an account window and yield what arrives; a pivot that cannot be read comes in place of its batches.

        Raises:
            LinkedInError: the window cannot be read.
        """
