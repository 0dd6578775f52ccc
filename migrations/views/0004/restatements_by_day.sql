CREATE VIEW linkedin_ads.restatements_by_day AS
SELECT
    r.account_id,
    a.name AS account_name,
    a.currency,
    r.asset,
    r.date,
    count(DISTINCT r.entity_id) AS rows_changed,
    count(*) AS values_changed,
    COALESCE(sum(COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)) FILTER (WHERE r.metric = 'impressions'), 0)::bigint AS impressions_added,
    COALESCE(sum(COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)) FILTER (WHERE r.metric = 'clicks'), 0)::bigint AS clicks_added,
    COALESCE(sum(COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)) FILTER (WHERE r.metric = 'cost_in_local_currency'), 0) AS cost_in_local_currency_added,
    COALESCE(sum(COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)) FILTER (WHERE r.metric = 'external_website_conversions'), 0)::bigint AS external_website_conversions_added,
    COALESCE(sum(COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)) FILTER (WHERE r.metric = 'one_click_leads'), 0)::bigint AS one_click_leads_added,
    min(r.seen_at) AS first_seen_at,
    max(r.seen_at) AS last_seen_at
FROM linkedin_ads.metric_restatements r
LEFT JOIN linkedin_ads.accounts a ON a.id = r.account_id
GROUP BY r.account_id, a.id, r.asset, r.date;
COMMENT ON VIEW linkedin_ads.restatements_by_day IS
    'One row per account, table and UTC day that LinkedIn changed after the fact: by how much its sums moved.';
