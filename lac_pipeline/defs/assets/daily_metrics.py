"""Daily metrics: one row per campaign, or creative, and UTC day with activity."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import dagster as dg

from lac_pipeline.defs.assets.fetching import Answer, Question, fetch
from lac_pipeline.defs.assets.options import linkedin_asset
from lac_pipeline.defs.io_manager import Fetched
from lac_pipeline.defs.partitions import AccountWindow, account_days
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.metrics import Metric, allowed
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.streams import stream_of
from lac_pipeline.windows import DateWindow


@dataclass(frozen=True, slots=True)
class DailyPivot:
    """A grain of daily metrics: LinkedIn's pivot, and the entity that its rows are about."""

    name: str
    pivot: str
    entity: str

    def question(self, client: LinkedInClient, partition: AccountWindow, settings: Settings) -> Question:
        """Ask for the whole window; the client cuts it into as few calls as the answers allow."""
        asked = allowed(settings.metrics, pivot=self.pivot, version=settings.linkedin_api_version, days=1)
        validator = validator_of(stream_of(self.name), partition.account_id, metrics=asked)
        return Question(validator.columns, self._pages(client, partition, asked, validator))

    async def _pages(
        self, client: LinkedInClient, partition: AccountWindow, asked: tuple[Metric, ...], validator: RecordValidator
    ) -> AsyncIterator[Answer]:
        window = days_of(partition)
        async for page in client.analytics(
            partition.account_id, pivot=self.pivot, granularity="DAILY", window=window, metrics=asked
        ):
            yield Answer(page.elements, validator, page.sources)


DAILY_PIVOTS = (
    DailyPivot("campaign_daily_metrics", "CAMPAIGN", entity="campaigns"),
    DailyPivot("creative_daily_metrics", "CREATIVE", entity="creatives"),
)


def days_of(partition: AccountWindow) -> DateWindow:
    """The partition's days; facts always have some."""
    if partition.window is None:
        raise dg.DagsterInvariantViolationError(f"partition {partition.keys} of a fact names no day")
    return partition.window


def metrics_assets(start: date, freshness: dg.FreshnessPolicy) -> list[dg.AssetsDefinition]:
    """The two assets of daily metrics, from `start` through today."""
    return [_daily_asset(pivot, start, freshness) for pivot in DAILY_PIVOTS]


def _daily_asset(pivot: DailyPivot, start: date, freshness: dg.FreshnessPolicy) -> dg.AssetsDefinition:
    by_account = dg.MultiToSingleDimensionPartitionMapping("account")

    @linkedin_asset(
        pivot.name,
        group="metrics",
        partitions=account_days(start),
        deps=[dg.AssetDep(pivot.entity, partition_mapping=by_account)],
        freshness=freshness,
    )
    async def asset(
        context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource
    ) -> Fetched:
        settings = warehouse.settings
        return await fetch(
            context, linkedin, warehouse, ask=lambda client, part, _naming: pivot.question(client, part, settings)
        )

    return asset
