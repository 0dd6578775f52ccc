CREATE OR REPLACE VIEW linkedin_ads.audience_breakdown AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    m.month,
    m.pivot_type,
    m.segment,
    COALESCE(n.name, m.segment) AS segment_name,
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
    m.video_views,
    m.video_completions,
    m.sends,
    m.opens,
    round(m.clicks::numeric / NULLIF(m.impressions, 0), 6) AS ctr,
    round(m.cost_in_local_currency / NULLIF(m.clicks, 0), 6) AS cpc,
    round(1000 * m.cost_in_local_currency / NULLIF(m.impressions, 0), 6) AS cpm,
    NULL::numeric AS cpl,
    m.updated_at,
    (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'audience_demographics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.month
          AND s.partition_end > m.month
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS fetched_at,
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead
FROM linkedin_ads.audience_demographics m
LEFT JOIN linkedin_ads.urn_names n ON n.urn = m.segment
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
