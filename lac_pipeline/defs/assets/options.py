"""What all assets that LinkedIn fills share: how they are described, stored, grouped and folded into runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta

import dagster as dg

from lac_pipeline.defs.account_loads import FetchedWindows
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import IO_MANAGER, LINKEDIN, WAREHOUSE
from lac_pipeline.defs.step_order import step_order
from lac_pipeline.linkedin.metrics import CATALOGUE, Metric
from lac_pipeline.streams import Stream
from lac_pipeline.warehouse.schema.descriptions import TableDescription, describe_asset

OWNERS = ["team:marketing-data"]
POOL = "linkedin_api"

_MONEY_WORDS = dict.fromkeys(("cost_in_local_currency", "cost_in_usd"), "Spend. ")
"""What people call a column, where LinkedIn's name for it does not say so."""
SPEND = "spend"
"""The tag of assets with costs: Dagster's filter of the catalog finds tags, but neither columns nor descriptions."""

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
    metrics: Collection[Metric] = (),
) -> Callable[[Body], dg.AssetsDefinition]:
    """Make the asset of a stream; its description and columns are the comments of its table, or of its view.

    Args:
        stream: the stream.
        namespace: the names under which it stands.
        partitions: how it is cut.
        freshness: when its badge turns.
        deps: what it needs.
        metrics: of a report, the metrics that are loaded.
    """
    table = describe_asset(stream)
    columns, left_out = columns_of(table, metrics)
    schema, description = dg.TableSchema(columns), table.comment
    shown = {column.name for column in columns[: len(columns) - left_out]}
    if left_out:
        description += (
            f"\n\n{len(metrics)} of its {len(metrics) + left_out} metrics are loaded (`LAC_METRICS`); the columns of "
            "the others are NULL, and are the last of the list."
        )

    def decorate(body: Body) -> dg.AssetsDefinition:
        return dg.asset(
            key=namespace.key(stream.name),
            group_name=namespace.group(stream.group.value),
            partitions_def=partitions,
            deps=list(deps),
            freshness_policy=freshness,
            description=description,
            owners=OWNERS,
            tags={} if shown.isdisjoint(_MONEY_WORDS) else {SPEND: ""},
            kinds={"linkedin", "postgres"},
            pool=POOL,
            op_tags=step_order(stream.name),
            required_resource_keys={namespace.resource(resource) for resource in (WAREHOUSE, LINKEDIN)},
            io_manager_key=namespace.resource(IO_MANAGER),
            backfill_policy=dg.BackfillPolicy.single_run(),
            metadata={"dagster/relation_identifier": table.relation, "dagster/column_schema": schema},
        )(body)

    return decorate


def columns_of(table: TableDescription, metrics: Collection[Metric]) -> tuple[list[dg.TableColumn], int]:
    """The columns of a table, those of metrics that are not loaded last and marked; and how many these are."""
    loaded = {metric.column for metric in metrics}
    unloaded = {metric.column for metric in CATALOGUE} - loaded if metrics else set()
    left_out = [column for column in table.columns if column.name in unloaded]
    shown = [
        dg.TableColumn(column.name, column.type, description=f"{_MONEY_WORDS.get(column.name, '')}{column.comment}")
        for column in table.columns
        if column.name not in unloaded
    ]
    shown += [
        dg.TableColumn(column.name, column.type, description=f"Not loaded. {column.comment}") for column in left_out
    ]
    return shown, len(left_out)
