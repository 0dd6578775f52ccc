CREATE OR REPLACE VIEW linkedin_ads.lead_form_performance AS
SELECT
    m.account_id,
    a.name AS account_name,
    a.currency,
    m.lead_form_id,
    f.name AS lead_form_name,
    f.state AS lead_form_state,
    f.review_status,
    s.creatives,
    s.first_date,
    s.last_date,
    s.impressions,
    s.cost_in_local_currency,
    s.one_click_lead_form_opens,
    s.one_click_leads,
    round(s.one_click_leads::numeric / NULLIF(s.one_click_lead_form_opens, 0), 6) AS completion_rate,
    round(s.cost_in_local_currency / NULLIF(s.one_click_leads, 0), 6) AS spend_per_lead
FROM (
    SELECT account_id, id FROM linkedin_ads.lead_forms
    UNION
    SELECT r.account_id, substring(r.leadgen_call_to_action ->> 'destination' FROM '^urn:li:[A-Za-z]+:(\d{1,18})$')::bigint FROM linkedin_ads.creatives r WHERE substring(r.leadgen_call_to_action ->> 'destination' FROM '^urn:li:[A-Za-z]+:(\d{1,18})$')::bigint IS NOT NULL
) m (account_id, lead_form_id)
LEFT JOIN linkedin_ads.lead_forms f ON f.id = m.lead_form_id
LEFT JOIN linkedin_ads.accounts a ON a.id = m.account_id
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT r.id) AS creatives,
        min(d.date) AS first_date,
        max(d.date) AS last_date,
        CASE WHEN count(*) FILTER (WHERE d.creative_id IS NOT NULL) = count(d.impressions) FILTER (WHERE d.creative_id IS NOT NULL) THEN (sum(d.impressions) FILTER (WHERE d.creative_id IS NOT NULL))::bigint END AS impressions,
        CASE WHEN count(*) FILTER (WHERE d.creative_id IS NOT NULL) = count(d.cost_in_local_currency) FILTER (WHERE d.creative_id IS NOT NULL) THEN sum(d.cost_in_local_currency) FILTER (WHERE d.creative_id IS NOT NULL) END AS cost_in_local_currency,
        CASE WHEN count(*) FILTER (WHERE d.creative_id IS NOT NULL) = count(d.one_click_lead_form_opens) FILTER (WHERE d.creative_id IS NOT NULL) THEN (sum(d.one_click_lead_form_opens) FILTER (WHERE d.creative_id IS NOT NULL))::bigint END AS one_click_lead_form_opens,
        CASE WHEN count(*) FILTER (WHERE d.creative_id IS NOT NULL) = count(d.one_click_leads) FILTER (WHERE d.creative_id IS NOT NULL) THEN (sum(d.one_click_leads) FILTER (WHERE d.creative_id IS NOT NULL))::bigint END AS one_click_leads
    FROM linkedin_ads.creatives r
    LEFT JOIN linkedin_ads.creative_daily_metrics d ON d.creative_id = r.id
    WHERE r.account_id = m.account_id AND substring(r.leadgen_call_to_action ->> 'destination' FROM '^urn:li:[A-Za-z]+:(\d{1,18})$')::bigint = m.lead_form_id
) s;
COMMENT ON VIEW linkedin_ads.lead_form_performance IS 'One row per lead form: what the creatives that open it now brought on all days that are loaded; money in the account''s currency. A form that creatives name has a row also where lead_forms has none.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.account_id IS 'Ad account that owns the form (accounts.id).';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.currency IS 'ISO 4217 currency of every amount in local currency of this account.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.lead_form_id IS 'Lead form (lead_forms.id).';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.lead_form_name IS 'Name of the form; NULL where the form itself is not loaded.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.lead_form_state IS 'DRAFT, PUBLISHED or ARCHIVED.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.review_status IS 'What LinkedIn''s review decided, such as APPROVED or NEEDS_REVIEW.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.creatives IS 'Creatives that open the form now, removed ones too.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.first_date IS 'First UTC day with activity of one of them that is loaded.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.last_date IS 'Last UTC day with activity of one of them that is loaded.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.impressions IS 'Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.cost_in_local_currency IS 'What the ad cost (the account''s currency, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.one_click_lead_form_opens IS 'Lead forms opened (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.one_click_leads IS 'Lead forms submitted (a count, may be summed, in every API version, in the set core).';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.completion_rate IS 'Leads per opened form; NULL where no form was opened, or where the number of either is not known.';
COMMENT ON COLUMN linkedin_ads.lead_form_performance.spend_per_lead IS 'Cost of the creatives divided by their leads, in the account''s currency; NULL without leads.';
