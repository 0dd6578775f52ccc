CREATE OR REPLACE VIEW linkedin_ads.account_syncs AS
SELECT
    l.account_id,
    l.run_id,
    min(l.trigger) AS trigger,
    min(l.started_at) AS started_at,
    CASE WHEN bool_and(l.finished_at IS NOT NULL) THEN max(l.finished_at) END AS finished_at,
    (ARRAY['failed', 'running', 'partial', 'unavailable', 'success', 'skipped'])[min(array_position(ARRAY['failed', 'running', 'partial', 'unavailable', 'success', 'skipped'], l.status))] AS status,
    COALESCE(sum(l.rows_fetched) FILTER (WHERE l.asset = 'campaigns'), 0)::bigint AS campaigns_fetched,
    COALESCE(sum(l.rows_fetched) FILTER (WHERE l.asset = 'creatives'), 0)::bigint AS creatives_fetched,
    sum(l.rows_fetched)::bigint AS rows_fetched,
    sum(l.rows_inserted)::bigint AS rows_inserted,
    sum(l.rows_updated)::bigint AS rows_updated,
    sum(l.rows_unchanged)::bigint AS rows_unchanged,
    sum(l.rows_pruned)::bigint AS rows_pruned,
    sum(l.rows_rejected)::bigint AS rows_rejected,
    sum(l.api_calls_made)::bigint AS api_calls_made,
    jsonb_path_query_array(jsonb_agg(l.errors) FILTER (WHERE l.errors IS NOT NULL), '$[*][*]') AS errors
FROM linkedin_ads.sync_log l
GROUP BY l.account_id, l.run_id;
COMMENT ON VIEW linkedin_ads.account_syncs IS 'One row per account and run: the worst status of its attempts (failed, running, partial, unavailable, success, skipped).';
COMMENT ON COLUMN linkedin_ads.account_syncs.account_id IS 'Ad account.';
COMMENT ON COLUMN linkedin_ads.account_syncs.run_id IS 'Dagster run.';
COMMENT ON COLUMN linkedin_ads.account_syncs.trigger IS 'What requested it: scheduled, on_demand or backfill.';
COMMENT ON COLUMN linkedin_ads.account_syncs.started_at IS 'When the fetch began.';
COMMENT ON COLUMN linkedin_ads.account_syncs.finished_at IS 'When the attempt ended; NULL while it runs.';
COMMENT ON COLUMN linkedin_ads.account_syncs.status IS 'running; success; partial (loaded, but records were rejected, a pivot was not read, or nothing was pruned); failed; unavailable (LinkedIn does not let the token read it); skipped.';
COMMENT ON COLUMN linkedin_ads.account_syncs.campaigns_fetched IS 'Campaigns that LinkedIn returned.';
COMMENT ON COLUMN linkedin_ads.account_syncs.creatives_fetched IS 'Creatives that LinkedIn returned.';
COMMENT ON COLUMN linkedin_ads.account_syncs.rows_fetched IS 'Records that LinkedIn returned.';
COMMENT ON COLUMN linkedin_ads.account_syncs.rows_inserted IS 'Rows that were new.';
COMMENT ON COLUMN linkedin_ads.account_syncs.rows_updated IS 'Rows of which a value changed.';
COMMENT ON COLUMN linkedin_ads.account_syncs.rows_unchanged IS 'Rows that were equal already.';
COMMENT ON COLUMN linkedin_ads.account_syncs.rows_pruned IS 'Rows deleted (metrics) or marked removed (entities), because LinkedIn no longer returned them.';
COMMENT ON COLUMN linkedin_ads.account_syncs.rows_rejected IS 'Records that went to rejected_records.';
COMMENT ON COLUMN linkedin_ads.account_syncs.api_calls_made IS 'Requests sent to LinkedIn, retries too.';
COMMENT ON COLUMN linkedin_ads.account_syncs.errors IS 'What failed: list of {type, summary, detail, meaning, fix}.';
