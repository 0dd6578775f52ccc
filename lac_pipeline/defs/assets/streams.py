"""The assets that LinkedIn fills: one for each stream of the catalogue."""

import dagster as dg

from lac_pipeline.defs.assets.fetching import Question, fetch
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.options import fresh_within, linkedin_asset
from lac_pipeline.defs.assets.records import records_of
from lac_pipeline.defs.assets.reports import rows_of
from lac_pipeline.defs.io_manager import Fetched
from lac_pipeline.defs.partitions import AccountWindow, partitions_of, reads
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Stream, stream_of


def stream_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """An asset for each stream, downstream of the one that its records name as their parent."""
    return [_asset(stream, settings) for stream in settings.streams]


def question_of(
    stream: Stream, client: LinkedInClient, partition: AccountWindow, naming: Naming, settings: Settings
) -> Question:
    """Request what fills one partition of a stream's asset."""
    if stream.report is not None:
        return rows_of(stream, client, partition, naming, settings)
    return records_of(stream, client, partition, naming)


def pivots_in(stream: Stream, settings: Settings) -> tuple[str, ...] | None:
    """The pivots whose rows a load of the stream brings up to date; None where its table has one pivot or none."""
    several = stream.report is not None and stream.report.pivot_column is not None
    return settings.pivots_of(stream.report) if stream.report is not None and several else None


def _asset(stream: Stream, settings: Settings) -> dg.AssetsDefinition:
    @linkedin_asset(
        stream.name,
        group=stream.group.value,
        partitions=partitions_of(stream.partitioning, settings.start_date),
        deps=[reads(stream_of(stream.parent), by=stream.partitioning)] if stream.parent else [],
        freshness=fresh_within(settings.demographics_ttl_minutes if stream.monthly else settings.freshness_ttl_minutes),
    )
    async def asset(
        context: dg.AssetExecutionContext, linkedin: LinkedInResource, warehouse: WarehouseResource
    ) -> Fetched:
        settings = warehouse.settings
        return await fetch(
            context,
            linkedin,
            warehouse,
            ask=lambda client, partition, naming: question_of(stream, client, partition, naming, settings),
            pivot_types=pivots_in(stream, settings),
        )

    return asset
