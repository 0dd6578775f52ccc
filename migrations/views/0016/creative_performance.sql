CREATE OR REPLACE VIEW linkedin_ads.creative_performance AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    r.campaign_id,
    c.name AS campaign_name,
    m.creative_id,
    COALESCE(r.name, m.creative_id::text) AS creative_name,
    r.content_kind,
    r.intended_status AS creative_status,
    r.review_status,
    m.date,
    date_trunc('week', m.date)::date AS week,
    date_trunc('month', m.date)::date AS month,
    m.impressions,
    m.clicks,
    m.cost_in_local_currency,
    m.cost_in_usd,
    m.landing_page_clicks,
    m.total_engagements,
    m.likes,
    m.comments,
    m.shares,
    m.follows,
    m.one_click_leads,
    m.one_click_lead_form_opens,
    m.external_website_conversions,
    m.conversion_value_in_local_currency,
    m.video_views,
    m.video_completions,
    m.sends,
    m.opens,
    round(m.clicks::numeric / NULLIF(m.impressions, 0), 6) AS ctr,
    round(m.cost_in_local_currency / NULLIF(m.clicks, 0), 6) AS cpc,
    round(1000 * m.cost_in_local_currency / NULLIF(m.impressions, 0), 6) AS cpm,
    CASE
        WHEN c.objective_type = 'LEAD_GENERATION' THEN round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6)
    END AS cpl,
    m.updated_at,
    (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'creative_daily_metrics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS fetched_at,
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead
FROM linkedin_ads.creative_daily_metrics m
LEFT JOIN linkedin_ads.creatives r ON r.id = m.creative_id
LEFT JOIN linkedin_ads.campaigns c ON c.id = r.campaign_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
