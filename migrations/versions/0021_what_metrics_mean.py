"""Comments of metrics say what is counted, in which unit, and since which API version.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from lac_pipeline.warehouse.frozen_views import apply, revert

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCHEMA = "linkedin_ads"
VIEWS = Path(__file__).parents[1] / "views" / revision
TABLES = ("campaign_daily_metrics", "creative_daily_metrics", "audience_demographics")
CORE = frozenset(
    "impressions clicks cost_in_local_currency cost_in_usd landing_page_clicks total_engagements likes comments shares "
    "follows one_click_leads one_click_lead_form_opens external_website_conversions "
    "conversion_value_in_local_currency video_views video_completions sends opens".split()
)
MONEY = ("cost_", "conversion_value_")
RATES = ("average_", "audience_penetration")
NOT_ADDITIVE = ("average_", "cost_per_", "approximate_", "audience_penetration")
COMMENTS = {
    "impressions": (
        "Times the ad was shown; of a message ad, times it was sent (a count, may be summed, in every API version, in"
        " the set core)."
    ),
    "clicks": (
        "Clicks that are charged for, or would be if the campaign paid by the click (a count, may be summed, in every"
        " API version, in the set core)."
    ),
    "landing_page_clicks": (
        "Clicks that lead to the landing page (a count, may be summed, in every API version, in the set core)."
    ),
    "total_engagements": (
        "Clicks and social actions of every kind on the ad (a count, may be summed, in every API version, in the set "
        "core)."
    ),
    "other_engagements": (
        "Interactions with the ad that no other metric counts (a count, may be summed, in every API version, not in "
        "the set core)."
    ),
    "action_clicks": (
        "Clicks on the button of a message ad (a count, may be summed, in every API version, not in the set core)."
    ),
    "ad_unit_clicks": (
        "Clicks on the banner beside a message ad (a count, may be summed, in every API version, not in the set core)."
    ),
    "text_url_clicks": (
        "Clicks on links in the text of a message ad (a count, may be summed, in every API version, not in the set "
        "core)."
    ),
    "company_page_clicks": (
        "Clicks that lead to the advertiser's page on LinkedIn (a count, may be summed, in every API version, not in "
        "the set core)."
    ),
    "follows": (
        "Members who began to follow the advertiser's page (a count, may be summed, in every API version, in the set "
        "core)."
    ),
    "likes": "Likes of the ad (a count, may be summed, in every API version, in the set core).",
    "comments": "Comments on the ad (a count, may be summed, in every API version, in the set core).",
    "comment_likes": "Likes of comments on the ad (a count, may be summed, in every API version, not in the set core).",
    "shares": (
        "Times members shared the ad with their network (a count, may be summed, in every API version, in the set "
        "core)."
    ),
    "reactions": (
        "Positive reactions of every kind to the ad, likes among them (a count, may be summed, in every API version, "
        "not in the set core)."
    ),
    "full_screen_plays": (
        "Times members put the video on the full screen (a count, may be summed, in every API version, not in the set"
        " core)."
    ),
    "headline_clicks": (
        "Clicks on the headline of a conversation ad (a count, may be summed, in every API version, not in the set "
        "core)."
    ),
    "headline_impressions": (
        "Times the headline of a conversation ad was shown (a count, may be summed, in every API version, not in the "
        "set core)."
    ),
    "subscription_clicks": (
        "Clicks on the button that subscribes to a series, such as a newsletter (a count, may be summed, in every API"
        " version, not in the set core)."
    ),
    "external_website_conversions": (
        "Conversions by the account's rules, after a click on the ad or a view of it (a count, may be summed, in "
        "every API version, in the set core)."
    ),
    "external_website_post_click_conversions": (
        "Conversions by the account's rules, after a click on the ad (a count, may be summed, in every API version, "
        "not in the set core)."
    ),
    "external_website_post_view_conversions": (
        "Conversions by the account's rules, after a view of the ad without a click (a count, may be summed, in every"
        " API version, not in the set core)."
    ),
    "registrations": (
        "Registrations for an event on LinkedIn, after a click on the ad or a view of it (a count, may be summed, in "
        "every API version, not in the set core)."
    ),
    "post_click_registrations": (
        "Registrations for an event on LinkedIn, after a click on the ad (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "post_view_registrations": (
        "Registrations for an event on LinkedIn, after a view of the ad without a click (a count, may be summed, in "
        "every API version, not in the set core)."
    ),
    "job_applications": (
        "Job applications completed, after a click on the ad or a view of it (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "job_apply_clicks": (
        "Clicks on a job's apply button, after a click on the ad or a view of it (a count, may be summed, in every "
        "API version, not in the set core)."
    ),
    "post_click_job_applications": (
        "Job applications completed, after a click on the ad (a count, may be summed, in every API version, not in "
        "the set core)."
    ),
    "post_click_job_apply_clicks": (
        "Clicks on a job's apply button, after a click on the ad (a count, may be summed, in every API version, not "
        "in the set core)."
    ),
    "post_view_job_applications": (
        "Job applications completed, after a view of the ad without a click (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "post_view_job_apply_clicks": (
        "Clicks on a job's apply button, after a view of the ad without a click (a count, may be summed, in every API"
        " version, not in the set core)."
    ),
    "talent_leads": (
        "Leads from campaigns that look for candidates (a count, may be summed, in every API version, not in the set "
        "core)."
    ),
    "one_click_leads": "Lead forms submitted (a count, may be summed, in every API version, in the set core).",
    "one_click_lead_form_opens": "Lead forms opened (a count, may be summed, in every API version, in the set core).",
    "lead_generation_mail_contact_info_shares": (
        "Times members gave their contact details through the form of a message ad (a count, may be summed, in every "
        "API version, not in the set core)."
    ),
    "lead_generation_mail_interested_clicks": (
        "Recipients of a message ad who clicked that they are interested (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "qualified_leads": (
        "Leads that the advertiser reported to LinkedIn as qualified (a count, may be summed, in every API version, "
        "not in the set core)."
    ),
    "valid_work_email_leads": (
        "Leads with a work e-mail address, not one of a free provider (a count, may be summed, in every API version, "
        "not in the set core)."
    ),
    "sends": "Message ads sent (a count, may be summed, in every API version, in the set core).",
    "opens": "Message ads opened (a count, may be summed, in every API version, in the set core).",
    "document_completions": (
        "Times members reached the end of the document, also by skipping to it (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "document_first_quartile_completions": (
        "Times members reached a quarter of the document, also by skipping to it (a count, may be summed, in every "
        "API version, not in the set core)."
    ),
    "document_midpoint_completions": (
        "Times members reached half of the document, also by skipping to it (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "document_third_quartile_completions": (
        "Times members reached three quarters of the document, also by skipping to it (a count, may be summed, in "
        "every API version, not in the set core)."
    ),
    "download_clicks": (
        "Clicks on the icon that downloads the ad's media, whether or not the download succeeded (a count, may be "
        "summed, in every API version, not in the set core)."
    ),
    "video_starts": (
        "Times the video began to play (a count, may be summed, in every API version, not in the set core)."
    ),
    "video_views": (
        "Times the video played for 2 seconds with half of it in view, or its button was clicked sooner (a count, may"
        " be summed, in every API version, in the set core)."
    ),
    "video_first_quartile_completions": (
        "Times the video played to a quarter of its length (a count, may be summed, in every API version, not in the "
        "set core)."
    ),
    "video_midpoint_completions": (
        "Times the video played to half of its length (a count, may be summed, in every API version, not in the set "
        "core)."
    ),
    "video_third_quartile_completions": (
        "Times the video played to three quarters of its length (a count, may be summed, in every API version, not in"
        " the set core)."
    ),
    "video_completions": (
        "Times the video played to 97 percent of its length or further (a count, may be summed, in every API version,"
        " in the set core)."
    ),
    "viral_impressions": (
        "After a member shared the ad, free of charge: times the ad was shown; of a message ad, times it was sent (a "
        "count, may be summed, in every API version, not in the set core)."
    ),
    "viral_clicks": (
        "After a member shared the ad, free of charge: clicks that are charged for, or would be if the campaign paid "
        "by the click (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_landing_page_clicks": (
        "After a member shared the ad, free of charge: clicks that lead to the landing page (a count, may be summed, "
        "in every API version, not in the set core)."
    ),
    "viral_likes": (
        "After a member shared the ad, free of charge: likes of the ad (a count, may be summed, in every API version,"
        " not in the set core)."
    ),
    "viral_comments": (
        "After a member shared the ad, free of charge: comments on the ad (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "viral_comment_likes": (
        "After a member shared the ad, free of charge: likes of comments on the ad (a count, may be summed, in every "
        "API version, not in the set core)."
    ),
    "viral_shares": (
        "After a member shared the ad, free of charge: times members shared the ad with their network (a count, may "
        "be summed, in every API version, not in the set core)."
    ),
    "viral_reactions": (
        "After a member shared the ad, free of charge: positive reactions of every kind to the ad, likes among them "
        "(a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_follows": (
        "After a member shared the ad, free of charge: members who began to follow the advertiser's page (a count, "
        "may be summed, in every API version, not in the set core)."
    ),
    "viral_total_engagements": (
        "After a member shared the ad, free of charge: clicks and social actions of every kind on the ad (a count, "
        "may be summed, in every API version, not in the set core)."
    ),
    "viral_other_engagements": (
        "After a member shared the ad, free of charge: interactions with the ad that no other metric counts (a count,"
        " may be summed, in every API version, not in the set core)."
    ),
    "viral_company_page_clicks": (
        "After a member shared the ad, free of charge: clicks that lead to the advertiser's page on LinkedIn (a "
        "count, may be summed, in every API version, not in the set core)."
    ),
    "viral_full_screen_plays": (
        "After a member shared the ad, free of charge: times members put the video on the full screen (a count, may "
        "be summed, in every API version, not in the set core)."
    ),
    "viral_one_click_leads": (
        "After a member shared the ad, free of charge: lead forms submitted (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "viral_one_click_lead_form_opens": (
        "After a member shared the ad, free of charge: lead forms opened (a count, may be summed, in every API "
        "version, not in the set core)."
    ),
    "viral_subscription_clicks": (
        "After a member shared the ad, free of charge: clicks on the button that subscribes to a series, such as a "
        "newsletter (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_external_website_conversions": (
        "After a member shared the ad, free of charge: conversions by the account's rules, after a click on the ad or"
        " a view of it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_external_website_post_click_conversions": (
        "After a member shared the ad, free of charge: conversions by the account's rules, after a click on the ad (a"
        " count, may be summed, in every API version, not in the set core)."
    ),
    "viral_external_website_post_view_conversions": (
        "After a member shared the ad, free of charge: conversions by the account's rules, after a view of the ad "
        "without a click (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_video_starts": (
        "After a member shared the ad, free of charge: times the video began to play (a count, may be summed, in "
        "every API version, not in the set core)."
    ),
    "viral_video_views": (
        "After a member shared the ad, free of charge: times the video played for 2 seconds with half of it in view, "
        "or its button was clicked sooner (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_video_first_quartile_completions": (
        "After a member shared the ad, free of charge: times the video played to a quarter of its length (a count, "
        "may be summed, in every API version, not in the set core)."
    ),
    "viral_video_midpoint_completions": (
        "After a member shared the ad, free of charge: times the video played to half of its length (a count, may be "
        "summed, in every API version, not in the set core)."
    ),
    "viral_video_third_quartile_completions": (
        "After a member shared the ad, free of charge: times the video played to three quarters of its length (a "
        "count, may be summed, in every API version, not in the set core)."
    ),
    "viral_video_completions": (
        "After a member shared the ad, free of charge: times the video played to 97 percent of its length or further "
        "(a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_document_completions": (
        "After a member shared the ad, free of charge: times members reached the end of the document, also by "
        "skipping to it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_document_first_quartile_completions": (
        "After a member shared the ad, free of charge: times members reached a quarter of the document, also by "
        "skipping to it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_document_midpoint_completions": (
        "After a member shared the ad, free of charge: times members reached half of the document, also by skipping "
        "to it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_document_third_quartile_completions": (
        "After a member shared the ad, free of charge: times members reached three quarters of the document, also by "
        "skipping to it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_download_clicks": (
        "After a member shared the ad, free of charge: clicks on the icon that downloads the ad's media, whether or "
        "not the download succeeded (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_registrations": (
        "After a member shared the ad, free of charge: registrations for an event on LinkedIn, after a click on the "
        "ad or a view of it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_post_click_registrations": (
        "After a member shared the ad, free of charge: registrations for an event on LinkedIn, after a click on the "
        "ad (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_post_view_registrations": (
        "After a member shared the ad, free of charge: registrations for an event on LinkedIn, after a view of the ad"
        " without a click (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_post_click_job_applications": (
        "After a member shared the ad, free of charge: job applications completed, after a click on the ad (a count, "
        "may be summed, in every API version, not in the set core)."
    ),
    "viral_post_click_job_apply_clicks": (
        "After a member shared the ad, free of charge: clicks on a job's apply button, after a click on the ad (a "
        "count, may be summed, in every API version, not in the set core)."
    ),
    "viral_post_view_job_applications": (
        "After a member shared the ad, free of charge: job applications completed, after a view of the ad without a "
        "click (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_post_view_job_apply_clicks": (
        "After a member shared the ad, free of charge: clicks on a job's apply button, after a view of the ad without"
        " a click (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_job_applications": (
        "After a member shared the ad, free of charge: job applications completed, after a click on the ad or a view "
        "of it (a count, may be summed, in every API version, not in the set core)."
    ),
    "viral_job_apply_clicks": (
        "After a member shared the ad, free of charge: clicks on a job's apply button, after a click on the ad or a "
        "view of it (a count, may be summed, in every API version, not in the set core)."
    ),
    "card_impressions": (
        "Times a card of a carousel ad was shown (a count, may be summed, in every API version, not in the set core)."
    ),
    "card_clicks": (
        "Clicks on a card of a carousel ad, scrolling to it among them (a count, may be summed, in every API version,"
        " not in the set core)."
    ),
    "viral_card_impressions": (
        "After a member shared the ad, free of charge: times a card of a carousel ad was shown (a count, may be "
        "summed, in every API version, not in the set core)."
    ),
    "viral_card_clicks": (
        "After a member shared the ad, free of charge: clicks on a card of a carousel ad, scrolling to it among them "
        "(a count, may be summed, in every API version, not in the set core)."
    ),
    "cost_in_local_currency": (
        "What the ad cost (the account's currency, may be summed, in every API version, in the set core)."
    ),
    "cost_in_usd": (
        "What the ad cost, converted by LinkedIn (US dollars, may be summed, in every API version, in the set core)."
    ),
    "conversion_value_in_local_currency": (
        "Value that the account's rules give to the conversions (the account's currency, may be summed, in every API "
        "version, in the set core)."
    ),
    "cost_per_qualified_lead": (
        "Cost divided by qualified leads (the account's currency, must not be summed, in every API version, not in "
        "the set core)."
    ),
    "approximate_member_reach": (
        "Distinct members who saw the ad, as LinkedIn estimates for ranges of at most 92 days (members, must not be "
        "summed, in every API version, not in the set core)."
    ),
    "audience_penetration": (
        "Part of the target audience that saw the ad, as LinkedIn estimates for ranges of at most 92 days (a share "
        "from 0 to 1, must not be summed, since API version 202411, not in the set core)."
    ),
    "average_dwell_time": (
        "How long at least half of the ad stayed in view, on average (seconds, must not be summed, since API version "
        "202411, not in the set core)."
    ),
    "appointments_scheduled": (
        "Appointments made through the ad (a count, may be summed, since API version 202605, not in the set core)."
    ),
    "video_watch_time": (
        "How long the video was watched, all views together (probably seconds, may be summed, since API version "
        "202601, not in the set core)."
    ),
    "average_video_watch_time": (
        "How long a view of the video lasted, on average (probably seconds, must not be summed, since API version "
        "202601, not in the set core)."
    ),
    "event_views": (
        "Times the event was watched (a count, may be summed, since API version 202601, not in the set core)."
    ),
    "event_watch_time": (
        "How long the event was watched, all views together (probably seconds, may be summed, since API version "
        "202601, not in the set core)."
    ),
    "average_event_watch_time": (
        "How long a view of the event lasted, on average (probably seconds, must not be summed, since API version "
        "202601, not in the set core)."
    ),
    "cost_per_event_view": (
        "Cost divided by views of the event (the account's currency, must not be summed, since API version 202601, "
        "not in the set core)."
    ),
    "event_views_over_15_seconds": (
        "Times the event was watched for more than 15 seconds (a count, may be summed, since API version 202601, not "
        "in the set core)."
    ),
    "event_views_over_30_seconds": (
        "Times the event was watched for more than 30 seconds (a count, may be summed, since API version 202601, not "
        "in the set core)."
    ),
    "event_views_over_2_minutes": (
        "Times the event was watched for more than 2 minutes (a count, may be summed, since API version 202601, not "
        "in the set core)."
    ),
    "average_event_watch_time_over_15_seconds": (
        "How long a view of the event of more than 15 seconds lasted, on average (probably seconds, must not be "
        "summed, since API version 202601, not in the set core)."
    ),
    "average_event_watch_time_over_30_seconds": (
        "How long a view of the event of more than 30 seconds lasted, on average (probably seconds, must not be "
        "summed, since API version 202601, not in the set core)."
    ),
    "average_event_watch_time_over_2_minutes": (
        "How long a view of the event of more than 2 minutes lasted, on average (probably seconds, must not be "
        "summed, since API version 202601, not in the set core)."
    ),
    "cost_per_event_view_over_15_seconds": (
        "Cost divided by views of the event of more than 15 seconds (the account's currency, must not be summed, "
        "since API version 202601, not in the set core)."
    ),
    "cost_per_event_view_over_30_seconds": (
        "Cost divided by views of the event of more than 30 seconds (the account's currency, must not be summed, "
        "since API version 202601, not in the set core)."
    ),
    "cost_per_event_view_over_2_minutes": (
        "Cost divided by views of the event of more than 2 minutes (the account's currency, must not be summed, since"
        " API version 202601, not in the set core)."
    ),
}
"""What each column's comment says now; a table may lack some of the columns."""


