CREATE OR REPLACE VIEW linkedin_ads_fivetran.campaign_history AS
SELECT
    k.id,
    k.valid_from AT TIME ZONE 'UTC' AS last_modified_time,
    k.account_id,
    COALESCE(h.campaign_group_id, -k.account_id) AS campaign_group_id,
    h.linkedin_created_at AT TIME ZONE 'UTC' AS created_time,
    COALESCE(h.name, k.name) AS name,
    row_number() OVER (PARTITION BY k.id ORDER BY k.valid_from)::text AS version_tag,
    h.audience_expansion_enabled,
    h.cost_type,
    h.creative_selection,
    h.daily_budget_amount,
    h.daily_budget_currency AS daily_budget_currency_code,
    h.total_budget_amount,
    h.total_budget_currency AS total_budget_currency_code,
    h.unit_cost_amount,
    h.unit_cost_currency AS unit_cost_currency_code,
    h.format,
    h.locale_country,
    h.locale_language,
    h.objective_type,
    h.offsite_delivery_enabled,
    h.optimization_target_type,
    h.run_schedule_start AT TIME ZONE 'UTC' AS run_schedule_start,
    h.run_schedule_end AT TIME ZONE 'UTC' AS run_schedule_end,
    CASE WHEN h.removed IS NOT FALSE THEN 'REMOVED' ELSE h.status END AS status,
    h.type,
    h.associated_entity,
    h.test,
    COALESCE(CASE WHEN e.stale_since IS NULL THEN GREATEST(e.fetched_at, s.synced_at) ELSE e.fetched_at END, s.synced_at, k.valid_from) AS _fivetran_synced
