CREATE OR REPLACE VIEW linkedin_ads.conversion_performance AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    m.campaign_id,
    COALESCE(c.name, m.campaign_id::text) AS campaign_name,
    c.objective_type,
    m.creative_id,
    COALESCE(m.creative_name, m.creative_id::text) AS creative_name,
    m.conversion_id,
    COALESCE(m.conversion_name, m.conversion_id::text) AS conversion_name,
    m.conversion_type,
    m.attribution_type,
    m.date,
    date_trunc('week', m.date)::date AS week,
    date_trunc('month', m.date)::date AS month,
    m.external_website_conversions,
    m.external_website_post_click_conversions,
    m.external_website_post_view_conversions,
    m.conversion_value_in_local_currency,
    s.cost_in_local_currency AS campaign_cost_in_local_currency,
    m.by_rule::bigint AS campaign_conversions,
    m.by_type::bigint AS campaign_conversions_of_type,
    round(s.cost_in_local_currency / NULLIF(m.by_rule, 0), 6) AS cost_per_conversion,
    round(s.cost_in_local_currency / NULLIF(m.by_type, 0), 6) AS cost_per_conversion_of_type,
    m.updated_at,
    (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'conversion_daily_metrics'
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
        d.creative_id,
        d.conversion_id,
        d.date,
        d.external_website_conversions,
        d.external_website_post_click_conversions,
        d.external_website_post_view_conversions,
        d.conversion_value_in_local_currency,
        d.updated_at,
        d.stale_since,
        r.campaign_id,
        r.name AS creative_name,
        v.name AS conversion_name,
        v.type AS conversion_type,
        v.attribution_type,
        CASE WHEN r.campaign_id IS NOT NULL THEN CASE WHEN count(*) OVER by_rule = count(d.external_website_conversions) OVER by_rule THEN sum(d.external_website_conversions) OVER by_rule END END AS by_rule,
        CASE WHEN r.campaign_id IS NOT NULL AND v.type IS NOT NULL THEN CASE WHEN count(*) OVER by_type = count(d.external_website_conversions) OVER by_type THEN sum(d.external_website_conversions) OVER by_type END END AS by_type
    FROM linkedin_ads.conversion_daily_metrics d
    LEFT JOIN linkedin_ads.creatives r ON r.id = d.creative_id
    LEFT JOIN linkedin_ads.conversions v ON v.id = d.conversion_id
    WINDOW
        by_rule AS (PARTITION BY d.account_id, d.date, r.campaign_id, d.conversion_id),
        by_type AS (PARTITION BY d.account_id, d.date, r.campaign_id, v.type)
) m
LEFT JOIN linkedin_ads.campaigns c ON c.id = m.campaign_id
LEFT JOIN linkedin_ads.campaign_daily_metrics s ON s.campaign_id = m.campaign_id AND s.date = m.date
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id;
COMMENT ON VIEW linkedin_ads.conversion_performance IS 'One row per creative, conversion rule and UTC day with conversions, with names as they are now; money in the account''s currency. Cost does not belong to a rule, so all rows of a campaign and day repeat the same cost: never sum it over rules or creatives. Days with cost and without conversions have no row: for the cost per conversion of a period divide the cost of campaign_performance by the sum of the conversions here.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.account_id IS 'Ad account (accounts.id), which names the currency.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.campaign_id IS 'Campaign of the creative; NULL where the creative is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.objective_type IS 'Objective, such as WEBSITE_VISIT.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.creative_id IS 'Creative (creatives.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.creative_name IS 'Best name known of the creative; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.conversion_id IS 'Conversion rule (conversions.id; it may be unknown there).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.conversion_name IS 'Name of the rule; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.conversion_type IS 'What the rule counts, such as LEAD, SIGN_UP or PURCHASE.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.attribution_type IS 'LAST_TOUCH_BY_CAMPAIGN: an action counts once for each campaign whose ad came before it, so campaigns may add up to more than the actions. LAST_TOUCH_BY_CONVERSION: it counts once for the rule.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.date IS 'UTC day of the click or view that the conversions are credited to.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.week IS 'Monday of the day''s week (UTC).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.month IS 'First day of the month (UTC).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.external_website_conversions IS 'Conversions by the account''s rules, after a click on the ad or a view of it (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.external_website_post_click_conversions IS 'Conversions by the account''s rules, after a click on the ad (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.external_website_post_view_conversions IS 'Conversions by the account''s rules, after a view of the ad without a click (a count, may be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.conversion_value_in_local_currency IS 'Value that the account''s rules give to the conversions (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.conversion_performance.campaign_cost_in_local_currency IS 'What the whole campaign cost on the day, in the account''s currency. It is the same in every row of the campaign and day: do not sum it over rules or creatives. NULL where it is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.campaign_conversions IS 'Conversions by the rule on the day, of all creatives of the campaign; the same in each of their rows.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.campaign_conversions_of_type IS 'Conversions on the day by all rules of the row''s conversion_type, of all creatives of the campaign; the same in each of their rows. NULL where the type is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.cost_per_conversion IS 'What the campaign cost on the day, divided by its conversions by the rule. Each rule is set against the whole cost, so the quotients of several rules cannot be added or averaged.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.cost_per_conversion_of_type IS 'What the campaign cost on the day, divided by its conversions by all rules of the row''s conversion_type: where that is LEAD, the cost of a lead on the website. It is not CPL, which divides by lead forms.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.conversion_performance.fetched_at IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
