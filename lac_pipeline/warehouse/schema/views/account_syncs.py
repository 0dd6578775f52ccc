"""How each run went for each account."""

from lac_pipeline.warehouse.schema.tables import SyncLog, table_of
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of

_FROM_WORST = "ARRAY['failed', 'running', 'partial', 'unavailable', 'success', 'skipped']"


def _over_attempts(name: str, expression: str) -> ViewColumn:
    """Combine a column of the run's attempts, which keeps the comment that it has in the log."""
    return ViewColumn(name, expression, table_of(SyncLog).c[name].comment or "")


def _fetched(name: str, comment: str) -> ViewColumn:
    """Count what was fetched of one asset."""
    return ViewColumn(
        f"{name}_fetched", f"COALESCE(sum(l.rows_fetched) FILTER (WHERE l.asset = '{name}'), 0)::bigint", comment
    )


def _summed(name: str) -> ViewColumn:
    return _over_attempts(name, f"sum(l.{name})::bigint")


VIEW = View(
    name="account_syncs",
    grain="One row per account and run: the worst status of its attempts (failed, running, partial, unavailable, "
    "success, skipped).",
    columns=(
        *columns_of(SyncLog, "l", "account_id", "run_id"),
        _over_attempts("trigger", "min(l.trigger)"),
        _over_attempts("started_at", "min(l.started_at)"),
        _over_attempts("finished_at", "CASE WHEN bool_and(l.finished_at IS NOT NULL) THEN max(l.finished_at) END"),
        _over_attempts("status", f"({_FROM_WORST})[min(array_position({_FROM_WORST}, l.status))]"),
        _fetched("campaigns", "Campaigns that LinkedIn returned."),
        _fetched("creatives", "Creatives that LinkedIn returned."),
        _summed("rows_fetched"),
        _summed("rows_inserted"),
        _summed("rows_updated"),
        _summed("rows_unchanged"),
        _summed("rows_pruned"),
        _summed("rows_rejected"),
        _summed("api_calls_made"),
        _over_attempts(
            "errors", "jsonb_path_query_array(jsonb_agg(l.errors) FILTER (WHERE l.errors IS NOT NULL), '$[*][*]')"
        ),
    ),
    rows="""
FROM linkedin_ads.sync_log l
GROUP BY l.account_id, l.run_id
""",
)
