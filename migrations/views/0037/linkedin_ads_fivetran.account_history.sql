CREATE OR REPLACE VIEW linkedin_ads_fivetran.account_history AS
SELECT
    h.id,
    h.valid_from AT TIME ZONE 'UTC' AS last_modified_time,
    h.linkedin_created_at AT TIME ZONE 'UTC' AS created_time,
    h.name,
    h.currency,
    row_number() OVER (PARTITION BY h.id ORDER BY h.valid_from)::text AS version_tag,
    CASE WHEN h.removed THEN 'REMOVED' ELSE h.status END AS status,
    h.type,
    h.reference,
    h.test,
    h.total_budget_amount,
    h.total_budget_currency AS total_budget_currency_code,
    (h.notifications -> 'notifiedOnCampaignOptimization') = 'true'::jsonb AS notified_on_campaign_optimization,
    (h.notifications -> 'notifiedOnCreativeApproval') = 'true'::jsonb AS notified_on_creative_approval,
    (h.notifications -> 'notifiedOnCreativeRejection') = 'true'::jsonb AS notified_on_creative_rejection,
    (h.notifications -> 'notifiedOnEndOfCampaign') = 'true'::jsonb AS notified_on_end_of_campaign,
    COALESCE(CASE WHEN e.stale_since IS NULL THEN GREATEST(e.fetched_at, s.synced_at) ELSE e.fetched_at END, s.synced_at, h.valid_from) AS _fivetran_synced
FROM linkedin_ads.account_history h
LEFT JOIN linkedin_ads.accounts e ON e.id = h.id
LEFT JOIN linkedin_ads.stream_state s ON s.account_id = h.id AND s.asset = 'accounts';
COMMENT ON VIEW linkedin_ads_fivetran.account_history IS 'One row per ad account and version of it.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.id IS 'LinkedIn''s id of the ad account.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.last_modified_time IS 'Since when the version holds (UTC): LinkedIn''s last modification, else the fetch that saw it first. No two versions of one id share it.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.created_time IS 'When it was created at LinkedIn (UTC).';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.version_tag IS 'Number of the version, from 1. LinkedIn''s own tag moves without a change, so that it is not kept by version.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.status IS 'ACTIVE, CANCELED, DRAFT, PENDING_DELETION or REMOVED. REMOVED also where LinkedIn no longer returned it.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.type IS 'BUSINESS or ENTERPRISE.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.reference IS 'URN of the organization or person that the account advertises for.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.test IS 'Whether it is a test account, which never delivers.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.total_budget_amount IS 'Budget over the account''s life, in total_budget_currency.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.total_budget_currency_code IS 'ISO 4217 currency of total_budget_amount.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.notified_on_campaign_optimization IS 'Whether notifiedOnCampaignOptimization is on.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.notified_on_creative_approval IS 'Whether notifiedOnCreativeApproval is on.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.notified_on_creative_rejection IS 'Whether notifiedOnCreativeRejection is on.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history.notified_on_end_of_campaign IS 'Whether notifiedOnEndOfCampaign is on.';
COMMENT ON COLUMN linkedin_ads_fivetran.account_history._fivetran_synced IS 'Start of the last sync that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
