CREATE OR REPLACE VIEW linkedin_ads.account_performance AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.status AS account_status,
    a.currency,
    m.date,
    date_trunc('week', m.date)::date AS week,
    date_trunc('month', m.date)::date AS month,
    m.active_campaigns,
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
    round(m.lead_generation_cost / NULLIF(m.lead_generation_leads, 0), 6) AS cpl,
    m.updated_at,
    (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'campaign_daily_metrics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS fetched_at,
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead,
    m.lead_generation_cost AS lead_generation_cost_in_local_currency,
    m.lead_generation_leads
FROM (
    SELECT
        d.account_id,
        d.date,
        count(*) AS active_campaigns,
        sum(d.impressions)::bigint AS impressions,
        sum(d.clicks)::bigint AS clicks,
        sum(d.cost_in_local_currency) AS cost_in_local_currency,
        sum(d.cost_in_usd) AS cost_in_usd,
        sum(d.landing_page_clicks)::bigint AS landing_page_clicks,
        sum(d.total_engagements)::bigint AS total_engagements,
        sum(d.likes)::bigint AS likes,
        sum(d.comments)::bigint AS comments,
        sum(d.shares)::bigint AS shares,
        sum(d.follows)::bigint AS follows,
        sum(d.one_click_leads)::bigint AS one_click_leads,
        sum(d.one_click_lead_form_opens)::bigint AS one_click_lead_form_opens,
        sum(d.external_website_conversions)::bigint AS external_website_conversions,
        sum(d.conversion_value_in_local_currency) AS conversion_value_in_local_currency,
        sum(d.video_views)::bigint AS video_views,
        sum(d.video_completions)::bigint AS video_completions,
        sum(d.sends)::bigint AS sends,
        sum(d.opens)::bigint AS opens,
        sum(d.cost_in_local_currency) FILTER (WHERE c.objective_type = 'LEAD_GENERATION') AS lead_generation_cost,
        (sum(d.one_click_leads) FILTER (WHERE c.objective_type = 'LEAD_GENERATION'))::bigint AS lead_generation_leads,
        max(d.updated_at) AS updated_at
    FROM linkedin_ads.campaign_daily_metrics d
    LEFT JOIN linkedin_ads.campaigns c ON c.id = d.campaign_id
    GROUP BY d.account_id, d.date
) m
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
