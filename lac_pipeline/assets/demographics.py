"""Audience demographics: who saw the ads, by month, for every MEMBER_* pivot that LinkedIn offers.

Monthly on purpose: LinkedIn drops values under three events, adds noise to each day and caps the list of each day, so
summed days are wrong and months are as good as it gets.
"""

from collections.abc import AsyncIterator
from datetime import date

import dagster as dg

from lac_pipeline.assets.fetching import Answer, Question, fetch
from lac_pipeline.assets.metrics import days_of
from lac_pipeline.assets.naming import Naming
from lac_pipeline.assets.options import linkedin_asset
from lac_pipeline.io_manager import Fetched
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.table import pivots_of
from lac_pipeline.metrics import Metric, allowed
from lac_pipeline.models.validation import demographic_validator
from lac_pipeline.partitions import AccountWindow, account_months
from lac_pipeline.resources import LinkedInResource, WarehouseResource
from lac_pipeline.settings import Settings

MEMBER_PIVOTS: dict[str, str | None] = {
    "MEMBER_COMPANY": None,
    "MEMBER_COMPANY_SIZE": None,
    "MEMBER_COUNTRY_V2": None,
    "MEMBER_INDUSTRY": None,
    "MEMBER_JOB_FUNCTION": None,
    "MEMBER_JOB_TITLE": None,
    "MEMBER_REGION_V2": None,
    "MEMBER_SENIORITY": None,
    "MEMBER_DESIGNATED_MARKET_AREA": "202609",
}
"""LinkedIn's member pivots, each with the API version that brought it, where that is not all of them.

Source: LinkedIn's "Ads Reporting" page. MEMBER_COUNTY stands in one sample there but not in the list of pivots, and
MEMBER_COUNTRY and MEMBER_REGION are refused in favour of their _V2.
"""


def member_pivots(version: str) -> tuple[str, ...]:
    """The member pivots that this API version answers."""
    base = version.partition(".")[0]
    return tuple(pivot for pivot, since in MEMBER_PIVOTS.items() if since is None or since <= base)


def question(client: LinkedInClient, partition: AccountWindow, naming: Naming, settings: Settings) -> Question:
    """Ask for every member pivot over the partition's months."""
    pivots = member_pivots(settings.linkedin_api_version)
    asked = allowed(settings.metrics, pivot=pivots[0], version=settings.linkedin_api_version, days=31)
    columns = demographic_validator(partition.account_id, pivots[0], asked).columns
    return Question(columns, _pages(client, partition, naming, pivots=pivots, asked=asked))


async def _pages(
    client: LinkedInClient,
    partition: AccountWindow,
    naming: Naming,
    *,
    pivots: tuple[str, ...],
    asked: tuple[Metric, ...],
) -> AsyncIterator[Answer]:
    segments: set[str] = set()
    for pivot in pivots:
        validator = demographic_validator(partition.account_id, pivot, asked)
        async for page in client.analytics(
            partition.account_id, pivot=pivot, granularity="MONTHLY", window=days_of(partition), metrics=asked
        ):
            segments.update(value for element in page.elements for value in pivots_of(element))
            yield Answer(page.elements, validator, page.sources)
    await naming.segments(sorted(segments))


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
            pivot_types=member_pivots(settings.linkedin_api_version),
        )

    return [audience_demographics]
