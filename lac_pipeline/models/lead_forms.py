"""Lead forms as LinkedIn sends them.

A form has its texts by locale (`{"localized": {"sv_SE": "…"}}`); the columns hold those of its own locale. Source:
LinkedIn's page on lead forms, for versions from 202307 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AliasPath, Field, PlainValidator, model_validator

from lac_pipeline.linkedin import urn
from lac_pipeline.models.entities import Entity, at
from lac_pipeline.models.field_types import AccountId, Instant, JsonList, PlainCount, Text, entity_id
from lac_pipeline.models.landing_pages import UTM, LandingPage
from lac_pipeline.postgres.unstorable import replaced
from lac_pipeline.streams.leads import LEAD_FORMS

FormId = Annotated[int, PlainValidator(partial(entity_id, kind=urn.LEAD_FORM))]

_HEADLINE = ("content", "headline")
_DESCRIPTION = ("content", "description")
_THANKS = ("content", "postSubmissionInfo", "message")
_DISCLAIMER = ("content", "legalInfo", "legalDisclaimer")
_TEXTS = (_HEADLINE, _DESCRIPTION, _THANKS, _DISCLAIMER)
_BUTTON = ("content", "postSubmissionInfo", "callToAction")
_PAGE = (*_BUTTON, "callToActionTarget", "landingPageUrl")


class LinkedInLeadForm(Entity, stream=LEAD_FORMS):
    """A lead form: what it asks, and where it leads when it was sent."""

    id: FormId
    account_id: AccountId = Field(validation_alias=AliasPath("owner", "sponsoredAccount"))
    name: Text | None = None
    state: Text | None = None
    version_id: PlainCount | None = None
    locale_country: Text | None = at("creationLocale", "country")
    locale_language: Text | None = at("creationLocale", "language")
    headline: Text | None = at(*_HEADLINE)
    description: Text | None = at(*_DESCRIPTION)
    thank_you_message: Text | None = at(*_THANKS)
    call_to_action: Text | None = at(*_BUTTON, "callToActionLabel")
    landing_page: Text | None = at(*_PAGE)
    landing_page_host: Text | None = None
    landing_page_path: Text | None = None
    utm_source: Text | None = at("utm_source")
    utm_medium: Text | None = at("utm_medium")
    utm_campaign: Text | None = at("utm_campaign")
    utm_term: Text | None = at("utm_term")
    utm_content: Text | None = at("utm_content")
    utm_id: Text | None = at("utm_id")
    questions: JsonList | None = at("content", "questions")
    hidden_fields: JsonList | None = None
    privacy_policy_url: Text | None = at("content", "legalInfo", "privacyPolicyUrl")
    legal_disclaimer: Text | None = at(*_DISCLAIMER)
    consents: JsonList | None = at("content", "legalInfo", "consents")
    review_status: Text | None = at("reviewInfo", "reviewStatus")
    rejection_reasons: JsonList | None = at("reviewInfo", "rejectionReasons")
    reviewed_at: Instant | None = at("reviewInfo", "lastUpdated")
    linkedin_created_at: Instant | None = at("created")
    linkedin_last_modified_at: Instant | None = at("lastModified")

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, record: object) -> object:
        if not isinstance(record, Mapping):
            return record
        locale = f"{_below(record, 'creationLocale', 'language')}_{_below(record, 'creationLocale', 'country')}"
        for path in _TEXTS:
            record = _with(record, path, in_locale(_below(record, *path), locale))
        return {**record, **_parts_of(_below(record, *_PAGE))}


def in_locale(text: object, locale: str) -> object:
    """Read a text that LinkedIn gives by locale: in this one, such as `sv_SE`, else in the first by name.

    What has another form is returned as it is, for the column's own type to refuse.
    """
    if not isinstance(text, Mapping):
        return text
    texts = text.get("localized")
    if not isinstance(texts, Mapping) or not texts:
        return None if texts is None or texts == {} else texts
    return texts[locale if locale in texts else min(texts, key=lambda name: (len(name), name))]


def _parts_of(page: object) -> dict[str, Any]:
    """The columns of a landing page's parts; texts that PostgreSQL cannot hold lose what it cannot."""
    parts = LandingPage.of(page if isinstance(page, str) else "")
    found = {
        "landingPageHost": parts.host,
        "landingPagePath": parts.path,
        **{name: parts.utm.get(name) for name in UTM},
    }
    return {name: None if value is None else replaced(value) for name, value in found.items()}


def _below(record: Mapping[str, object], *path: str) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _with(record: Mapping[str, object], path: tuple[str, ...], value: object) -> Mapping[str, object]:
    """The record with a value in this place, where there are objects that lead to it."""
    first, *rest = path
    if not rest:
        return {**record, first: value}
    below = record.get(first)
    return {**record, first: _with(below, tuple(rest), value)} if isinstance(below, Mapping) else record
