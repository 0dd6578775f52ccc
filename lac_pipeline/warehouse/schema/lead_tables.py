"""Tables of lead generation: the forms that ads open, that they were sent, and what was filled in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index

from lac_pipeline.warehouse.schema.base import Base, EntityTimes, LoadedTimes, Removable, RowTimes
from lac_pipeline.warehouse.schema.declaring import table_column


def _text(comment: str) -> Column[str | None]:
    return table_column(comment=comment)


def _time(comment: str) -> Column[datetime | None]:
    return table_column(comment=comment)


def _list(comment: str) -> Column[list[Any] | None]:
    return table_column(comment=comment)


def _utm(name: str) -> Column[str | None]:
    return _text(f"The landing page's parameter {name}, decoded.")


class LeadForm(EntityTimes, Removable, Base):
    """A form that members fill in without leaving LinkedIn."""

    __tablename__ = "lead_forms"
    __table_args__ = (
        Index(None, "account_id"),
        {
            "comment": "One row per lead form of an ad account. Texts are in the form's own locale. What members fill "
            "in is not here."
        },
    )

    id: Column[int] = table_column(primary_key=True, autoincrement=False, comment="LinkedIn's id of the lead form.")
    account_id: Column[int] = table_column(comment="Ad account that owns it (accounts.id).")
    name: Column[str | None] = _text("Name of the form, which members do not see.")
    state: Column[str | None] = _text("DRAFT, PUBLISHED or ARCHIVED.")
    version_id: Column[int | None] = table_column(comment="Number of the form's current version, from 1.")
    locale_country: Column[str | None] = _text("Country of the form's locale, such as SE.")
    locale_language: Column[str | None] = _text("Language of the form's locale, such as sv.")
    headline: Column[str | None] = _text("Headline of the form.")
    description: Column[str | None] = _text("Text above the questions.")
    thank_you_message: Column[str | None] = _text("Text that a member sees after sending the form.")
    call_to_action: Column[str | None] = _text("Label of the button after that, such as VISIT_COMPANY_WEBSITE.")
    landing_page: Column[str | None] = _text("URL that this button leads to, as the advertiser wrote it.")
    landing_page_host: Column[str | None] = _text("Host of the landing page, in lower case; NULL where it has none.")
    landing_page_path: Column[str | None] = _text("Path of the landing page, without parameters.")
    utm_source: Column[str | None] = _utm("utm_source")
    utm_medium: Column[str | None] = _utm("utm_medium")
    utm_campaign: Column[str | None] = _utm("utm_campaign")
    utm_term: Column[str | None] = _utm("utm_term")
    utm_content: Column[str | None] = _utm("utm_content")
    utm_id: Column[str | None] = _utm("utm_id")
    questions: Column[list[Any] | None] = _list(
        "The questions as LinkedIn has them; lead_form_questions takes them apart."
    )
    hidden_fields: Column[list[Any] | None] = _list(
        "Names and values that every response contains and that members do not see."
    )
    privacy_policy_url: Column[str | None] = _text("URL of the advertiser's privacy policy.")
    legal_disclaimer: Column[str | None] = _text("The advertiser's own legal text.")
    consents: Column[list[Any] | None] = _list("Boxes that members tick, as LinkedIn has them, with their texts.")
    review_status: Column[str | None] = _text("What LinkedIn's review decided, such as APPROVED or NEEDS_REVIEW.")
    rejection_reasons: Column[list[Any] | None] = _list("Why LinkedIn's review rejected it.")
    reviewed_at: Column[datetime | None] = _time("When the review last changed.")
    linkedin_created_at: Column[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Column[datetime | None] = _time("When it was last modified at LinkedIn.")


class LeadFormResponse(LoadedTimes, Base):
    """That a lead form was sent."""

    __tablename__ = "lead_form_responses"
    __table_args__ = (
        Index(None, "account_id", "date"),
        {
            "comment": "One row per lead form that a member sent: when, which form, from which ad. Nothing here says "
            "who the member is. LinkedIn keeps responses for 365 days; rows of older ones stay."
        },
    )

    id: Column[str] = table_column(primary_key=True, comment="LinkedIn's id of the response.")
    date: Column[date] = table_column(comment="UTC day of submitted_at.")
    account_id: Column[int] = table_column(comment="Ad account that owns the form (accounts.id).")
    submitted_at: Column[datetime] = table_column(comment="When the form was sent.")
    lead_type: Column[str | None] = _text("SPONSORED: the form was opened from an ad.")
    test_lead: Column[bool | None] = table_column(
        comment="Whether the advertiser sent it to try the form out; no metric counts such a response."
    )
    lead_form_id: Column[int | None] = table_column(
        comment="Lead form (lead_forms.id); NULL where lead_form_urn names it in a way that is not known."
    )
    lead_form_version: Column[int | None] = table_column(comment="The version of the form that was sent.")
    lead_form_urn: Column[str | None] = _text("The form and its version as LinkedIn names them.")
    campaign_id: Column[int | None] = table_column(comment="Campaign of the ad (campaigns.id).")
    creative_id: Column[int | None] = table_column(comment="Creative that opened the form (creatives.id).")


class LeadAnswerRow(RowTimes, Base):
    """What a member filled in."""

    __tablename__ = "lead_answers"
    __table_args__ = (
        Index(None, "submitted_at"),
        {
            "comment": "One row per response and question or consent: personal data, loaded only with "
            "LAC_LEAD_ANSWERS=true, deleted LAC_LEAD_ANSWERS_DAYS days after it was sent, 365 at most. A reader sees "
            "it only after `lac grant-reader NAME --lead-answers`."
        },
    )

    response_id: Column[str] = table_column(
        ForeignKey(LeadFormResponse.id, ondelete="CASCADE"),
        primary_key=True,
        comment="Response (lead_form_responses.id); its answers are deleted with it.",
    )
    kind: Column[str] = table_column(primary_key=True, comment="question or consent.")
    item_id: Column[int] = table_column(
        primary_key=True,
        autoincrement=False,
        comment="LinkedIn's id of the question (lead_form_questions.question_id) or of the consent.",
    )
    answer: Column[str | None] = _text("What the member wrote; NULL for choices and consents.")
    options: Column[list[Any] | None] = _list("Ids of the options that the member chose (lead_form_questions.options).")
    accepted: Column[bool | None] = table_column(comment="Whether the member gave the consent; NULL for questions.")
    submitted_at: Column[datetime] = table_column(
        comment="When the form was sent; its answers are deleted LAC_LEAD_ANSWERS_DAYS days later."
    )
