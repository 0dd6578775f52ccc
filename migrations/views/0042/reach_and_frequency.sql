CREATE OR REPLACE VIEW linkedin_ads.reach_and_frequency AS
SELECT
    m.account_id,
    a.name AS account_name,
    m.month,
    m.level,
    m.entity_id,
    COALESCE(CASE m.level WHEN 'account' THEN a.name WHEN 'campaign_group' THEN g.name ELSE c.name END, m.entity_id::text) AS entity_name,
    m.impressions,
    m.approximate_member_reach,
    round(NULLIF(m.impressions, 0)::numeric / NULLIF(m.approximate_member_reach, 0), 6) AS frequency,
    m.audience_penetration,
    COALESCE(fetched.at >= (m.month + INTERVAL '1 month 2 days') AT TIME ZONE 'UTC', false) AS complete,
    LEAST((m.month + INTERVAL '1 month -1 day')::date, (fetched.at AT TIME ZONE 'UTC')::date) AS read_through,
    m.updated_at,
    fetched.at AS fetched_at,
    m.stale_since
FROM linkedin_ads.reach_by_month m
CROSS JOIN LATERAL (SELECT (
        SELECT s.started_at
        FROM linkedin_ads.sync_log s
        WHERE s.account_id = m.account_id
          AND s.asset = 'reach_by_month'
          AND s.status IN ('success', 'partial')
          AND s.partition_start <= m.month
          AND s.partition_end > m.month
          AND (m.stale_since IS NULL OR s.started_at < m.stale_since)
        ORDER BY s.started_at DESC
        LIMIT 1
    ) AS at) fetched
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
LEFT JOIN linkedin_ads.campaign_groups g ON m.level = 'campaign_group' AND g.id = m.entity_id
LEFT JOIN linkedin_ads.campaigns c ON m.level = 'campaign' AND c.id = m.entity_id;
COMMENT ON VIEW linkedin_ads.reach_and_frequency IS 'One row per account, month, level and entity with activity, with its name as it is now. Never sum reach: a member who is reached by two campaigns or in two months counts in both, but once in the reach of the account or of a longer period. Choose one level. For periods longer than a month there is no reach here. Compare months only where complete is true.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.account_id IS 'Ad account (accounts.id).';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.month IS 'First UTC day of the month; months are whole.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.level IS 'What the row is about: account, campaign_group or campaign.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.entity_id IS 'Its id: in accounts, campaign_groups or campaigns, by level; it may be gone there.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.entity_name IS 'Name of the account, campaign group or campaign; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.approximate_member_reach IS 'Distinct members who saw the ad, as LinkedIn estimates for ranges of at most 92 days (members, must not be summed, in every API version, not in the set core).';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.frequency IS 'Impressions per member reached, in the month; must not be summed or averaged. NULL where LinkedIn gives no reach or a reach of 0, or no impressions, as of message ads, whose sends it counts.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.audience_penetration IS 'Part of the target audience of an account, campaign group or campaign that saw the ad, as LinkedIn estimates for ranges of at most 92 days (a share from 0 to 1, must not be summed, since API version 202411, not in the set core).';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.complete IS 'Whether the month was over for two days when it was last fetched; LinkedIn''s estimate is up to 36 hours late. Until then the row counts the month''s first days, through read_through.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.read_through IS 'Last UTC day that the row can know of: the last of the month, or the day of the last fetch.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.updated_at IS 'When a value of the row last changed.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.fetched_at IS 'Start of the last fetch that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
COMMENT ON COLUMN linkedin_ads.reach_and_frequency.stale_since IS 'Start of the first fetch whose record of this row failed validation (see rejected_records), so that the row stayed as it was; NULL while the row is as LinkedIn last returned it.';
