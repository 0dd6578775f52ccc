CREATE OR REPLACE VIEW linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown AS
SELECT
    m.creative_id,
    m.conversion_id,
    m.date::timestamp AS day,
    COALESCE(CASE WHEN m.stale_since IS NULL THEN f.synced_at ELSE (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'conversion_daily_metrics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) END, m.updated_at) AS _fivetran_synced,
    m.creative_id || '|' || m.conversion_id || '|' || to_char(m.date, 'YYYY-MM-DD') AS _fivetran_id,
    m.external_website_conversions,
    m.external_website_post_click_conversions,
    m.external_website_post_view_conversions,
    m.conversion_value_in_local_currency
FROM linkedin_ads.conversion_daily_metrics m
LEFT JOIN (
    SELECT d.account_id, d.date, max(w.synced_at) AS synced_at
    FROM (SELECT DISTINCT t.account_id, t.date FROM linkedin_ads.conversion_daily_metrics t) d
    JOIN (
        SELECT s.account_id, s.partition_start, s.partition_end, max(s.started_at) AS synced_at
        FROM linkedin_ads.sync_log s
        WHERE s.asset = 'conversion_daily_metrics' AND s.status IN ('success', 'partial')
        GROUP BY s.account_id, s.partition_start, s.partition_end
    ) w ON w.account_id = d.account_id AND w.partition_start <= d.date AND w.partition_end > d.date
    GROUP BY d.account_id, d.date
) f ON f.account_id = m.account_id AND f.date = m.date;
COMMENT ON VIEW linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown IS 'One row per creative, conversion rule and UTC day with conversions. They are those of ad_analytics_by_creative again, by rule: do not add the two.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.creative_id IS 'Creative (creatives.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.conversion_id IS 'Conversion rule (conversions.id; it may be unknown there).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.day IS 'UTC day of the activity, as midnight without a zone.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown._fivetran_synced IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown._fivetran_id IS 'The key of the row as one text.';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.external_website_post_click_conversions IS 'Conversions by the account''s rules, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.external_website_post_view_conversions IS 'Conversions by the account''s rules, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
