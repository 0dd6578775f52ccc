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
    CASE WHEN c.objective_type = 'LEAD_GENERATION' THEN round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) END AS cpl,
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
COMMENT ON VIEW linkedin_ads.campaign_days IS 'One row per campaign and UTC day with activity, with names and status as they were at the end of that day; money in the account''s currency.';
COMMENT ON COLUMN linkedin_ads.campaign_days.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.campaign_days.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.campaign_days.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.campaign_days.campaign_group_id IS 'Campaign group it is in (campaign_groups.id).';
COMMENT ON COLUMN linkedin_ads.campaign_days.campaign_group_name IS 'Name of the campaign group.';
COMMENT ON COLUMN linkedin_ads.campaign_days.campaign_group_status IS 'Status of the campaign group.';
COMMENT ON COLUMN linkedin_ads.campaign_days.campaign_id IS 'Campaign (campaigns.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.campaign_days.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.campaign_days.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_days.objective_type IS 'Objective, such as WEBSITE_VISIT.';
COMMENT ON COLUMN linkedin_ads.campaign_days.daily_budget_amount IS 'Budget of a day, in daily_budget_currency.';
COMMENT ON COLUMN linkedin_ads.campaign_days.history_known IS 'Whether names and status are of that day; else they are the oldest known.';
COMMENT ON COLUMN linkedin_ads.campaign_days.date IS 'UTC day of the activity.';
COMMENT ON COLUMN linkedin_ads.campaign_days.week IS 'Monday of the day''s week (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_days.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_days.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_days.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_days.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.campaign_days.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_days.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.campaign_days.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
