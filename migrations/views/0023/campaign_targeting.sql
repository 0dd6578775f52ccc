CREATE OR REPLACE VIEW linkedin_ads.campaign_targeting AS
SELECT
    c.account_id,
    a.name AS account_name,
    c.id AS campaign_id,
    c.name AS campaign_name,
    c.status AS campaign_status,
    clause.rule,
    clause.number AS group_number,
    substring(target.facet FROM '[^:]*$') AS facet,
    target.facet AS facet_urn,
    target.urn,
    COALESCE(n.name, target.urn) AS target_name,
    substring(target.urn FROM '\((\d+),\d+\)$')::numeric AS range_from,
    NULLIF(substring(target.urn FROM '\(\d+,(\d+)\)$')::numeric, 2147483647) AS range_to
FROM linkedin_ads.campaigns c
LEFT JOIN linkedin_ads.accounts a ON a.id = c.account_id
CROSS JOIN LATERAL (
    SELECT 'include' AS rule, number, criteria
    FROM jsonb_path_query(c.targeting_criteria, '$.include.and[*]', '{}', true) WITH ORDINALITY AS it (criteria, number)
    UNION ALL
    SELECT 'exclude', number, criteria
    FROM jsonb_path_query(c.targeting_criteria, '$.exclude', '{}', true) WITH ORDINALITY AS it (criteria, number)
) clause
CROSS JOIN LATERAL (
    SELECT facet ->> 'key' AS facet, value #>> '{}' AS urn
    FROM jsonb_path_query(clause.criteria, '$.or.keyvalue()', '{}', true) AS facet
    CROSS JOIN jsonb_path_query(facet, '$.value[*]', '{}', true) AS value
    WHERE value <> 'null'
) target
LEFT JOIN linkedin_ads.urn_names n ON n.urn = target.urn;
COMMENT ON VIEW linkedin_ads.campaign_targeting IS 'One row per campaign, include or exclude, group, facet and value. A member is in the audience who matches at least one value of every include group, and no value of exclude. Campaigns without criteria have no row.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.account_id IS 'Ad account that owns it (accounts.id).';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.campaign_id IS 'Campaign (campaigns.id).';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.campaign_name IS 'Name of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.campaign_status IS 'Status of the campaign.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.rule IS 'include or exclude: whether members with the value are in or out.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.group_number IS 'Place of the group among the campaign''s include groups, from 1, which all have to match; 1 for exclude.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.facet IS 'What is targeted, as LinkedIn calls it, such as seniorities or profileLocations.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.facet_urn IS 'URN of the facet.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.urn IS 'The value targeted as LinkedIn has it, mostly a URN.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.target_name IS 'Name of the value in English; the value as LinkedIn has it where the name is not known.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.range_from IS 'First number of a value that is a range, such as a company size of 201 to 500; NULL for others.';
COMMENT ON COLUMN linkedin_ads.campaign_targeting.range_to IS 'Last number of a value that is a range; NULL for others and without end.';
