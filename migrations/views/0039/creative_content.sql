CREATE OR REPLACE VIEW linkedin_ads.creative_content AS
SELECT
    r.account_id,
    a.name AS account_name,
    r.campaign_id,
    c.name AS campaign_name,
    r.id AS creative_id,
    r.name AS creative_name,
    r.content_kind,
    r.content_reference,
    r.intended_status AS creative_status,
    r.review_status,
    r.removed_at,
    COALESCE(own.headline, shown.headline) AS headline,
    COALESCE(own.text, shown.text) AS text,
    COALESCE(own.call_to_action, shown.call_to_action) AS call_to_action,
    r.leadgen_call_to_action ->> 'destination' AS lead_form,
    CASE split_part(page.urn, ':', 3) WHEN 'sponsoredCreative' THEN 'creative' WHEN 'adInMailContent' THEN 'message' WHEN 'share' THEN 'post' WHEN 'ugcPost' THEN 'post' END AS landing_page_source,
    page.landing_page,
    page.landing_page_host,
    page.landing_page_path,
    page.utm_source,
    page.utm_medium,
    page.utm_campaign,
    page.utm_term,
    page.utm_content,
    page.utm_id,
    substring(r.leadgen_call_to_action ->> 'destination' FROM '^urn:li:[A-Za-z]+:(\d{1,18})$')::bigint AS lead_form_id,
    f.name AS lead_form_name,
    f.landing_page AS lead_form_landing_page,
    f.landing_page_host AS lead_form_landing_page_host,
    f.landing_page_path AS lead_form_landing_page_path,
    f.utm_source AS lead_form_utm_source,
    f.utm_medium AS lead_form_utm_medium,
    f.utm_campaign AS lead_form_utm_campaign,
    f.utm_term AS lead_form_utm_term,
    f.utm_content AS lead_form_utm_content,
    f.utm_id AS lead_form_utm_id
FROM linkedin_ads.creatives r
LEFT JOIN linkedin_ads.accounts a ON a.id = r.account_id
LEFT JOIN linkedin_ads.campaigns c ON c.id = r.campaign_id
LEFT JOIN linkedin_ads.ad_contents own ON own.urn = 'urn:li:sponsoredCreative:' || r.id
LEFT JOIN linkedin_ads.ad_contents shown ON shown.urn = r.content_reference
LEFT JOIN linkedin_ads.ad_contents page ON page.landing_page IS NOT NULL
    AND page.urn = CASE WHEN own.landing_page IS NOT NULL THEN own.urn ELSE shown.urn END
LEFT JOIN linkedin_ads.lead_forms f ON f.id = substring(r.leadgen_call_to_action ->> 'destination' FROM '^urn:li:[A-Za-z]+:(\d{1,18})$')::bigint;
COMMENT ON VIEW linkedin_ads.creative_content IS 'One row per creative: its text and its landing page, from its own content, else from the post or message that it shows. A part is NULL if the ad has none, or if the app may not read the post, as most apps.';
COMMENT ON COLUMN linkedin_ads.creative_content.account_id IS 'Ad account that owns it (accounts.id).';
COMMENT ON COLUMN linkedin_ads.creative_content.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.creative_content.campaign_id IS 'Campaign it is in (campaigns.id).';
COMMENT ON COLUMN linkedin_ads.creative_content.campaign_name IS 'Name of the campaign.';
COMMENT ON COLUMN linkedin_ads.creative_content.creative_id IS 'Creative (creatives.id).';
COMMENT ON COLUMN linkedin_ads.creative_content.creative_name IS 'Best name known of the creative.';
COMMENT ON COLUMN linkedin_ads.creative_content.content_kind IS 'Kind of content: reference, textAd, spotlight and so on.';
COMMENT ON COLUMN linkedin_ads.creative_content.content_reference IS 'URN of the post or message that it shows.';
COMMENT ON COLUMN linkedin_ads.creative_content.creative_status IS 'Status that the advertiser set for the creative: ACTIVE, ARCHIVED, CANCELED, DRAFT, PAUSED, PENDING_DELETION or REMOVED.';
COMMENT ON COLUMN linkedin_ads.creative_content.review_status IS 'PENDING, APPROVED, REJECTED or NEEDS_REVIEW.';
COMMENT ON COLUMN linkedin_ads.creative_content.removed_at IS 'Since when LinkedIn no longer returns the row; NULL while it does.';
COMMENT ON COLUMN linkedin_ads.creative_content.headline IS 'Headline of the ad, or subject of a message.';
COMMENT ON COLUMN linkedin_ads.creative_content.text IS 'Text of the ad, plain.';
COMMENT ON COLUMN linkedin_ads.creative_content.call_to_action IS 'Label of its button: LinkedIn''s, such as LEARN_MORE, or as the advertiser wrote it; a lead form''s first.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form IS 'URN of the lead form that its button opens; NULL without one.';
COMMENT ON COLUMN linkedin_ads.creative_content.landing_page_source IS 'Where the landing page stands: creative, post or message; NULL without one.';
COMMENT ON COLUMN linkedin_ads.creative_content.landing_page IS 'URL that a click leads to, as the advertiser wrote it.';
COMMENT ON COLUMN linkedin_ads.creative_content.landing_page_host IS 'Host of the landing page, in lower case; NULL where it has none.';
COMMENT ON COLUMN linkedin_ads.creative_content.landing_page_path IS 'Path of the landing page, without parameters.';
COMMENT ON COLUMN linkedin_ads.creative_content.utm_source IS 'The landing page''s parameter utm_source, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.utm_medium IS 'The landing page''s parameter utm_medium, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.utm_campaign IS 'The landing page''s parameter utm_campaign, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.utm_term IS 'The landing page''s parameter utm_term, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.utm_content IS 'The landing page''s parameter utm_content, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.utm_id IS 'The landing page''s parameter utm_id, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_id IS 'Lead form that its button opens (lead_forms.id); NULL without one.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_name IS 'Name of the form; NULL without one, and where it is not loaded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_landing_page IS 'Of the lead form: URL that this button leads to, as the advertiser wrote it.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_landing_page_host IS 'Of the lead form: Host of the landing page, in lower case; NULL where it has none.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_landing_page_path IS 'Of the lead form: Path of the landing page, without parameters.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_utm_source IS 'Of the lead form: The landing page''s parameter utm_source, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_utm_medium IS 'Of the lead form: The landing page''s parameter utm_medium, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_utm_campaign IS 'Of the lead form: The landing page''s parameter utm_campaign, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_utm_term IS 'Of the lead form: The landing page''s parameter utm_term, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_utm_content IS 'Of the lead form: The landing page''s parameter utm_content, decoded.';
COMMENT ON COLUMN linkedin_ads.creative_content.lead_form_utm_id IS 'Of the lead form: The landing page''s parameter utm_id, decoded.';
