"""Creatives and their versions, with the landing page where it is known."""

from lac_pipeline.linkedin.urn import CREATIVE
from lac_pipeline.linkedin.vocabulary import CREATIVE_STATUSES, listed
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran.layout import (
    FIVETRAN_SCHEMA,
    MODIFIED_COMMENT,
    entity_joins,
    entity_synced,
    in_utc,
    status,
    taken,
)
from lac_pipeline.warehouse.schema.fivetran.unknown import UNKNOWN_CREATIVES, placeholder, versions
from lac_pipeline.warehouse.schema.histories import HISTORIES
from lac_pipeline.warehouse.schema.view import View, ViewColumn

_HISTORY = HISTORIES["creatives"]
_CONTENT = {
    "text_ad_landing_page": ("textAd,landingPage", "URL that a click on the text ad leads to."),
    "text_ad_headline": ("textAd,headline", "Headline of the text ad."),
    "text_ad_description": ("textAd,description", "Text of the text ad."),
    "spotlight_landing_page": ("spotlight,landingPage", "URL that a click on the spotlight ad leads to."),
    "spotlight_headline": ("spotlight,headline", "Headline of the spotlight ad."),
    "spotlight_call_to_action": ("spotlight,callToAction", "Label of the spotlight ad's button."),
    "follower_headline": ("follow,headline,preApproved", "Headline of the follower ad, one of LinkedIn's."),
    "jobs_headline": ("jobs,headline,preApproved", "Headline of the jobs ad, one of LinkedIn's."),
}

VIEW = View(
    name="creative_history",
    schema=FIVETRAN_SCHEMA,
    grain="One row per creative and version of it, and one for each creative that LinkedIn does not return though it "
    "has numbers.",
    columns=(
        ViewColumn("id", "k.id", "LinkedIn's id of the creative."),
        ViewColumn("last_modified_at", "k.valid_from AT TIME ZONE 'UTC'", MODIFIED_COMMENT),
        *in_utc(_HISTORY, created_at="linkedin_created_at"),
        ViewColumn(
            "campaign_id",
            "COALESCE(h.campaign_id, -k.account_id)",
            "Campaign it is in; the account's negative id where it is unknown.",
        ),
        status(
            "intended_status",
            "intended_status",
            removed="h.removed IS NOT FALSE",
            words=f"Status that the advertiser set: {listed(CREATIVE_STATUSES)}.",
        ),
        *(ViewColumn(name, f"h.content #>> '{{{path}}}'", comment) for name, (path, comment) in _CONTENT.items()),
        *taken(_HISTORY, reference="content_reference"),
        ViewColumn("name", "COALESCE(h.name, k.name)", "Best name known of the creative; its id where it is unknown."),
        *taken(_HISTORY, "is_serving", "is_test", "review_status"),
        ViewColumn("account_id", "k.account_id", "Ad account that owns it."),
        ViewColumn(
            "click_uri",
            "COALESCE(shown.landing_page, own.landing_page)",
            "URL that a click leads to, of the post or message that the creative shows, else of its content as it is "
            "now; NULL where there is none, or where LinkedIn does not let the post be read.",
        ),
        entity_synced("k.valid_from"),
    ),
    rows=f"""
FROM (
    {versions(_HISTORY.name, placeholder(UNKNOWN_CREATIVES))}
) k
LEFT JOIN {SCHEMA}.{_HISTORY.name} h ON h.id = k.id AND h.valid_from = k.valid_from
LEFT JOIN {SCHEMA}.ad_contents shown ON shown.urn = h.content_reference
LEFT JOIN {SCHEMA}.ad_contents own ON own.urn = 'urn:li:{CREATIVE}:' || h.id
{entity_joins("creatives", "k")}
""",
)
