"""The snapshot of an ad account: a JSON document for agents and for the report, one a day and account."""

from typing import Any

import dagster as dg

from lac_pipeline.defs.account_loads import as_dagster_failure
from lac_pipeline.defs.assets.options import OWNERS, fresh_within
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.partitions import account_number, reads
from lac_pipeline.defs.resources import IO_MANAGER, WAREHOUSE, warehouse_in
from lac_pipeline.streams import Catalogue, Partitioning
from lac_pipeline.warehouse.schema.descriptions import describe_table

SNAPSHOT = "account_snapshot"
GROUP = "delivery"
FRESHNESS = fresh_within(26 * 60)
"""Made once a day, with two hours for a queue."""

_DESCRIPTION = """One JSON document per ad account, for agents and language models: a summary of 3 KB, 7, 30 and 90
days of metrics with trends and the campaigns behind them, settings, pace, reach, top creatives, conversions, devices,
the audience by name, restatements, freshness, and what to know before trusting a number. Its last day is the newest one
that was read after it had ended. The same data make the same document. `docs/snapshot.md` has its schema. The latest of
each account is in `linkedin_ads.account_snapshots`."""


def snapshot_asset(streams: Catalogue, namespace: Namespace) -> dg.AssetsDefinition:
    """The asset `account_snapshot`, downstream of everything that LinkedIn fills."""
    table = describe_table("account_snapshots")
    schema = dg.TableSchema([dg.TableColumn(col.name, col.type, description=col.comment) for col in table.columns])
    stored_in: dict[str, Any] = {"dagster/relation_identifier": table.relation, "dagster/column_schema": schema}

    @dg.asset(
        key=namespace.key(SNAPSHOT),
        group_name=namespace.group(GROUP),
        partitions_def=namespace.accounts,
        deps=[reads(stream, by=Partitioning.ACCOUNT, namespace=namespace) for stream in streams],
        description=_DESCRIPTION,
        owners=OWNERS,
        kinds={"json", "postgres"},
        freshness_policy=FRESHNESS,
        required_resource_keys={namespace.resource(WAREHOUSE)},
        io_manager_key=namespace.resource(IO_MANAGER),
        metadata=stored_in,
    )
    def asset(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        # It imports the 50 classes of the document, and few processes make one.
        from lac_pipeline.defs.assets.snapshot_documents import column_lineage, keep_snapshot  # noqa: PLC0415

        warehouse = warehouse_in(context, namespace)
        with as_dagster_failure():
            shown = keep_snapshot(warehouse, account_number(context.partition_key), log=context.log)
        lineage = {"dagster/column_lineage": column_lineage(streams, namespace)}
        return dg.MaterializeResult(metadata=shown | stored_in | lineage)

    return asset