def upgrade() -> None:
    for table, column in _columns():
        _comment(table, column, COMMENTS[column])
    apply(VIEWS)


def downgrade() -> None:
    revert(VIEWS)
    for table, column in _columns():
        _comment(table, column, _before(column))


def _columns() -> list[tuple[str, str]]:
    """The columns of metrics in the tables."""
    found = sa.inspect(op.get_bind())
    names = ((table, column["name"]) for table in TABLES for column in found.get_columns(table, SCHEMA))
    return [(table, column) for table, column in names if column in COMMENTS]


def _before(column: str) -> str:
    """What the comment said before."""
    first, *others = column.split("_")
    name = first + "".join(other.capitalize() for other in others)
    currency = " in US dollars" if column == "cost_in_usd" else " in the account's currency"
    unit = f"Money{currency}" if column.startswith(MONEY) else "A rate" if column.startswith(RATES) else "A count"
    sums = "; must not be summed" if column.startswith(NOT_ADDITIVE) else ""
    return f"LinkedIn's {name}. {unit}{sums}. {'In' if column in CORE else 'Not in'} the set core."


def _comment(table: str, name: str, comment: str) -> None:
    column = sa.Column(name, comment=comment)
    sa.Table(table, sa.MetaData(), column, schema=SCHEMA)
    op.execute(sa.schema.SetColumnComment(column))
