CREATE OR REPLACE VIEW linkedin_ads_fivetran.creative_history AS
SELECT
    k.id,
    k.valid_from AT TIME ZONE 'UTC' AS last_modified_at,
    h.linkedin_created_at AT TIME ZONE 'UTC' AS created_at,
    COALESCE(h.campaign_id, -k.account_id) AS campaign_id,
    CASE WHEN h.removed IS NOT FALSE THEN 'REMOVED' ELSE h.intended_status END AS intended_status,
    h.content #>> '{textAd,landingPage}' AS text_ad_landing_page,
    h.content #>> '{textAd,headline}' AS text_ad_headline,
    h.content #>> '{textAd,description}' AS text_ad_description,
    h.content #>> '{spotlight,landingPage}' AS spotlight_landing_page,
    h.content #>> '{spotlight,headline}' AS spotlight_headline,
    h.content #>> '{spotlight,callToAction}' AS spotlight_call_to_action,
    h.content #>> '{follow,headline,preApproved}' AS follower_headline,
    h.content #>> '{jobs,headline,preApproved}' AS jobs_headline,
    h.content_reference AS reference,
    COALESCE(h.name, k.name) AS name,
    h.is_serving,
    h.is_test,
    h.review_status,
    k.account_id,
    COALESCE(shown.landing_page, own.landing_page) AS click_uri,
    COALESCE(CASE WHEN e.stale_since IS NULL THEN GREATEST(e.fetched_at, s.synced_at) ELSE e.fetched_at END, s.synced_at, k.valid_from) AS _fivetran_synced
FROM (
    SELECT v.id, v.valid_from, v.account_id, NULL::text AS name FROM linkedin_ads.creative_history v
    UNION ALL
    SELECT x.id, x.created_at, x.account_id, x.id::text FROM (SELECT DISTINCT ON (u.id) u.id, u.account_id, u.created_at
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
) k
LEFT JOIN linkedin_ads.creative_history h ON h.id = k.id AND h.valid_from = k.valid_from
LEFT JOIN linkedin_ads.ad_contents shown ON shown.urn = h.content_reference
LEFT JOIN linkedin_ads.ad_contents own ON own.urn = 'urn:li:sponsoredCreative:' || h.id
LEFT JOIN linkedin_ads.creatives e ON e.id = k.id
LEFT JOIN linkedin_ads.stream_state s ON s.account_id = k.account_id AND s.asset = 'creatives';
COMMENT ON VIEW linkedin_ads_fivetran.creative_history IS 'One row per creative and version of it, and one for each creative that LinkedIn does not return though it has numbers.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.id IS 'LinkedIn''s id of the creative.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.last_modified_at IS 'Since when the version holds (UTC): LinkedIn''s last modification, else the fetch that saw it first. No two versions of one id share it.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.created_at IS 'When it was created at LinkedIn (UTC).';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.campaign_id IS 'Campaign it is in; the account''s negative id where it is unknown.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.intended_status IS 'Status that the advertiser set: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED. REMOVED also where LinkedIn no longer returned it.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.text_ad_landing_page IS 'URL that a click on the text ad leads to.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.text_ad_headline IS 'Headline of the text ad.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.text_ad_description IS 'Text of the text ad.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.spotlight_landing_page IS 'URL that a click on the spotlight ad leads to.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.spotlight_headline IS 'Headline of the spotlight ad.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.spotlight_call_to_action IS 'Label of the spotlight ad''s button.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.follower_headline IS 'Headline of the follower ad, one of LinkedIn''s.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.jobs_headline IS 'Headline of the jobs ad, one of LinkedIn''s.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.reference IS 'URN of the post or message that it shows.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.name IS 'Best name known of the creative; its id where it is unknown.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.is_serving IS 'Whether it can be delivered now.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.is_test IS 'Whether it belongs to a test account.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.review_status IS 'PENDING, APPROVED, REJECTED or NEEDS_REVIEW.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.account_id IS 'Ad account that owns it.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history.click_uri IS 'URL that a click leads to, of the post or message that the creative shows, else of its content as it is now; NULL where there is none, or where LinkedIn does not let the post be read.';
COMMENT ON COLUMN linkedin_ads_fivetran.creative_history._fivetran_synced IS 'Start of the last sync that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
