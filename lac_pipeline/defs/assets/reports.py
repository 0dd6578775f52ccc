"""Reports of adAnalytics: the rows of an account's days or months, by each of the report's pivots."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import dagster as dg

from lac_pipeline.defs.assets.fetching import Answer, Question
from lac_pipeline.defs.assets.naming import Naming
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
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Report, Stream, report_of
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.windows import DateWindow

OF_ALL_PIVOTS = (QuotaSpentError, ReauthorizeError, UnreachableError, VersionSunsetError)
"""Errors that the other pivots would meet too."""
FAILURES = 3
"""So many pivots on which LinkedIn fails lastingly, with none read, speak for the others."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One account's days of a report."""

    stream: Stream
    report: Report
    client: LinkedInClient
    account_id: int
    window: DateWindow
    metrics: tuple[Metric, ...]

    def validator(self, pivot: str) -> RecordValidator:
        return validator_of(self.stream, self.account_id, metrics=self.metrics, pivot=pivot)

    def pages(self, pivot: str) -> AsyncIterator[AnalyticsPage]:
        return self.client.analytics(
            self.account_id,
            pivot=pivot,
            granularity=self.report.granularity,
            window=self.window,
            metrics=self.metrics,
        )

    async def only(self, pivot: str) -> AsyncIterator[Answer | UnreadPivot]:
        """Read the whole window; the client cuts it into as few calls as the answers allow."""
        validator = self.validator(pivot)
        async for page in self.pages(pivot):
            yield Answer(page.elements, validator, page.sources)

    async def each(self, pivots: Sequence[str], naming: Naming) -> AsyncIterator[Answer | UnreadPivot]:
        """Read pivot after pivot, each whole or not at all: one that LinkedIn refuses costs the others nothing.

        Raises:
            LinkedInError: it concerns every pivot, or no pivot could be read.
        """
        segments: set[str] = set()
        unread: list[tuple[str, LinkedInError]] = []
        loaded = False
        for pivot in pivots:
            try:
                pages = [page async for page in self.pages(pivot)]
            except OF_ALL_PIVOTS:
                raise
            except LinkedInError as error:
                unread.append((pivot, error))
                if len(unread) == len(pivots) or (not loaded and _speak_for_all([one for _, one in unread])):
                    raise
                continue
            loaded = True
            validator = self.validator(pivot)
            for page in pages:
                segments.update(value for row in page.elements for value in pivots_of(row))
                yield Answer(page.elements, validator, page.sources)
        for pivot, failure in unread:
            yield UnreadPivot(pivot, detail=failure.detail or failure.summary)
        if self.report.subject is None:
            await naming.segments(sorted(segments))


def rows_of(
    stream: Stream, client: LinkedInClient, partition: AccountWindow, naming: Naming, settings: Settings
) -> Question:
    """Request the partition's days, by every pivot of the report that is chosen."""
    if partition.window is None:
        raise dg.DagsterInvariantViolationError(f"partition {partition.keys} of a report names no day")
    report = report_of(stream.name)
    pivots, metrics = settings.pivots_of(report), settings.metrics_of(stream)
    reading = _Reading(stream, report, client, partition.account_id, partition.window, metrics)
    answers = reading.only(pivots[0]) if report.pivot_column is None else reading.each(pivots, naming)
    return Question(reading.validator(pivots[0]).columns, answers)


def _speak_for_all(errors: Sequence[LinkedInError]) -> bool:
    """Whether LinkedIn failed so often, and refused nothing, that trying the other pivots would only take time."""
    return len(errors) >= FAILURES and all(isinstance(error, RetryableError) for error in errors)