FROM (
    SELECT v.id, v.valid_from, v.account_id, NULL::text AS name FROM linkedin_ads.campaign_history v
    UNION ALL
    SELECT x.id, x.created_at, x.account_id, x.id::text FROM (SELECT DISTINCT ON (u.id) u.id, u.account_id, u.created_at
    FROM (
        SELECT n.id, f.account_id, f.created_at
        FROM (
            WITH RECURSIVE n (id) AS (
                SELECT min(campaign_id) FROM linkedin_ads.campaign_daily_metrics
                UNION ALL
                SELECT (SELECT min(f.campaign_id) FROM linkedin_ads.campaign_daily_metrics f WHERE f.campaign_id > n.id) FROM n WHERE n.id IS NOT NULL
            )
            SELECT n.id FROM n WHERE n.id IS NOT NULL
        ) n
        CROSS JOIN LATERAL (
            SELECT f.account_id, f.created_at FROM linkedin_ads.campaign_daily_metrics f WHERE f.campaign_id = n.id ORDER BY f.date LIMIT 1
        ) f
        UNION ALL
        SELECT n.campaign_id, n.account_id, n.created_at FROM linkedin_ads.creatives n WHERE n.campaign_id IS NOT NULL
    ) u (id, account_id, created_at)
    WHERE NOT EXISTS (SELECT FROM linkedin_ads.campaign_history h WHERE h.id = u.id)
    ORDER BY u.id, u.created_at) x
    UNION ALL
    SELECT x.id, x.created_at, x.account_id, '(unknown)' FROM (SELECT -a.id AS id, a.id AS account_id, a.created_at
    FROM linkedin_ads.accounts a
    WHERE a.id IN (
        SELECT x.account_id FROM (SELECT DISTINCT ON (u.id) u.id, u.account_id, u.created_at
    FROM (
        SELECT n.id, f.account_id, f.created_at
        FROM (
            WITH RECURSIVE n (id) AS (
                SELECT min(campaign_id) FROM linkedin_ads.campaign_daily_metrics
                UNION ALL
                SELECT (SELECT min(f.campaign_id) FROM linkedin_ads.campaign_daily_metrics f WHERE f.campaign_id > n.id) FROM n WHERE n.id IS NOT NULL
            )
            SELECT n.id FROM n WHERE n.id IS NOT NULL
        ) n
        CROSS JOIN LATERAL (
            SELECT f.account_id, f.created_at FROM linkedin_ads.campaign_daily_metrics f WHERE f.campaign_id = n.id ORDER BY f.date LIMIT 1
        ) f
        UNION ALL
        SELECT n.campaign_id, n.account_id, n.created_at FROM linkedin_ads.creatives n WHERE n.campaign_id IS NOT NULL
    ) u (id, account_id, created_at)
    WHERE NOT EXISTS (SELECT FROM linkedin_ads.campaign_history h WHERE h.id = u.id)
    ORDER BY u.id, u.created_at) x
        UNION ALL
        SELECT x.account_id FROM (SELECT DISTINCT ON (u.id) u.id, u.account_id, u.created_at
    FROM (
        SELECT n.id, f.account_id, f.created_at
        FROM (
            WITH RECURSIVE n (id) AS (
                SELECT min(creative_id) FROM linkedin_ads.creative_daily_metrics
                UNION ALL
                SELECT (SELECT min(f.creative_id) FROM linkedin_ads.creative_daily_metrics f WHERE f.creative_id > n.id) FROM n WHERE n.id IS NOT NULL
            )
            SELECT n.id FROM n WHERE n.id IS NOT NULL
        ) n
        CROSS JOIN LATERAL (
            SELECT f.account_id, f.created_at FROM linkedin_ads.creative_daily_metrics f WHERE f.creative_id = n.id ORDER BY f.date LIMIT 1
        ) f
    ) u (id, account_id, created_at)
    WHERE NOT EXISTS (SELECT FROM linkedin_ads.creative_history h WHERE h.id = u.id)
    ORDER BY u.id, u.created_at) x
        UNION ALL
        SELECT r.account_id FROM linkedin_ads.creatives r WHERE r.campaign_id IS NULL
        UNION ALL
        SELECT c.account_id FROM linkedin_ads.campaigns c WHERE c.campaign_group_id IS NULL
    )) x
) k
LEFT JOIN linkedin_ads.campaign_history h ON h.id = k.id AND h.valid_from = k.valid_from
LEFT JOIN linkedin_ads.campaigns e ON e.id = k.id
LEFT JOIN linkedin_ads.stream_state s ON s.account_id = k.account_id AND s.asset = 'campaigns';
COMMENT ON VIEW linkedin_ads_fivetran.campaign_history IS 'One row per campaign and version of it, and one for each campaign that LinkedIn does not return though it has numbers. The campaign (unknown) has the account''s negative id, and holds creatives of no known campaign.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.id IS 'LinkedIn''s id of the campaign; negative where it stands for unknown ones.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.last_modified_time IS 'Since when the version holds (UTC): LinkedIn''s last modification, else the fetch that saw it first. No two versions of one id share it.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.account_id IS 'Ad account that owns it.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.campaign_group_id IS 'Campaign group it is in; the account''s negative id where it is unknown.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.created_time IS 'When it was created at LinkedIn (UTC).';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.version_tag IS 'Number of the version, from 1. LinkedIn''s own tag moves without a change, so that it is not kept by version.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.audience_expansion_enabled IS 'Whether LinkedIn adds similar members to the audience.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.cost_type IS 'What is paid for: CPM, CPC or CPV.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.creative_selection IS 'OPTIMIZED or ROUND_ROBIN.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.daily_budget_amount IS 'Budget of a day, in daily_budget_currency.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.daily_budget_currency_code IS 'ISO 4217 currency of daily_budget_amount.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.total_budget_amount IS 'Budget over the campaign''s life, in total_budget_currency.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.total_budget_currency_code IS 'ISO 4217 currency of total_budget_amount.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.unit_cost_amount IS 'Bid or target cost of a unit, in unit_cost_currency.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.unit_cost_currency_code IS 'ISO 4217 currency of unit_cost_amount.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.format IS 'Ad format of its creatives, such as SINGLE_VIDEO; NULL before the first one.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.locale_country IS 'Country of the campaign''s locale, such as US.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.locale_language IS 'Language of the campaign''s locale, such as en.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.objective_type IS 'Objective, such as WEBSITE_VISIT.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.offsite_delivery_enabled IS 'Whether it is delivered in the audience network too.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.optimization_target_type IS 'What LinkedIn optimizes delivery for.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.run_schedule_start IS 'When delivery may start (UTC).';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.run_schedule_end IS 'When delivery ends; NULL when it is open (UTC).';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.status IS 'ACTIVE, ARCHIVED, CANCELED, COMPLETED, DRAFT, PAUSED, PENDING_DELETION or REMOVED. REMOVED also where LinkedIn no longer returned it.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.type IS 'TEXT_AD, SPONSORED_UPDATES, SPONSORED_INMAILS or DYNAMIC.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.associated_entity IS 'URN of the organization or person that it advertises for.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history.test IS 'Whether it belongs to a test account.';
COMMENT ON COLUMN linkedin_ads_fivetran.campaign_history._fivetran_synced IS 'Start of the last sync that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
