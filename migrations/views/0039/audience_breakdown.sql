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
COMMENT ON VIEW linkedin_ads.audience_breakdown IS 'One row per account, month, pivot type and segment. Do not sum over pivot types: each splits the same activity. Months are whole; of the month of LAC_START_DATE the daily tables may have only the later days. LinkedIn does not adjust a segment''s cost for over-delivery, so the sum may exceed the spend: do not use it as spend.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.pivot_type IS 'What it is split by, such as MEMBER_INDUSTRY.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.segment IS 'The segment as LinkedIn sends it, mostly a URN.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.segment_name IS 'Name of the segment; the segment as LinkedIn sends it where it has no name.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.fetched_at IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
COMMENT ON COLUMN linkedin_ads.audience_breakdown.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
