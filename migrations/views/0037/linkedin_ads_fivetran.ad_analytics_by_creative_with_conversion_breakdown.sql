CREATE OR REPLACE VIEW linkedin_ads_fivetran.ad_analytics_by_creative_with_conversion_breakdown AS
SELECT
    m.creative_id,
    m.conversion_id,
    m.date::timestamp AS day,
    COALESCE((
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
    ), m.updated_at) AS _fivetran_synced,
    m.creative_id || '|' || m.conversion_id || '|' || to_char(m.date, 'YYYY-MM-DD') AS _fivetran_id,
    m.external_website_conversions,
    m.external_website_post_click_conversions,
    m.external_website_post_view_conversions,
    m.conversion_value_in_local_currency
FROM linkedin_ads.conversion_daily_metrics m;
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
