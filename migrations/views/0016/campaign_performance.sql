CREATE OR REPLACE VIEW linkedin_ads.campaign_performance AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    c.campaign_group_id,
    g.name AS campaign_group_name,
    m.campaign_id,
    COALESCE(c.name, m.campaign_id::text) AS campaign_name,
    c.status AS campaign_status,
    c.objective_type,
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
          AND s.asset = 'campaign_daily_metrics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS fetched_at,
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead
FROM linkedin_ads.campaign_daily_metrics m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = c.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
