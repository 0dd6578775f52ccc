CREATE OR REPLACE VIEW linkedin_ads.campaign_breakdown AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    m.campaign_id,
    COALESCE(c.name, m.campaign_id::text) AS campaign_name,
    c.status AS campaign_status,
    c.objective_type,
    m.date,
    date_trunc('week', m.date)::date AS week,
    date_trunc('month', m.date)::date AS month,
    m.breakdown,
    m.value,
    round(m.impressions::numeric / NULLIF(sum(m.impressions) OVER (PARTITION BY m.account_id, m.campaign_id, m.date, m.breakdown), 0), 6) AS share_of_impressions,
    round(m.cost_in_local_currency::numeric / NULLIF(sum(m.cost_in_local_currency) OVER (PARTITION BY m.account_id, m.campaign_id, m.date, m.breakdown), 0), 6) AS share_of_cost,
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
    m.card_impressions,
    m.card_clicks,
    m.action_clicks,
    round(m.clicks::numeric / NULLIF(m.impressions, 0), 6) AS ctr,
    round(m.cost_in_local_currency / NULLIF(m.clicks, 0), 6) AS cpc,
    round(1000 * m.cost_in_local_currency / NULLIF(m.impressions, 0), 6) AS cpm,
    CASE WHEN c.objective_type = 'LEAD_GENERATION' THEN round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) END AS cpl,
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead,
    m.updated_at,
    (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'campaign_daily_breakdowns'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS fetched_at,
    m.stale_since
FROM linkedin_ads.campaign_daily_breakdowns m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
COMMENT ON VIEW linkedin_ads.campaign_breakdown IS 'One row per campaign, UTC day, breakdown and value with activity, with names as they are now; money in the account''s currency. Choose one breakdown before summing: each splits the same activity again.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.campaign_id IS 'Campaign (campaigns.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.objective_type IS 'Objective, such as WEBSITE_VISIT.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.date IS 'UTC day of the activity.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.week IS 'Monday of the day''s week (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.breakdown IS 'What the day is split by: a pivot of LinkedIn''s, such as IMPRESSION_DEVICE_TYPE.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.value IS 'The part as LinkedIn sends it, such as MOBILE_APP; (unknown) where it sends an empty text. Of a message button, the message and the button''s index, with a comma between.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.share_of_impressions IS 'Part of the campaign''s impressions of the day, from 0 to 1, among the values of the breakdown; for longer times divide sums. NULL where there are none.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.share_of_cost IS 'Part of the campaign''s cost of the day, from 0 to 1, among the values of the breakdown; for longer times divide sums. NULL where there are none.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.card_impressions IS 'Times a card of a carousel ad was shown (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.card_clicks IS 'Clicks on a card of a carousel ad, scrolling to it among them (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.action_clicks IS 'Clicks on the button of a message ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.fetched_at IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
COMMENT ON COLUMN linkedin_ads.campaign_breakdown.stale_since IS 'Start of the first fetch whose record of this row failed validation (see rejected_records), so that the row stayed as it was; NULL while the row is as LinkedIn last returned it.';
