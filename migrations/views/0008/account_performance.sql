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
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS cpl,
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
    ) AS fetched_at
FROM (
    SELECT
        account_id,
        date,
        count(*) AS active_campaigns,
        sum(impressions)::bigint AS impressions,
        sum(clicks)::bigint AS clicks,
        sum(cost_in_local_currency) AS cost_in_local_currency,
        sum(cost_in_usd) AS cost_in_usd,
        sum(landing_page_clicks)::bigint AS landing_page_clicks,
        sum(total_engagements)::bigint AS total_engagements,
        sum(likes)::bigint AS likes,
        sum(comments)::bigint AS comments,
        sum(shares)::bigint AS shares,
        sum(follows)::bigint AS follows,
        sum(one_click_leads)::bigint AS one_click_leads,
        sum(one_click_lead_form_opens)::bigint AS one_click_lead_form_opens,
        sum(external_website_conversions)::bigint AS external_website_conversions,
        sum(conversion_value_in_local_currency) AS conversion_value_in_local_currency,
        sum(video_views)::bigint AS video_views,
        sum(video_completions)::bigint AS video_completions,
        sum(sends)::bigint AS sends,
        sum(opens)::bigint AS opens,
        max(updated_at) AS updated_at
    FROM linkedin_ads.campaign_daily_metrics
    GROUP BY account_id, date
) m
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
