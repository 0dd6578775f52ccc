"""What Fivetran's tables have in common: times of a version, when a row was last synced, names of columns."""

from __future__ import annotations

from sqlalchemy import Table

from lac_pipeline.linkedin.metrics import Metric
from lac_pipeline.warehouse.schema import view_columns
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.view import ViewColumn

FIVETRAN_SCHEMA = "linkedin_ads_fivetran"

SYNCED = "_fivetran_synced"
MODIFIED = "h.valid_from AT TIME ZONE 'UTC'"
MODIFIED_COMMENT = (
    "Since when the version holds (UTC): LinkedIn's last modification, else the fetch that saw it first. No two "
    "versions of one id share it."
)
REMOVED = "REMOVED"
ISO_DAY = "to_char(m.date, 'YYYY-MM-DD')"


def taken(table: Table, *names: str, **renamed: str) -> tuple[ViewColumn, ...]:
    """Take columns from a table, `h`, with the table's comments.

    Args:
        table: the table.
        names: of columns that keep their names.
        renamed: columns under Fivetran's name, as `fivetrans=ours`.
    """
    pairs = {**{name: name for name in names}, **renamed}
    return tuple(ViewColumn(name, f"h.{ours}", table.c[ours].comment or "") for name, ours in pairs.items())


def in_utc(table: Table, **renamed: str) -> tuple[ViewColumn, ...]:
    """Take times from a table, `h`, without their zone, as `fivetrans=ours`."""
    return tuple(
        ViewColumn(name, f"h.{ours} AT TIME ZONE 'UTC'", f"{(table.c[ours].comment or '').rstrip('.')} (UTC).")
        for name, ours in renamed.items()
    )


def version_tag(key: str = "h.id", since: str = "h.valid_from") -> ViewColumn:
    """Number the versions of an entity."""
    return ViewColumn(
        "version_tag",
        f"row_number() OVER (PARTITION BY {key} ORDER BY {since})::text",
        "Number of the version, from 1. LinkedIn's own tag moves without a change, so that it is not kept by version.",
    )


def status(name: str = "status", ours: str = "status", *, removed: str = "h.removed", words: str) -> ViewColumn:
    """The status of a version; REMOVED where LinkedIn no longer returned the entity."""
    expression = f"CASE WHEN {removed} THEN '{REMOVED}' ELSE h.{ours} END"
    return ViewColumn(name, expression, f"{words} REMOVED also where LinkedIn no longer returned it.")


def entity_synced(otherwise: str = "h.valid_from") -> ViewColumn:
    """When the entity was last read: its row is `e`, the state of its stream `s`."""
    return ViewColumn(
        SYNCED,
        f"COALESCE(CASE WHEN e.stale_since IS NULL THEN GREATEST(e.fetched_at, s.synced_at) ELSE e.fetched_at END, "
        f"s.synced_at, {otherwise})",
        "Start of the last sync that covered the row, whether or not it changed; it stays behind while LinkedIn's "
        "record of the row is refused.",
    )


def entity_joins(asset: str, key: str = "h") -> str:
    """The joins that `entity_synced` reads, for versions that are called `h`, or whose keys are called otherwise."""
    table = HISTORIES[asset]
    account = "id" if "account_id" not in table.c else "account_id"
    return f"""LEFT JOIN {SCHEMA}.{asset} e ON e.id = {key}.id
LEFT JOIN {SCHEMA}.stream_state s ON s.account_id = {key}.{account} AND s.asset = '{asset}'"""


def report_synced(asset: str, day: str = "date") -> ViewColumn:
    """When the day or month was last read, as `report_rows` has it; a row that is stale is looked up by itself."""
    alone = view_columns.fetched_at(asset, day)
    expression = f"COALESCE(CASE WHEN m.stale_since IS NULL THEN f.synced_at ELSE {alone.expression} END, m.updated_at)"
    return ViewColumn(SYNCED, expression, alone.comment)


_REPORT_ROWS = """FROM {schema}.{asset} m
LEFT JOIN (
    SELECT d.account_id, d.{day}, max(w.synced_at) AS synced_at
    FROM (SELECT DISTINCT t.account_id, t.{day} FROM {schema}.{asset} t) d
    JOIN (
        SELECT s.account_id, s.partition_start, s.partition_end, max(s.started_at) AS synced_at
        FROM {schema}.sync_log s
        WHERE s.asset = '{asset}' AND s.status IN ('success', 'partial')
        GROUP BY s.account_id, s.partition_start, s.partition_end
    ) w ON w.account_id = d.account_id AND w.partition_start <= d.{day} AND w.partition_end > d.{day}
    GROUP BY d.account_id, d.{day}
) f ON f.account_id = m.account_id AND f.{day} = m.{day}"""


def report_rows(asset: str, day: str = "date") -> str:
    """The rows of a report, `m`, with when their day was last read, `f`.

    It is found for all days at once: dbt reads whole tables, and looking up each row by itself would take minutes where
    the log is long. PostgreSQL leaves the join out of queries that do not select when rows were synced.
    """
    return _REPORT_ROWS.format(schema=SCHEMA, asset=asset, day=day)


def report_id(*key: str) -> ViewColumn:
    """A text that differs for each row of a report, from the SQL of its key."""
    return ViewColumn("_fivetran_id", " || '|' || ".join(key), "The key of the row as one text.")


def metric_column(metric: Metric) -> ViewColumn:
    """A metric under its name; NULL where it was not requested. Rows are called `m`."""
    return ViewColumn(metric.column, f"m.{metric.column}", metric.description)
