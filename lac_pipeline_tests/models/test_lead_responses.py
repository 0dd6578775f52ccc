"""Lead form responses: what is known of them without a name, and the answers apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lac_pipeline.models.lead_responses import read_lead_answers, without_lead_answers
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams.leads import LEAD_FORM_RESPONSES
from lac_pipeline_tests.models.linkedin_records import ACCOUNT_ID, ACCOUNT_URN

VALIDATOR = validator_of(LEAD_FORM_RESPONSES, ACCOUNT_ID)
TEXT = {"questionId": 307234246, "answerDetails": {"textQuestionAnswer": {"answer": "Anna"}}}
CHOICE = {"questionId": 707234246, "answerDetails": {"multipleChoiceAnswer": {"options": [0]}}}
CONSENT = {"consentId": 0, "accepted": True}


def response(**changes: object) -> dict[str, Any]:
    """A response, as LinkedIn's page on lead form responses shows it."""
    return {
        "id": "249592fc-d272-44ba-a7db-c2bdce579507-6",
        "leadType": "SPONSORED",
        "submittedAt": 1689894599288,
        "testLead": True,
        "owner": {"sponsoredAccount": ACCOUNT_URN},
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7234246,1)",
        "associatedEntity": {"associatedCreative": "urn:li:sponsoredCreative:241257736"},
        "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:198356826"}},
        "formResponse": {"answers": [TEXT, CHOICE], "consentResponses": [CONSENT]},
        **changes,
    }


def row_of(record: dict[str, Any]) -> dict[str, object]:
    """The row of a response that is valid."""
    page = VALIDATOR.validate([record])
    assert page.rejected == []
    return dict(zip(VALIDATOR.columns, page.rows[0], strict=True))


def test_a_response_is_known_by_form_creative_and_day() -> None:
    """Its URNs are numbers, its day is that of UTC, and no column has an answer."""
    row = row_of(response())
    assert (row["lead_form_id"], row["lead_form_version"]) == (7234246, 1)
    assert (row["campaign_id"], row["creative_id"], row["test_lead"]) == (198356826, 241257736, True)
    assert (row["date"], row["submitted_at"]) == (date(2023, 7, 20), datetime(2023, 7, 20, 23, 9, 59, 288000, UTC))
    assert "Anna" not in str(row)


@pytest.mark.parametrize(
    ("urn", "read"),
    [
        ("urn:li:versionedLeadGenForm:(urn:li:adForm:7,2)", (7, 2)),
        ("urn:li:leadGenForm:7", (7, None)),
        ("urn:li:adForm:7", (7, None)),
        ("urn:li:somethingElse:7", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_form_may_be_named_in_other_ways(urn: str | None, read: tuple[int | None, int | None]) -> None:
    """A way that is not known is kept as text, and refuses nothing."""
    row = row_of(response(versionedLeadGenFormUrn=urn))
    assert (row["lead_form_id"], row["lead_form_version"]) == read
    assert row["lead_form_urn"] == urn


def test_what_is_optional_may_be_missing() -> None:
    """A response needs its id, its time and its account."""
    needed = {name: response()[name] for name in ("id", "submittedAt", "owner")}
    assert row_of(needed)["creative_id"] is None
    assert [refused.field for refused in VALIDATOR.validate([{**needed, "submittedAt": "now"}]).rejected] == [
        "submittedAt"
    ]


def test_answers_are_read_apart() -> None:
    """Texts, choices and consents are answers of the response, by the ids of question and consent."""
    read = read_lead_answers([response()])
    found = [(each.kind, each.item_id, each.answer, each.options, each.accepted) for each in read.answers]
    assert found == [
        ("question", 307234246, "Anna", None, None),
        ("question", 707234246, None, [0], None),
        ("consent", 0, None, None, True),
    ]
    assert (read.responses, read.unreadable) == ((response()["id"],), 0)
    assert without_lead_answers(response()).keys() == response().keys() - {"formResponse"}


@pytest.mark.parametrize("answer", [7, {}, {"questionId": "x"}, {**TEXT, "questionId": -1}, {"questionId": 1}])
def test_an_answer_that_cannot_be_read_is_counted(answer: object) -> None:
    """It costs no other answer, and its text goes nowhere."""
    read = read_lead_answers([response(formResponse={"answers": [answer, TEXT]})])
    assert ([each.answer for each in read.answers], read.unreadable) == (["Anna"], 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"formResponse": None},
        {"formResponse": "x"},
        {"id": 5},
        {"id": "a\0b"},
        {"id": "a\ud800"},
        {"submittedAt": None},
    ],
)
def test_a_response_without_readable_answers_has_none(changes: dict[str, object]) -> None:
    """A response that came without answers is not one whose answers are empty."""
    assert read_lead_answers([response(**changes), "odd"]).responses == ()
