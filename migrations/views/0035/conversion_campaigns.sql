CREATE OR REPLACE VIEW linkedin_ads.conversion_campaigns AS
SELECT
    v.account_id,
    a.name AS account_name,
    v.id AS conversion_id,
    COALESCE(v.name, v.id::text) AS conversion_name,
    v.type AS conversion_type,
    v.enabled,
    v.removed_at,
    counted.campaign_id,
    COALESCE(c.name, counted.campaign_id::text) AS campaign_name,
    c.status AS campaign_status,
    counted.associated_at
FROM linkedin_ads.conversions v
LEFT JOIN linkedin_ads.accounts a ON a.id = v.account_id
CROSS JOIN LATERAL (
    SELECT
        substring(named.campaign FROM ':(\d{1,18})$')::bigint AS campaign_id,
        max(to_timestamp(named.milliseconds::numeric / 1000)) AS associated_at
    FROM (
        SELECT entry ->> 'campaign' AS campaign, substring(entry ->> 'associatedAt' FROM '^\d{1,14}$') AS milliseconds
        FROM jsonb_path_query(v.associated_campaigns, '$[*]', '{}', true) AS entry
        UNION ALL
        SELECT entry #>> '{}', NULL
        FROM jsonb_path_query(v.campaigns, '$[*]', '{}', true) AS entry
    ) named
    WHERE named.campaign ~ ':\d{1,18}$'
    GROUP BY 1
) counted
LEFT JOIN linkedin_ads.campaigns c ON c.id = counted.campaign_id;
COMMENT ON VIEW linkedin_ads.conversion_campaigns IS 'One row per conversion rule and campaign that it counts for.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.account_id IS 'Ad account (accounts.id).';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.conversion_id IS 'Conversion rule (conversions.id).';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.conversion_name IS 'Name of the rule; its id where it has none.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.conversion_type IS 'What the rule counts, such as LEAD, SIGN_UP or PURCHASE.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.enabled IS 'Whether it counts conversions now.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.removed_at IS 'Since when LinkedIn no longer returns the row; NULL while it does.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.campaign_id IS 'Campaign (campaigns.id; it may be gone there).';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.campaign_name IS 'Name of the campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.conversion_campaigns.associated_at IS 'Since when the rule counts for the campaign; NULL where LinkedIn names the campaign alone.';
