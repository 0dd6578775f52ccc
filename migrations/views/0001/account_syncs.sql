CREATE VIEW linkedin_ads.account_syncs AS
SELECT
    account_id,
    run_id,
    min(trigger) AS trigger,
    min(started_at) AS started_at,
    CASE WHEN bool_and(finished_at IS NOT NULL) THEN max(finished_at) END AS finished_at,
    (ARRAY['failed', 'running', 'partial', 'success', 'skipped'])[
        min(array_position(ARRAY['failed', 'running', 'partial', 'success', 'skipped'], status))
    ] AS status,
    COALESCE(sum(rows_fetched) FILTER (WHERE asset = 'campaigns'), 0)::bigint AS campaigns_fetched,
    COALESCE(sum(rows_fetched) FILTER (WHERE asset = 'creatives'), 0)::bigint AS creatives_fetched,
    sum(rows_fetched)::bigint AS rows_fetched,
    sum(rows_inserted)::bigint AS rows_inserted,
    sum(rows_updated)::bigint AS rows_updated,
    sum(rows_unchanged)::bigint AS rows_unchanged,
    sum(rows_pruned)::bigint AS rows_pruned,
    sum(rows_rejected)::bigint AS rows_rejected,
    sum(api_calls_made)::bigint AS api_calls_made,
    jsonb_path_query_array(jsonb_agg(errors) FILTER (WHERE errors IS NOT NULL), '$[*][*]') AS errors
FROM linkedin_ads.sync_log
GROUP BY account_id, run_id;
COMMENT ON VIEW linkedin_ads.account_syncs IS
    'One row per account and run: the worst status of its attempts (failed, running, partial, success, skipped).';
