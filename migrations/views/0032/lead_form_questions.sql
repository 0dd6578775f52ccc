CREATE OR REPLACE VIEW linkedin_ads.lead_form_questions AS
SELECT
    f.account_id,
    a.name AS account_name,
    f.id AS lead_form_id,
    f.name AS lead_form_name,
    f.state AS lead_form_state,
    asked.position,
    substring(asked.question ->> 'questionId' FROM '^\d{1,18}$')::bigint AS question_id,
    asked.question ->> 'predefinedField' AS predefined_field,
    asked.question ->> 'name' AS question_name,
    COALESCE(
        asked.question #>> ARRAY['question', 'localized', f.locale_language || '_' || f.locale_country],
        (SELECT text #>> '{}' FROM jsonb_path_query(asked.question, '$.question.localized.*', '{}', true) text LIMIT 1),
        CASE WHEN jsonb_typeof(asked.question -> 'question') = 'string' THEN asked.question ->> 'question' END
    ) AS question,
    CASE (
        SELECT kind #>> '{}'
        FROM jsonb_path_query(asked.question, '$.questionDetails.keyvalue().key', '{}', true) kind
        LIMIT 1
    )
        WHEN 'textQuestionDetails' THEN 'text'
        WHEN 'multipleChoiceQuestionDetails' THEN 'multiple_choice'
        ELSE (
        SELECT kind #>> '{}'
        FROM jsonb_path_query(asked.question, '$.questionDetails.keyvalue().key', '{}', true) kind
        LIMIT 1
    )
    END AS question_type,
    asked.question ->> 'responseRequired' = 'true' AS required,
    asked.question #> '{questionDetails,multipleChoiceQuestionDetails,options}' AS options,
    f.removed_at
FROM linkedin_ads.lead_forms f
LEFT JOIN linkedin_ads.accounts a ON a.id = f.account_id
CROSS JOIN LATERAL jsonb_path_query(f.questions, '$[*]', '{}', true) WITH ORDINALITY AS asked (question, position);
COMMENT ON VIEW linkedin_ads.lead_form_questions IS 'One row per lead form and question, in the order in which members see them.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.account_id IS 'Ad account that owns it (accounts.id).';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.account_name IS 'Name of the account.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.lead_form_id IS 'Lead form (lead_forms.id).';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.lead_form_name IS 'Name of the form.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.lead_form_state IS 'DRAFT, PUBLISHED or ARCHIVED.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.position IS 'Place of the question in the form, from 1.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.question_id IS 'LinkedIn''s id of the question, by which answers name it.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.predefined_field IS 'Field of the member''s profile that fills it in, such as FIRST_NAME; NULL for an own question.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.question_name IS 'Name of the question, which members do not see.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.question IS 'Text of the question in the form''s own locale, else in the first that there is.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.question_type IS 'text, multiple_choice, or LinkedIn''s own word for another kind; NULL where it does not say.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.required IS 'Whether a member has to fill it in; NULL where LinkedIn does not say.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.options IS 'The choices as LinkedIn has them, with the ids by which answers name them; NULL for other kinds.';
COMMENT ON COLUMN linkedin_ads.lead_form_questions.removed_at IS 'Since when LinkedIn no longer returns the row; NULL while it does.';
