CREATE OR REPLACE VIEW linkedin_ads.campaign_days AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    c.campaign_group_id,
    g.name AS campaign_group_name,
    g.status AS campaign_group_status,
    m.campaign_id,
    COALESCE(c.name, m.campaign_id::text) AS campaign_name,
    CASE WHEN c.removed THEN 'REMOVED' ELSE c.status END AS campaign_status,
    c.objective_type,
    c.daily_budget_amount,
    COALESCE(c.known, false) AS history_known,
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
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead
FROM linkedin_ads.campaign_daily_metrics m
CROSS JOIN LATERAL (SELECT (m.date + 1)::timestamp AT TIME ZONE 'UTC' AS ends) day
LEFT JOIN LATERAL (
    SELECT h.name, h.currency, h.valid_from < day.ends AS known
    FROM linkedin_ads.account_history h
    WHERE h.id = m.account_id
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT h.name, h.status, h.campaign_group_id, h.objective_type, h.daily_budget_amount, h.removed, h.valid_from < day.ends AS known
    FROM linkedin_ads.campaign_history h
    WHERE h.id = m.campaign_id
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT h.name, h.status, h.valid_from < day.ends AS known
    FROM linkedin_ads.campaign_group_history h
    WHERE h.id = c.campaign_group_id
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) g ON true;
