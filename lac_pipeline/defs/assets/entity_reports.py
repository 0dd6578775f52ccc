"""Reports that are requested for one entity at a time, because their rows do not name it, within a request budget."""

from __future__ import annotations

import math
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.reports import FAILURES
from lac_pipeline.defs.assets.sources import ArchivedReads, Batch, Source
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import (
    DefectError,
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
from lac_pipeline.linkedin.metrics import MAX_PER_CALL, Metric
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.streams import OneByOne, Report, Stream
from lac_pipeline.warehouse.check_results import UnreadEntity
from lac_pipeline.warehouse.load.attempts import EntityReads
from lac_pipeline.warehouse.query.entity_reads import EntityReadPlanner, Pair, ReadPlan
from lac_pipeline.warehouse.warehouse import Warehouse

_OF_ALL = (ReauthorizeError, UnreachableError, VersionSunsetError)
"""Errors that every other request would meet too."""


@dataclass(frozen=True)
class EntityReportSource(Source):
    """Reads the months of a report for one entity after the other, as many as the day's budget allows.

    Attributes:
        stream: the report's stream.
        report: the report.
        one_by_one: for which entities.
        settings: which pivots and metrics are read, within which budget.
        plan: what is to be read; None before it is known.
        bounded: whether the budget holds.
    """

    stream: Stream
    report: Report
    one_by_one: OneByOne
    settings: Settings
    plan: ReadPlan | None = None
    bounded: bool = True

    @property
    def pivots(self) -> tuple[str, ...]:
        """The chosen pivots."""
        return self.settings.pivots_of(self.report)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics that LinkedIn gives for them."""
        return self.settings.metrics_of(self.stream)

    def columns(self, account_id: int) -> tuple[str, ...]:
        """The key, the chosen metrics and what the requests name."""
        return self._validator(account_id, (0, self.pivots[0])).columns

    def prepared(self, warehouse: Warehouse, partition: AccountWindow, *, again: bool) -> Source:
        """The source with what is due, of the entities that LinkedIn has rows for."""
        if partition.window is None:
            raise DefectError(f"partition {partition.keys} of {self.stream.name} names no month")
        plan = planner_of(self.stream.name, self.one_by_one, self.settings, warehouse).plan(
            partition.account_id, partition.window, self.pivots, again=again
        )
        return replace(self, plan=plan)

    def archived(self, reads: ArchivedReads) -> Source:
        """The source that reads what was read then, whatever is due now, and without a budget: nothing is sent."""
        if self.plan is None:
            return self
        plan = replace(self.plan, pairs=tuple(sorted(reads.entities)), due=frozenset())
        return replace(self, plan=plan, bounded=False)

    async def batches(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | EntityReads]:
        """Read one entity and pivot after the other, each whole or not at all, and say how far it came.

        Raises:
            LinkedInError: it concerns every request, or nothing could be read.
        """
        if self.plan is None:
            raise DefectError(f"{self.stream.name} is read before it is known for what")
        progress, last = _Progress(self.plan), client.calls + self._left(self.plan) - calls_for_one(self.metrics)
        segments: set[str] = set()
        for pair in progress.plan.pairs:
            if client.calls > last:
                break
            validator = self._validator(partition.account_id, pair)
            try:
                pages = [page async for page in self._pages(client, partition, pair, validator)]
            except _OF_ALL:
                raise
            except QuotaSpentError as error:
                progress.quota = error
                break
            except LinkedInError as error:
                progress.fail(pair, error)
                continue
            progress.read.append(pair)
            for page in pages:
                segments.update(value for row in page.elements for value in pivots_of(row))
                segments.update(str(entity) for entity in (page.decoded.entities if page.decoded else ()))
                yield Batch(page.elements, validator, page.sources, page.decoded)
        yield progress.reads(self.one_by_one.subject.column)
        await naming.segments(sorted(segments))

    def _left(self, plan: ReadPlan) -> int:
        """How many requests the day's budget is still enough for."""
        return budget_of(self.one_by_one, self.settings) - plan.calls_today if self.bounded else sys.maxsize

    def _validator(self, account_id: int, pair: Pair) -> RecordValidator:
        entity_id, pivot = pair
        return validator_of(self.stream, account_id, metrics=self.metrics, pivot=pivot, entity_id=entity_id)

    def _pages(
        self, client: LinkedInClient, partition: AccountWindow, pair: Pair, validator: RecordValidator
    ) -> AsyncIterator[AnalyticsPage]:
        entity_id, pivot = pair
        if partition.window is None:
            raise DefectError(f"partition {partition.keys} of {self.stream.name} names no month")
        return client.analytics(
            partition.account_id,
            pivot=pivot,
            granularity=self.report.granularity,
            window=partition.window,
            metrics=self.metrics,
            campaigns=(entity_id,),
            decoder=validator.decoder,
        )


@dataclass(slots=True)
class _Progress:
    """How far a read has come."""

    plan: ReadPlan
    read: list[Pair] = field(default_factory=list)
    failed: dict[Pair, LinkedInError] = field(default_factory=dict)
    quota: QuotaSpentError | None = None

    def fail(self, pair: Pair, error: LinkedInError) -> None:
        """Take note of an error about one entity and pivot.

        Raises:
            LinkedInError: nothing could be read, and this error speaks for what is left.
        """
        self.failed[pair] = error
        failing = all(isinstance(each, RetryableError) for each in self.failed.values())
        all_failed = len(self.failed) == len(self.plan.pairs)
        if not self.read and (all_failed or (failing and len(self.failed) >= FAILURES)):
            raise error

    def reads(self, column: str) -> EntityReads:
        """Say what was read, what waits, and until when."""
        left = {entity_id for entity_id, _ in self.plan.due - {*self.read} - self.failed.keys()}
        midnight = self.plan.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        unread = [UnreadEntity(*pair, error.detail or error.summary) for pair, error in self.failed.items()]
        goes_on_at = midnight if self.quota is None else self.quota.until
        return EntityReads(
            column,
            tuple(self.read),
            tuple(unread),
            entities=len(self.plan.entities),
            waiting=len(left - {entity_id for entity_id, _ in self.failed}),
            goes_on_at=goes_on_at if left else None,
            own_budget=self.quota is None,
            counted=self.plan.counted,
        )


def budget_of(one_by_one: OneByOne, settings: Settings) -> int:
    """The most requests of a UTC day, all accounts together."""
    return int(getattr(settings, one_by_one.budget.lower()))


def calls_for_one(metrics: Sequence[Metric]) -> int:
    """The requests for one entity and pivot, all months together."""
    return max(1, math.ceil(len(metrics) / MAX_PER_CALL))


def planner_of(asset: str, one_by_one: OneByOne, settings: Settings, warehouse: Warehouse) -> EntityReadPlanner:
    """What plans the reads of a report; what was read in the last half of its TTL is fresh."""
    fresh_for = timedelta(minutes=settings.demographics_ttl_minutes) / 2
    return EntityReadPlanner(warehouse.engine, asset, one_by_one, fresh_for, settings.start_date)
