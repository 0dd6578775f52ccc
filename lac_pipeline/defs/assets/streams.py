"""The assets that LinkedIn fills: one for each stream of the catalogue."""

import dagster as dg

from lac_pipeline.defs.account_loads import FetchedWindows
from lac_pipeline.defs.assets.entity_reports import EntityReportSource
from lac_pipeline.defs.assets.options import fresh_within, linkedin_asset
from lac_pipeline.defs.assets.partition_fetches import fetch_partitions
from lac_pipeline.defs.assets.records import RecordSource
from lac_pipeline.defs.assets.reports import ReportSource
from lac_pipeline.defs.assets.single_records import SingleRecordSource
from lac_pipeline.defs.assets.sources import Source
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.partitions import partitions_of, reads
from lac_pipeline.defs.resources import linkedin_in, warehouse_in
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Stream, stream_of


def stream_assets(settings: Settings, namespace: Namespace) -> list[dg.AssetsDefinition]:
    """An asset for each stream, downstream of the one that its records name as their parent."""
    return [_asset(stream, settings, namespace) for stream in settings.streams]


def source_of(stream: Stream, settings: Settings) -> Source:
    """What a stream's asset reads."""
    if stream.report is not None and stream.report.one_by_one is not None:
        return EntityReportSource(stream, stream.report, stream.report.one_by_one, settings)
    if stream.resource is None:
        return ReportSource.chosen(stream, settings)
    if stream.resource.of_each is not None:
        return SingleRecordSource(stream, stream.resource.of_each, settings.linkedin_api_version)
    return RecordSource(stream, settings.lac_lead_answers)


def _asset(stream: Stream, settings: Settings, namespace: Namespace) -> dg.AssetsDefinition:
    @linkedin_asset(
        stream,
        namespace,
        partitions=partitions_of(stream.partitioning, settings.start_date, accounts=namespace.accounts),
        deps=[reads(stream_of(name), by=stream.partitioning, namespace=namespace) for name in stream.upstream],
        metrics=settings.metrics_of(stream) if stream.report is not None else (),
        freshness=fresh_within(settings.demographics_ttl_minutes if stream.monthly else settings.freshness_ttl_minutes),
    )
    async def asset(context: dg.AssetExecutionContext) -> FetchedWindows:
        linkedin, warehouse = linkedin_in(context, namespace), warehouse_in(context, namespace)
        return await fetch_partitions(context, linkedin, warehouse, source_of(stream, warehouse.settings))

    return asset
