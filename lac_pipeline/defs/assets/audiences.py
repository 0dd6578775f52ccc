"""Audience demographics: who saw the ads, by month, for every MEMBER_* pivot that LinkedIn offers.

Monthly on purpose: LinkedIn drops values under three events, adds noise to each day and caps the list of each day, so
summed days are wrong and months are as good as it gets.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date

import dagster as dg

from lac_pipeline.defs.assets.daily_metrics import days_of
from lac_pipeline.defs.assets.fetching import Answer, Question, fetch
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.options import linkedin_asset
from lac_pipeline.defs.io_manager import Fetched
from lac_pipeline.defs.partitions import AccountWindow, account_months
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
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
from lac_pipeline.linkedin.metrics import Metric, allowed
from lac_pipeline.models.validation import validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.warehouse.check_results import UnreadPivot

OF_ALL_PIVOTS = (QuotaSpentError, ReauthorizeError, UnreachableError, VersionSunsetError)
"""Errors that the other pivots would meet too."""
FAILURES = 3
"""So many pivots on which LinkedIn fails lastingly, with none read, speak for the others."""


def question(client: LinkedInClient, partition: AccountWindow, naming: Naming, settings: Settings) -> Question:
    """Ask for every chosen member pivot over the partition's months."""
    pivots = settings.member_pivots
    asked = allowed(settings.metrics, pivot=pivots[0], version=settings.linkedin_api_version, days=31)
    columns = validator_of(AUDIENCE_DEMOGRAPHICS, partition.account_id, metrics=asked).columns
    return Question(columns, _pages(client, partition, naming, pivots=pivots, asked=asked))


async def _pages(
    client: LinkedInClient,
    partition: AccountWindow,
    naming: Naming,
    *,
    pivots: tuple[str, ...],
    asked: tuple[Metric, ...],
) -> AsyncIterator[Answer | UnreadPivot]:
    """Read pivot after pivot, each whole or not at all: one that LinkedIn refuses costs the others nothing.

    Raises:
        LinkedInError: it concerns every pivot, or no pivot could be read.
    """
    segments: set[str] = set()
    unread: list[tuple[str, LinkedInError]] = []
    loaded = False
    for pivot in pivots:
        try:
            pages = await _pages_of(client, partition, pivot, asked)
        except OF_ALL_PIVOTS:
            raise
        except LinkedInError as error:
            unread.append((pivot, error))
            if len(unread) == len(pivots) or (not loaded and _speak_for_all([one for _, one in unread])):
                raise
            continue
        loaded = True
        validator = validator_of(AUDIENCE_DEMOGRAPHICS, partition.account_id, metrics=asked, pivot=pivot)
        for page in pages:
            segments.update(value for row in page.elements for value in pivots_of(row))
            yield Answer(page.elements, validator, page.sources)
    for pivot, failure in unread:
        yield UnreadPivot(pivot, detail=failure.detail or failure.summary)
    await naming.segments(sorted(segments))


def _speak_for_all(errors: Sequence[LinkedInError]) -> bool:
    """Whether LinkedIn failed so often, and refused nothing, that trying the other pivots would only take time."""
    return len(errors) >= FAILURES and all(isinstance(error, RetryableError) for error in errors)


async def _pages_of(
    client: LinkedInClient, partition: AccountWindow, pivot: str, asked: tuple[Metric, ...]
) -> list[AnalyticsPage]:
    window = days_of(partition)
    pages = client.analytics(partition.account_id, pivot=pivot, granularity="MONTHLY", window=window, metrics=asked)
    return [page async for page in pages]


def demographics_assets(start: date, freshness: dg.FreshnessPolicy) -> list[dg.AssetsDefinition]:
    """The asset of audience demographics, from the month of `start` through this one."""

    @linkedin_asset(
        "audience_demographics",
        group="demographics",
        partitions=account_months(start),
        deps=[dg.AssetDep("campaigns", partition_mapping=dg.MultiToSingleDimensionPartitionMapping("account"))],
        freshness=freshness,
    )
    async def audience_demographics(
        context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource
    ) -> Fetched:
        settings = warehouse.settings
        return await fetch(
            context,
            linkedin,
            warehouse,
            ask=lambda client, part, naming: question(client, part, naming, settings),
            pivot_types=settings.member_pivots,
        )

    return [audience_demographics]
