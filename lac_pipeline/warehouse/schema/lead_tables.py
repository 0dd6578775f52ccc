"""Tables of lead generation: the forms that ads open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from lac_pipeline.warehouse.schema.base import Base, EntityTimes, Removable


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
    thank_you_message: Mapped[str | None] = _text("What a member reads who has sent the form.")
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
    hidden_fields: Mapped[list[Any] | None] = _list("Names and values that every response carries, unseen by members.")
    privacy_policy_url: Mapped[str | None] = _text("URL of the advertiser's privacy policy.")
    legal_disclaimer: Mapped[str | None] = _text("The advertiser's own legal text.")
    consents: Mapped[list[Any] | None] = _list("Boxes that members tick, as LinkedIn has them, with their texts.")
    review_status: Mapped[str | None] = _text("What LinkedIn's review decided, such as APPROVED or NEEDS_REVIEW.")
    rejection_reasons: Mapped[list[Any] | None] = _list("Why LinkedIn's review rejected it.")
    reviewed_at: Mapped[datetime | None] = _time("When the review last changed.")
    linkedin_created_at: Mapped[datetime | None] = _time("When it was created at LinkedIn.")
    linkedin_last_modified_at: Mapped[datetime | None] = _time("When it was last modified at LinkedIn.")
