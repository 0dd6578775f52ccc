CREATE OR REPLACE VIEW linkedin_ads_fivetran.geo AS
SELECT
    substring(n.urn FROM ':(\d{1,18})$')::bigint AS id,
    n.name AS value,
    n.checked_at AS _fivetran_synced
FROM linkedin_ads.urn_names n
WHERE n.urn ~ '^urn:li:geo:\d{1,18}$' AND n.name IS NOT NULL;
COMMENT ON VIEW linkedin_ads_fivetran.geo IS 'One row per country or region whose name was looked up.';
COMMENT ON COLUMN linkedin_ads_fivetran.geo.id IS 'LinkedIn''s id of the place.';
COMMENT ON COLUMN linkedin_ads_fivetran.geo.value IS 'Its name in English.';
COMMENT ON COLUMN linkedin_ads_fivetran.geo._fivetran_synced IS 'When it was last looked up.';
