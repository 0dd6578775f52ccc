"""Creatives with what they say and where they lead."""

from lac_pipeline.linkedin.urn import CREATIVE, MESSAGE
from lac_pipeline.models.landing_pages import UTM
from lac_pipeline.warehouse.schema.tables import AdContentRow, Creative, LeadForm, table_of
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.view_columns import ACCOUNT_NAME, CREATIVE_STATUS_COMMENT, LEAD_FORM_ID


def _of_form(name: str) -> ViewColumn:
    """A column of the form, under the form's name: a member reaches its page who has sent it."""
    of_form = table_of(LeadForm).c[name].comment or ""
    return ViewColumn(f"lead_form_{name}", f"f.{name}", f"Of the lead form: {of_form}")


VIEW = View(
    name="creative_content",
    grain="One row per creative: its text and its landing page, from its own content, else from the post or message "
    "that it shows. A part is NULL if the ad has none, or if the app may not read the post, as most apps.",
    columns=(
        *columns_of(Creative, "r", "account_id"),
        ACCOUNT_NAME,
        *columns_of(Creative, "r", "campaign_id"),
        ViewColumn("campaign_name", "c.name", "Name of the campaign."),
        ViewColumn("creative_id", "r.id", "Creative (creatives.id)."),
        ViewColumn("creative_name", "r.name", "Best name known of the creative."),
        *columns_of(Creative, "r", "content_kind", "content_reference"),
        ViewColumn("creative_status", "r.intended_status", CREATIVE_STATUS_COMMENT),
        *columns_of(Creative, "r", "review_status", "removed_at"),
        ViewColumn(
            "headline", "COALESCE(own.headline, shown.headline)", "Headline of the ad, or subject of a message."
        ),
        ViewColumn("text", "COALESCE(own.text, shown.text)", "Text of the ad, plain."),
        ViewColumn(
            "call_to_action",
            "COALESCE(own.call_to_action, shown.call_to_action)",
            "Label of its button: LinkedIn's, such as LEARN_MORE, or as the advertiser wrote it; a lead form's first.",
        ),
        ViewColumn(
            "lead_form",
            "r.leadgen_call_to_action ->> 'destination'",
            "URN of the lead form that its button opens; NULL without one.",
        ),
        ViewColumn(
            "landing_page_source",
            f"CASE split_part(page.urn, ':', 3) WHEN '{CREATIVE}' THEN 'creative' WHEN '{MESSAGE}' THEN 'message' "
            "WHEN 'share' THEN 'post' WHEN 'ugcPost' THEN 'post' END",
            "Where the landing page stands: creative, post or message; NULL without one.",
        ),
        *columns_of(AdContentRow, "page", "landing_page", "landing_page_host", "landing_page_path", *UTM),
        ViewColumn("lead_form_id", LEAD_FORM_ID, "Lead form that its button opens (lead_forms.id); NULL without one."),
        ViewColumn("lead_form_name", "f.name", "Name of the form; NULL without one, and where it is not loaded."),
        *(_of_form(name) for name in ("landing_page", "landing_page_host", "landing_page_path", *UTM)),
    ),
    rows=f"""
FROM linkedin_ads.creatives r
LEFT JOIN linkedin_ads.accounts a ON a.id = r.account_id
LEFT JOIN linkedin_ads.campaigns c ON c.id = r.campaign_id
LEFT JOIN linkedin_ads.ad_contents own ON own.urn = 'urn:li:{CREATIVE}:' || r.id
LEFT JOIN linkedin_ads.ad_contents shown ON shown.urn = r.content_reference
LEFT JOIN linkedin_ads.ad_contents page ON page.landing_page IS NOT NULL
    AND page.urn = CASE WHEN own.landing_page IS NOT NULL THEN own.urn ELSE shown.urn END
LEFT JOIN linkedin_ads.lead_forms f ON f.id = {LEAD_FORM_ID}
""",
)
