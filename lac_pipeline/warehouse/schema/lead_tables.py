"""Tables of lead generation: the forms that ads open, that they were sent, and what was filled in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lac_pipeline.warehouse.schema.base import Base, EntityTimes, LoadedTimes, Removable, RowTimes


def _text(comment: str) -> Mapped[str | None]:
    return mapped_column(comment=comment)


def _time(comment: str) -> Mapped[datetime | None]:
    return mapped_column(comment=comment)


def _list(comment: str) -> Mapped[list[Any] | None]:
    return mapped_column(comment=comment)


def _utm(name: str) -> Mapped[str | None]:
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

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="LinkedIn's id of the lead form.")
    account_id: Mapped[int] = mapped_column(comment="Ad account that owns it (accounts.id).")
    name: Mapped[str | None] = _text("Name of the form, which members do not see.")
    state: Mapped[str | None] = _text("DRAFT, PUBLISHED or ARCHIVED.")
    version_id: Mapped[int | None] = mapped_column(comment="Number of the form's current version, from 1.")
    locale_country: Mapped[str | None] = _text("Country of the form's locale, such as SE.")
    locale_language: Mapped[str | None] = _text("Language of the form's locale, such as sv.")
    headline: Mapped[str | None] = _text("Headline of the form.")
    description: Mapped[str | None] = _text("Text above the questions.")
    thank_you_message: Mapped[str | None] = _text("Text that a member sees after sending the form.")
    call_to_action: Mapped[str | None] = _text("Label of the button after that, such as VISIT_COMPANY_WEBSITE.")
    landing_page: Mapped[str | None] = _text("URL that this button leads to, as the advertiser wrote it.")
    landing_page_host: Mapped[str | None] = _text("Host of the landing page, in lower case; NULL where it has none.")
    landing_page_path: Mapped[str | None] = _text("Path of the landing page, without parameters.")
    utm_source: Mapped[str | None] = _utm("utm_source")
    utm_medium: Mapped[str | None] = _utm("utm_medium")
    utm_campaign: Mapped[str | None] = _utm("utm_campaign")
    utm_term: Mapped[str | None] = _utm("utm_term")
    utm_content: Mapped[str | None] = _utm("utm_content")
    utm_id: Mapped[str | None] = _utm("utm_id")
    questions: Mapped[list[Any] | None] = _list(
        "The questions as LinkedIn has them; lead_form_questions takes them apart."
    )
    hidden_fields: Mapped[list[Any] | None] = _list(
        "Names and values that every response contains and that members do not see."
    )
    privacy_policy_url: Mapped[str | None] = _text("URL of the advertiser's privacy policy.")
    legal_disclaimer: Mapped[str | None] = _text("The advertiser's own legal text.")
    consents: Mapped[list[Any] | None] = _list("Boxes that members tick, as LinkedIn has them, with their texts.")
    review_status: Mapped[str | None] = _text("What LinkedIn's review decided, such as APPROVED or NEEDS_REVIEW.")
    rejection_reasons: Mapped[list[Any] | None] = _list("Why LinkedIn's review rejected it.")
    reviewed_at: Mapped[datetime | None] = _time("When the review last changed.")
    linkedin_created_at: Mapped[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Mapped[datetime | None] = _time("When it was last modified at LinkedIn.")


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

    id: Mapped[str] = mapped_column(primary_key=True, comment="LinkedIn's id of the response.")
    date: Mapped[date] = mapped_column(comment="UTC day of submitted_at.")
    account_id: Mapped[int] = mapped_column(comment="Ad account that owns the form (accounts.id).")
    submitted_at: Mapped[datetime] = mapped_column(comment="When the form was sent.")
    lead_type: Mapped[str | None] = _text("SPONSORED: the form was opened from an ad.")
    test_lead: Mapped[bool | None] = mapped_column(
        comment="Whether the advertiser sent it to try the form out; no metric counts such a response."
    )
    lead_form_id: Mapped[int | None] = mapped_column(
        comment="Lead form (lead_forms.id); NULL where lead_form_urn names it in a way that is not known."
    )
    lead_form_version: Mapped[int | None] = mapped_column(comment="The version of the form that was sent.")
    lead_form_urn: Mapped[str | None] = _text("The form and its version as LinkedIn names them.")
    campaign_id: Mapped[int | None] = mapped_column(comment="Campaign of the ad (campaigns.id).")
    creative_id: Mapped[int | None] = mapped_column(comment="Creative that opened the form (creatives.id).")


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

    response_id: Mapped[str] = mapped_column(
        ForeignKey(LeadFormResponse.id, ondelete="CASCADE"),
        primary_key=True,
        comment="Response (lead_form_responses.id); its answers are deleted with it.",
    )
    kind: Mapped[str] = mapped_column(primary_key=True, comment="question or consent.")
    item_id: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        comment="LinkedIn's id of the question (lead_form_questions.question_id) or of the consent.",
    )
    answer: Mapped[str | None] = _text("What the member wrote; NULL for choices and consents.")
    options: Mapped[list[Any] | None] = _list("Ids of the options that the member chose (lead_form_questions.options).")
    accepted: Mapped[bool | None] = mapped_column(comment="Whether the member gave the consent; NULL for questions.")
    submitted_at: Mapped[datetime] = mapped_column(
        comment="When the form was sent; its answers are deleted LAC_LEAD_ANSWERS_DAYS days later."
    )
