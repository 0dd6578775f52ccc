CREATE OR REPLACE VIEW linkedin_ads_fivetran.conversion_history AS
SELECT
    h.id,
    h.valid_from AT TIME ZONE 'UTC' AS last_modified,
    h.valid_from AT TIME ZONE 'UTC' AS last_modified_at,
    h.linkedin_created_at AT TIME ZONE 'UTC' AS created,
    h.account_id,
    h.name,
    h.type,
    h.enabled,
    h.attribution_type,
    h.conversion_method,
    h.post_click_attribution_window_size,
    h.view_through_attribution_window_size,
    h.value_amount,
    h.value_currency AS value_currency_code,
    COALESCE(CASE WHEN e.stale_since IS NULL THEN GREATEST(e.fetched_at, s.synced_at) ELSE e.fetched_at END, s.synced_at, h.valid_from) AS _fivetran_synced
FROM linkedin_ads.conversion_history h
LEFT JOIN linkedin_ads.conversions e ON e.id = h.id
LEFT JOIN linkedin_ads.stream_state s ON s.account_id = h.account_id AND s.asset = 'conversions';
COMMENT ON VIEW linkedin_ads_fivetran.conversion_history IS 'One row per conversion rule and version of it.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.id IS 'LinkedIn''s id of the rule.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.last_modified IS 'Since when the version holds (UTC): LinkedIn''s last modification, else the fetch that saw it first. No two versions of one id share it.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.last_modified_at IS 'The same, under the name that other histories have.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.created IS 'When it was created at LinkedIn (UTC).';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.account_id IS 'Ad account (accounts.id).';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.name IS 'Name of the rule.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.type IS 'What it counts, such as LEAD, SIGN_UP, PURCHASE or KEY_PAGE_VIEW.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.enabled IS 'Whether it counts conversions now.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.attribution_type IS 'LAST_TOUCH_BY_CAMPAIGN: an action counts once for each campaign whose ad came before it, so campaigns may add up to more than the actions. LAST_TOUCH_BY_CONVERSION: it counts once for the rule.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.conversion_method IS 'How LinkedIn learns of it: INSIGHT_TAG_URL_MATCH_RULES, INSIGHT_TAG_JAVASCRIPT_EVENT or CONVERSIONS_API.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.post_click_attribution_window_size IS 'Days after a click within which an action is credited to it.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.view_through_attribution_window_size IS 'Days after a view without a click within which an action is credited to it.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.value_amount IS 'What the advertiser says one conversion is worth; NULL where no value is set.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history.value_currency_code IS 'ISO 4217 code of value_amount.';
COMMENT ON COLUMN linkedin_ads_fivetran.conversion_history._fivetran_synced IS 'Start of the last sync that covered the row, whether or not it changed; it stays behind while LinkedIn''s record of the row is refused.';
