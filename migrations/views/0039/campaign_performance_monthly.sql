CREATE OR REPLACE VIEW linkedin_ads.campaign_performance_monthly AS
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
    m.month,
    m.active_days,
    read.days AS loaded_days,
    read.days = upper(period.days) - lower(period.days) AS complete,
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
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead,
    m.updated_at,
    m.stale_since
FROM (
    SELECT
        d.account_id,
        d.campaign_id,
        date_trunc('month', d.date)::date AS month,
        count(*) AS active_days,
        CASE WHEN count(*) = count(d.impressions) THEN (sum(d.impressions))::bigint END AS impressions,
        CASE WHEN count(*) = count(d.clicks) THEN (sum(d.clicks))::bigint END AS clicks,
        CASE WHEN count(*) = count(d.cost_in_local_currency) THEN sum(d.cost_in_local_currency) END AS cost_in_local_currency,
        CASE WHEN count(*) = count(d.cost_in_usd) THEN sum(d.cost_in_usd) END AS cost_in_usd,
        CASE WHEN count(*) = count(d.landing_page_clicks) THEN (sum(d.landing_page_clicks))::bigint END AS landing_page_clicks,
        CASE WHEN count(*) = count(d.total_engagements) THEN (sum(d.total_engagements))::bigint END AS total_engagements,
        CASE WHEN count(*) = count(d.likes) THEN (sum(d.likes))::bigint END AS likes,
        CASE WHEN count(*) = count(d.comments) THEN (sum(d.comments))::bigint END AS comments,
        CASE WHEN count(*) = count(d.shares) THEN (sum(d.shares))::bigint END AS shares,
        CASE WHEN count(*) = count(d.follows) THEN (sum(d.follows))::bigint END AS follows,
        CASE WHEN count(*) = count(d.one_click_leads) THEN (sum(d.one_click_leads))::bigint END AS one_click_leads,
        CASE WHEN count(*) = count(d.one_click_lead_form_opens) THEN (sum(d.one_click_lead_form_opens))::bigint END AS one_click_lead_form_opens,
        CASE WHEN count(*) = count(d.external_website_conversions) THEN (sum(d.external_website_conversions))::bigint END AS external_website_conversions,
        CASE WHEN count(*) = count(d.conversion_value_in_local_currency) THEN sum(d.conversion_value_in_local_currency) END AS conversion_value_in_local_currency,
        CASE WHEN count(*) = count(d.video_views) THEN (sum(d.video_views))::bigint END AS video_views,
        CASE WHEN count(*) = count(d.video_completions) THEN (sum(d.video_completions))::bigint END AS video_completions,
        CASE WHEN count(*) = count(d.sends) THEN (sum(d.sends))::bigint END AS sends,
        CASE WHEN count(*) = count(d.opens) THEN (sum(d.opens))::bigint END AS opens,
        CASE WHEN count(*) FILTER (WHERE c.objective_type = 'LEAD_GENERATION') = count(d.cost_in_local_currency) FILTER (WHERE c.objective_type = 'LEAD_GENERATION') THEN sum(d.cost_in_local_currency) FILTER (WHERE c.objective_type = 'LEAD_GENERATION') END AS lead_generation_cost,
        CASE WHEN count(*) FILTER (WHERE c.objective_type = 'LEAD_GENERATION') = count(d.one_click_leads) FILTER (WHERE c.objective_type = 'LEAD_GENERATION') THEN (sum(d.one_click_leads) FILTER (WHERE c.objective_type = 'LEAD_GENERATION'))::bigint END AS lead_generation_leads,
        max(d.updated_at) AS updated_at,
        min(d.stale_since) AS stale_since
    FROM linkedin_ads.campaign_daily_metrics d
    LEFT JOIN linkedin_ads.campaigns c ON c.id = d.campaign_id
    GROUP BY d.account_id, d.campaign_id, date_trunc('month', d.date)::date
) m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = c.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
LEFT JOIN (
    SELECT s.account_id, range_agg(daterange(s.partition_start, LEAST(s.partition_end, s.began))) AS days
    FROM (
        SELECT account_id, partition_start, partition_end, (started_at AT TIME ZONE 'UTC')::date AS began
        FROM linkedin_ads.sync_log
        WHERE asset = 'campaign_daily_metrics'
          AND status IN ('success', 'partial')
          AND (parts IS NULL OR 'cost_in_local_currency' = ANY (parts))
    ) s
    WHERE s.partition_start < s.began
    GROUP BY s.account_id
) loaded ON loaded.account_id = m.account_id
CROSS JOIN LATERAL (
    SELECT daterange(m.month, (m.month + INTERVAL '1 month')::date) AS days
) period
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(upper(part) - lower(part)), 0) AS days
    FROM unnest(loaded.days * datemultirange(period.days)) part
) read;
COMMENT ON VIEW linkedin_ads.campaign_performance_monthly IS 'One row per campaign and month with activity: the sum of its days, with names as they are now; money in the account''s currency. Months of which not every day is loaded have complete = false.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.campaign_group_id IS 'Campaign group it is in (campaign_groups.id).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.campaign_group_name IS 'Name of the campaign group.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.campaign_id IS 'Campaign (campaigns.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.objective_type IS 'Objective, such as WEBSITE_VISIT.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.active_days IS 'Days of the month on which the campaign had activity.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.loaded_days IS 'Days of the month that were read after they had ended, cost included; days before LAC_START_DATE, today and days still to come are not among them.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.complete IS 'Whether all days of the month are among loaded_days; compare periods only where it is true.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.campaign_performance_monthly.stale_since IS 'Start of the first fetch whose record of this row failed validation (see rejected_records), so that the row stayed as it was; NULL while the row is as LinkedIn last returned it.';
