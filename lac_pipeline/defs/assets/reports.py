"""Reports of adAnalytics: the rows of an account's days or months, by each of the report's pivots."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import dagster as dg

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import Batch, Source
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import (
    LinkedInError,
    QuotaSpentError,
    ReauthorizeError,
    RetryableError,
    UnreachableError,
    VersionSunsetError,
)
from lac_pipeline.linkedin.analytics.merge import pivots_of
from lac_pipeline.linkedin.analytics.reader import AnalyticsPage
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.metrics import Metric
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Report, Stream
from lac_pipeline.warehouse.check_results import UnreadPivot

OF_ALL_PIVOTS = (QuotaSpentError, ReauthorizeError, UnreachableError, VersionSunsetError)
"""Errors that the other pivots would meet too."""
FAILURES = 3
"""So many pivots on which LinkedIn fails lastingly, with none read, speak for the others."""


@dataclass(frozen=True)
class ReportSource(Source):
    """Reads the rows of a report, by every chosen pivot.

    Attributes:
        stream: the report's stream.
        read_pivots: the pivots to read, in order; one where the report has no other.
        metrics: the metrics to request, each by the pivots that it is read by.
    """

    stream: Stream
    read_pivots: tuple[str, ...]
    metrics: tuple[Metric, ...]

    @classmethod
    def chosen(cls, stream: Stream, settings: Settings) -> ReportSource:
        """Read the pivots and metrics that the settings choose."""
        pivots = settings.pivots_of(stream.report) if stream.report is not None else ()
        return cls(stream, pivots, settings.metrics_of(stream))

    @property
    def pivots(self) -> tuple[str, ...] | None:
        """The pivots that are read, where they are in the key of the table."""
        return None if self._report.pivot_column is None else self.read_pivots

    def columns(self, account_id: int) -> tuple[str, ...]:
        """The key, the chosen metrics and what the request names."""
        return self._validator(account_id, self.read_pivots[0]).columns

    async def batches(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | UnreadPivot]:
        """Read the whole window; the client cuts it into as few calls as the responses allow.

        Several pivots are read one after the other, each whole or not at all: one that LinkedIn refuses costs the
        others nothing.

        Raises:
            LinkedInError: it concerns every pivot, or no pivot could be read.
        """
        if self.pivots is not None:
            async for batch in self._each_pivot(client, partition, naming):
                yield batch
            return
        (pivot,) = self.read_pivots
        validator = self._validator(partition.account_id, pivot)
        segments: set[str] = set()
        async for page in self._pages(client, partition, pivot, validator):
            if pivot_of(pivot).members:
                segments.update(value for row in page.elements for value in pivots_of(row))
            yield Batch(page.elements, validator, page.sources, page.decoded)
        if segments:
            await naming.segments(sorted(segments))

    async def _each_pivot(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | UnreadPivot]:
        segments: set[str] = set()
        unread: list[tuple[str, LinkedInError]] = []
        loaded = False
        for pivot in self.read_pivots:
            validator = self._validator(partition.account_id, pivot)
            try:
                pages = [page async for page in self._pages(client, partition, pivot, validator)]
            except OF_ALL_PIVOTS:
                raise
            except LinkedInError as error:
                unread.append((pivot, error))
                all_failed = len(unread) == len(self.read_pivots)
                if all_failed or (not loaded and _speak_for_all([failure for _, failure in unread])):
                    raise
                continue
            loaded = True
            for page in pages:
                if self._report.of_members:
                    segments.update(value for row in page.elements for value in pivots_of(row))
                    segments.update(str(entity) for entity in (page.decoded.entities if page.decoded else ()))
                yield Batch(page.elements, validator, page.sources, page.decoded)
        for pivot, failure in unread:
            yield UnreadPivot(pivot, detail=failure.detail or failure.summary)
        if self._report.of_members:
            await naming.segments(sorted(segments))

    @property
    def _report(self) -> Report:
        if self.stream.report is None:
            raise TypeError(f"{self.stream.name} is no report")
        return self.stream.report

    def _validator(self, account_id: int, pivot: str) -> RecordValidator:
        return validator_of(self.stream, account_id, metrics=self.metrics, pivot=pivot)

    async def _pages(
        self, client: LinkedInClient, partition: AccountWindow, pivot: str, validator: RecordValidator
    ) -> AsyncIterator[AnalyticsPage]:
        if partition.window is None:
            raise dg.DagsterInvariantViolationError(f"partition {partition.keys} of a report names no day")
        report = self._report
        for window in report.ranges(partition.window):
            pages = client.analytics(
                partition.account_id,
                pivot=pivot,
                within=report.within,
                granularity=report.granularity,
                window=window,
                metrics=tuple(metric for metric in self.metrics if report.reads(metric, pivot)),
                decoder=validator.decoder,
            )
            async for page in pages:
                yield page


def _speak_for_all(errors: Sequence[LinkedInError]) -> bool:
    """Whether LinkedIn failed so often, and refused nothing, that trying the other pivots would only take time."""
    return len(errors) >= FAILURES and all(isinstance(error, RetryableError) for error in errors)
