"""Lead forms: texts in the form's locale, the page behind them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.lead_forms import in_locale
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams.leads import LEAD_FORMS
from lac_pipeline_tests.models import linkedin_records as records
from lac_pipeline_tests.models.linkedin_records import ACCOUNT_ID

VALIDATOR = validator_of(LEAD_FORMS, ACCOUNT_ID)


def row_of(record: dict[str, Any]) -> dict[str, object]:
    """The row of a record that is valid."""
    page = VALIDATOR.validate([record])
    assert page.rejected == []
    return dict(zip(VALIDATOR.columns, page.rows[0], strict=True))


def refused(record: dict[str, Any]) -> RejectedRecord:
    """The refusal of a record that is not."""
    (rejected,) = VALIDATOR.validate([record]).rejected
    return rejected


def with_content(**changes: object) -> dict[str, Any]:
    """A form of which some of the content differs."""
    form = records.lead_form()
    return {**form, "content": {**form["content"], **changes}}


def test_a_form_is_read_in_its_own_locale() -> None:
    """Texts are the Swedish ones of a Swedish form; an empty text by locale is no text."""
    row = row_of(records.lead_form())
    assert (row["headline"], row["description"], row["thank_you_message"]) == ("Handbok", "Om bokslut", "Tack!")
    assert (row["legal_disclaimer"], row["version_id"], row["review_status"]) == (None, 1, "NEEDS_REVIEW")
    assert row["account_id"] == ACCOUNT_ID


def test_its_landing_page_is_taken_apart() -> None:
    """Host, path and campaign parameters stand in columns of their own, without what PostgreSQL cannot hold."""
    page = {"landingPageUrl": "https://Northwind.example/tack?utm_source=linkedin&utm_term=a%00b"}
    sent = {"callToAction": {"callToActionLabel": "DOWNLOAD", "callToActionTarget": page}}
    row = row_of(with_content(postSubmissionInfo=sent))
    assert row["landing_page"] == page["landingPageUrl"]
    assert (row["landing_page_host"], row["landing_page_path"]) == ("northwind.example", "/tack")
    assert (row["utm_source"], row["utm_medium"], row["utm_term"]) == ("linkedin", None, "a\N{REPLACEMENT CHARACTER}b")


@pytest.mark.parametrize("absent", ["name", "content", "reviewInfo", "creationLocale", "hiddenFields", "versionId"])
def test_a_form_may_lack_almost_everything(absent: str) -> None:
    """What LinkedIn leaves out is NULL."""
    form = records.lead_form()
    del form[absent]
    assert row_of(form)["id"] == form["id"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ({"localized": {"sv_SE": "Hej", "en_US": "Hi"}}, "Hej"),
        ({"localized": {"fr_FR": "Salut", "en_US": "Hi"}}, "Hi"),
        ({"localized": {}}, None),
        ({}, None),
        (None, None),
        ("Hej", "Hej"),
    ],
)
def test_texts_by_locale(text: object, read: str | None) -> None:
    """The locale's own text wins, else the first by name; a plain text is one."""
    assert in_locale(text, "sv_SE") == read


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (with_content(headline={"localized": ["Hej"]}), "content.headline"),
        (with_content(description={"localized": {"sv_SE": 7}}), "content.description"),
        (with_content(questions="none"), "content.questions"),
        (records.lead_form(content="none"), "content"),
        (records.lead_form(owner={"sponsoredAccount": "urn:li:sponsoredAccount:999"}), "owner.sponsoredAccount"),
        (records.lead_form(owner=None), "owner"),
        (records.lead_form(created="yesterday"), "created"),
    ],
)
def test_another_form_is_refused_by_name(form: dict[str, Any], field: str) -> None:
    """What is neither text nor absent is refused with its place, and the form is known by its id."""
    rejected = refused(form)
    assert rejected.field == field
    assert rejected.key == {"id": form["id"]}
