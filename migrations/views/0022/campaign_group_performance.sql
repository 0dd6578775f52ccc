CREATE OR REPLACE VIEW linkedin_ads.campaign_group_performance AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    m.campaign_group_id,
    g.name AS campaign_group_name,
    g.status AS campaign_group_status,
    g.daily_budget_amount,
    g.total_budget_amount,
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
    round(m.cost_in_local_currency / NULLIF(m.one_click_leads, 0), 6) AS spend_per_lead,
    m.lead_generation_cost AS lead_generation_cost_in_local_currency,
    m.lead_generation_leads,
    m.updated_at,
    (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'campaign_daily_metrics'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.date
          AND s.partition_end > m.date
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS fetched_at
FROM (
    SELECT
        d.account_id,
        c.campaign_group_id,
        d.date,
        count(*) AS active_campaigns,
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
    GROUP BY d.account_id, c.campaign_group_id, d.date
) m
LEFT JOIN linkedin_ads.campaign_groups g ON g.id = m.campaign_group_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
COMMENT ON VIEW linkedin_ads.campaign_group_performance IS 'One row per campaign group and UTC day with activity: the sum of the campaigns that are in it now; money in the account''s currency.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.campaign_group_id IS 'Campaign group (campaign_groups.id); NULL for the campaigns whose group is not known.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.campaign_group_name IS 'Name of the campaign group.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.campaign_group_status IS 'Status of the campaign group: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.daily_budget_amount IS 'Budget of a day, in daily_budget_currency.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.total_budget_amount IS 'Budget over the group''s life, in total_budget_currency.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.date IS 'UTC day of the activity.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.week IS 'Monday of the day''s week (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.active_campaigns IS 'Campaigns of the group with activity on the day.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.clicks IS 'Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.cost_in_usd IS 'What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.landing_page_clicks IS 'Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.total_engagements IS 'Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.likes IS 'Likes of the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.comments IS 'Comments on the ad (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.shares IS 'Times members shared the ad with their network (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.follows IS 'Members who began to follow the advertiser''s page (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.video_views IS 'Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.video_completions IS 'Times the video played to 97 percent of its length or further (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.sends IS 'Message ads sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.opens IS 'Message ads opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.ctr IS 'Clicks per impression; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.cpc IS 'Cost of a click in the account''s currency; NULL without clicks.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.cpm IS 'Cost of a thousand impressions in the account''s currency; NULL without impressions.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.cpl IS 'CPL, cost per lead: what campaigns with the objective LEAD_GENERATION cost, divided by their leads, in the account''s currency. NULL for other campaigns, without leads, and for segments, which have no objective.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.spend_per_lead IS 'Cost of the row divided by its leads, whatever the campaigns are for, in the account''s currency; this is not CPL. NULL without leads.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.lead_generation_cost_in_local_currency IS 'Cost of the campaigns with the objective LEAD_GENERATION, in the account''s currency. CPL of several days is the sum of it divided by the sum of lead_generation_leads.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.lead_generation_leads IS 'Leads of the campaigns with the objective LEAD_GENERATION.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.campaign_group_performance.fetched_at IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
