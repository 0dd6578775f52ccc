"""What lead forms ask: their questions as rows, in each form's own locale."""

from lac_pipeline.warehouse.schema.tables import LeadForm
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME

_TEXT = """COALESCE(
        asked.question #>> ARRAY['question', 'localized', f.locale_language || '_' || f.locale_country],
        (SELECT text #>> '{}' FROM jsonb_path_query(asked.question, '$.question.localized.*', '{}', true) text LIMIT 1),
        CASE WHEN jsonb_typeof(asked.question -> 'question') = 'string' THEN asked.question ->> 'question' END
    )"""
_KIND = """(
        SELECT kind #>> '{}'
        FROM jsonb_path_query(asked.question, '$.questionDetails.keyvalue().key', '{}', true) kind
        LIMIT 1
    )"""

VIEW = View(
    name="lead_form_questions",
    grain="One row per lead form and question, in the order in which members see them.",
    columns=(
        *columns_of(LeadForm, "f", "account_id"),
        ACCOUNT_NAME,
        ViewColumn("lead_form_id", "f.id", "Lead form (lead_forms.id)."),
        ViewColumn("lead_form_name", "f.name", "Name of the form."),
        ViewColumn("lead_form_state", "f.state", "DRAFT, PUBLISHED or ARCHIVED."),
        ViewColumn("position", "asked.position", "Place of the question in the form, from 1."),
        ViewColumn(
            "question_id",
            r"substring(asked.question ->> 'questionId' FROM '^\d{1,18}$')::bigint",
            "LinkedIn's id of the question, by which answers name it.",
        ),
        ViewColumn(
            "predefined_field",
            "asked.question ->> 'predefinedField'",
            "Field of the member's profile that fills it in, such as FIRST_NAME; NULL for an own question.",
        ),
        ViewColumn("question_name", "asked.question ->> 'name'", "Name of the question, which members do not see."),
        ViewColumn(
            "question", _TEXT, "Text of the question in the form's own locale, else in the first that there is."
        ),
        ViewColumn(
            "question_type",
            f"""CASE {_KIND}
        WHEN 'textQuestionDetails' THEN 'text'
        WHEN 'multipleChoiceQuestionDetails' THEN 'multiple_choice'
        ELSE {_KIND}
    END""",
            "text, multiple_choice, or LinkedIn's own word for another kind; NULL where it does not say.",
        ),
        ViewColumn(
            "required",
            "asked.question ->> 'responseRequired' = 'true'",
            "Whether a member has to fill it in; NULL where LinkedIn does not say.",
        ),
        ViewColumn(
            "options",
            "asked.question #> '{questionDetails,multipleChoiceQuestionDetails,options}'",
            "The choices as LinkedIn has them, with the ids by which answers name them; NULL for other kinds.",
        ),
        *columns_of(LeadForm, "f", "removed_at"),
    ),
    rows="""
FROM linkedin_ads.lead_forms f
LEFT JOIN linkedin_ads.accounts a ON a.id = f.account_id
CROSS JOIN LATERAL jsonb_path_query(f.questions, '$[*]', '{}', true) WITH ORDINALITY AS asked (question, position)
""",
)
