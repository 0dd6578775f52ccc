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
    CASE WHEN c.objective_type = 'LEAD_GENERATION' THEN round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) END AS cpl,
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
COMMENT ON VIEW linkedin_ads.creative_performance IS 'One row per creative and UTC day with activity, with names as they are now; money in the account''s currency.';
COMMENT ON COLUMN linkedin_ads.creative_performance.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.creative_performance.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.creative_performance.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.creative_performance.campaign_id IS 'Campaign it is in (campaigns.id).';
COMMENT ON COLUMN linkedin_ads.creative_performance.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.creative_performance.creative_id IS 'Creative (creatives.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.creative_performance.creative_name IS 'Best name known of the creative; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.creative_performance.content_kind IS 'Kind of content: reference, textAd, spotlight and so on.';
COMMENT ON COLUMN linkedin_ads.creative_performance.creative_status IS 'Status that the advertiser set for the creative: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED.';
COMMENT ON COLUMN linkedin_ads.creative_performance.review_status IS 'PENDING, APPROVED, REJECTED or NEEDS_REVIEW.';
COMMENT ON COLUMN linkedin_ads.creative_performance.date IS 'UTC day of the activity.';
COMMENT ON COLUMN linkedin_ads.creative_performance.week IS 'Monday of the day''s week (UTC).';
COMMENT ON COLUMN linkedin_ads.creative_performance.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.creative_performance.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_performance.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.creative_performance.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.creative_performance.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.creative_performance.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.creative_performance.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.creative_performance.fetched_at IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
COMMENT ON COLUMN linkedin_ads.creative_performance.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
