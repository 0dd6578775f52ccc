CREATE OR REPLACE VIEW linkedin_ads.restatements_by_day AS
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
    max(r.seen_at) AS last_seen_at,
    COALESCE(sum(COALESCE(r.new_value, 0) - COALESCE(r.old_value, 0)) FILTER (WHERE r.metric = 'conversion_value_in_local_currency'), 0) AS conversion_value_in_local_currency_added
FROM linkedin_ads.metric_restatements r
LEFT JOIN linkedin_ads.accounts a ON a.id = r.account_id
GROUP BY r.account_id, a.id, r.asset, r.date;
COMMENT ON VIEW linkedin_ads.restatements_by_day IS 'One row per account, table and UTC day whose numbers LinkedIn changed later: by how much the sums changed.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.asset IS 'Table that changed: campaign_daily_metrics, creative_daily_metrics or conversion_daily_metrics.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.date IS 'UTC day of the activity.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.rows_changed IS 'Campaigns or creatives of which a number changed.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.values_changed IS 'Changes logged, one for each number and load that saw it changed.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.impressions_added IS 'Impressions after the changes less those before.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.clicks_added IS 'Clicks after the changes less those before.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.cost_in_local_currency_added IS 'Cost after the changes less that before, in the account''s currency.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.external_website_conversions_added IS 'Website conversions after the changes less those before.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.one_click_leads_added IS 'Leads from lead forms after the changes less those before.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.first_seen_at IS 'When the first of the changes was seen.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.last_seen_at IS 'When the last of the changes was seen.';
COMMENT ON COLUMN linkedin_ads.restatements_by_day.conversion_value_in_local_currency_added IS 'Value of website conversions after the changes less that before, in the account''s currency.';
