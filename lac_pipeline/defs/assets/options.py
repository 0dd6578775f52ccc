"""What all assets that LinkedIn fills share: how they are described, stored, grouped and folded into runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import dagster as dg

from lac_pipeline.defs.account_loads import FetchedWindows
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import IO_MANAGER, LINKEDIN, WAREHOUSE
from lac_pipeline.streams import Stream
from lac_pipeline.warehouse.schema.descriptions import describe_asset

OWNERS = ["team:marketing-data"]
POOL = "linkedin_api"

Body = Callable[..., Awaitable[FetchedWindows]]


def fresh_within(ttl_minutes: int) -> dg.FreshnessPolicy:
    """The UI's freshness badge of an asset: warn after one TTL, fail after two. The sensor decides for each account."""
    ttl = timedelta(minutes=ttl_minutes)
    return dg.FreshnessPolicy.time_window(fail_window=2 * ttl, warn_window=ttl)


def linkedin_asset(
    stream: Stream,
    namespace: Namespace,
    *,
    partitions: dg.PartitionsDefinition[str],
    freshness: dg.FreshnessPolicy,
    deps: Sequence[dg.AssetDep] = (),
) -> Callable[[Body], dg.AssetsDefinition]:
    """Make the asset of a stream; its description and columns are the comments of its table, or of its view."""
    table = describe_asset(stream)
    schema = dg.TableSchema([dg.TableColumn(col.name, col.type, description=col.comment) for col in table.columns])

    def decorate(body: Body) -> dg.AssetsDefinition:
        return dg.asset(
            key=namespace.key(stream.name),
            group_name=namespace.group(stream.group.value),
            partitions_def=partitions,
            deps=list(deps),
            freshness_policy=freshness,
            description=table.comment,
            owners=OWNERS,
            kinds={"linkedin", "postgres"},
            pool=POOL,
            required_resource_keys={namespace.resource(resource) for resource in (WAREHOUSE, LINKEDIN)},
            io_manager_key=namespace.resource(IO_MANAGER),
            backfill_policy=dg.BackfillPolicy.single_run(),
            metadata={"dagster/relation_identifier": table.relation, "dagster/column_schema": schema},
        )(body)

    return decorate
