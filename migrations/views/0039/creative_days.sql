CREATE OR REPLACE VIEW linkedin_ads.creative_days AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    r.campaign_id,
    c.name AS campaign_name,
    CASE WHEN c.removed THEN 'REMOVED' ELSE c.status END AS campaign_status,
    m.creative_id,
    COALESCE(r.name, m.creative_id::text) AS creative_name,
    CASE WHEN r.removed THEN 'REMOVED' ELSE r.intended_status END AS creative_status,
    r.review_status,
    COALESCE(r.known, false) AS history_known,
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
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead
FROM linkedin_ads.creative_daily_metrics m
CROSS JOIN LATERAL (SELECT (m.date + 1)::timestamp AT TIME ZONE 'UTC' AS ends) day
LEFT JOIN LATERAL (
    SELECT h.name, h.currency, h.valid_from < day.ends AS known
    FROM linkedin_ads.account_history h
    WHERE h.id = m.account_id
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT h.name, h.campaign_id, h.intended_status, h.review_status, h.removed, h.valid_from < day.ends AS known
    FROM linkedin_ads.creative_history h
    WHERE h.id = m.creative_id
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT h.name, h.status, h.objective_type, h.removed, h.valid_from < day.ends AS known
    FROM linkedin_ads.campaign_history h
    WHERE h.id = r.campaign_id
    ORDER BY (h.valid_from < day.ends) DESC, abs(extract(epoch FROM h.valid_from - day.ends))
    LIMIT 1
) c ON true;
COMMENT ON VIEW linkedin_ads.creative_days IS 'One row per creative and UTC day with activity, with names and status as they were at the end of that day; money in the account''s currency.';
COMMENT ON COLUMN linkedin_ads.creative_days.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.creative_days.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.creative_days.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.creative_days.campaign_id IS 'Campaign it is in (campaigns.id).';
COMMENT ON COLUMN linkedin_ads.creative_days.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.creative_days.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.creative_days.creative_id IS 'Creative (creatives.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.creative_days.creative_name IS 'Best name known of the creative; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.creative_days.creative_status IS 'Status that the advertiser set for the creative: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED.';
COMMENT ON COLUMN linkedin_ads.creative_days.review_status IS 'PENDING, APPROVED, REJECTED or NEEDS_REVIEW.';
COMMENT ON COLUMN linkedin_ads.creative_days.history_known IS 'Whether names and status are of that day; else they are the oldest known.';
COMMENT ON COLUMN linkedin_ads.creative_days.date IS 'UTC day of the activity.';
COMMENT ON COLUMN linkedin_ads.creative_days.week IS 'Monday of the day''s week (UTC).';
COMMENT ON COLUMN linkedin_ads.creative_days.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.creative_days.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.creative_days.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.creative_days.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.creative_days.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.creative_days.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.creative_days.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
