"""Lead form responses as LinkedIn sends them: when which form was sent from which ad, and, apart, what was filled in.

Source: LinkedIn's page on lead form responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from msgspec import Struct
from pydantic import AliasPath, Field, PlainValidator, TypeAdapter, ValidationError, model_validator

from lac_pipeline.models.entities import CampaignId, CreativeId, Entity, at
from lac_pipeline.models.field_types import BIGINT, AccountId, Flag, Instant, Text, instant
from lac_pipeline.postgres.unstorable import flaw_of, replaced
from lac_pipeline.streams.leads import LEAD_FORM_RESPONSES

ANSWERS = "formResponse"
"""LinkedIn's field of what the member filled in."""

_FORM = re.compile(r"urn:li:(?:versionedLeadGenForm:\()?(?:urn:li:)?(?:leadGenForm|adForm):(\d{1,18})(?:,(\d{1,9})\))?")


def _utc_day(value: object) -> date:
    return instant(value).date()


UtcDay = Annotated[date, PlainValidator(_utc_day)]


class LinkedInLeadResponse(Entity, stream=LEAD_FORM_RESPONSES):
    """That a form was sent; nothing of it says by whom."""

    id: Text
    date: UtcDay = Field(validation_alias="submittedAt")
    account_id: AccountId = Field(validation_alias=AliasPath("owner", "sponsoredAccount"))
    submitted_at: Instant
    lead_type: Text | None = None
    test_lead: Flag | None = None
    lead_form_id: int | None = at("lead_form_id")
    lead_form_version: int | None = at("lead_form_version")
    lead_form_urn: Text | None = at("versionedLeadGenFormUrn")
    campaign_id: CampaignId | None = at("leadMetadata", "sponsoredLeadMetadata", "campaign")
    creative_id: CreativeId | None = at("associatedEntity", "associatedCreative")

    @model_validator(mode="before")
    @classmethod
    def _take_the_urn_apart(cls, record: object) -> object:
        if not isinstance(record, Mapping):
            return record
        urn = record.get("versionedLeadGenFormUrn")
        found = _FORM.fullmatch(urn) if isinstance(urn, str) else None
        form, version = found.groups() if found else (None, None)
        return {
            **record,
            "lead_form_id": None if form is None else int(form),
            "lead_form_version": None if version is None else int(version),
        }


@dataclass(frozen=True, slots=True)
class LeadAnswer:
    """What a member filled in at one question, or whether a consent was given.

    Attributes:
        response_id: the response.
        kind: `question` or `consent`.
        item_id: LinkedIn's id of the question or consent.
        answer: the text, or that of the choice where LinkedIn sends texts.
        options: the ids of the chosen options.
        accepted: whether the consent was given.
        submitted_at: when, aware UTC.
    """

    response_id: str
    kind: str
    item_id: int
    answer: str | None
    options: list[Any] | None
    accepted: bool | None
    submitted_at: datetime


class LeadAnswers(Struct, frozen=True):
    """The answers of some responses.

    Attributes:
        responses: the ids of the responses that came with answers.
        answers: those that can be read.
        unreadable: how many cannot.
    """

    responses: tuple[str, ...] = ()
    answers: tuple[LeadAnswer, ...] = ()
    unreadable: int = 0


_WHEN: TypeAdapter[datetime] = TypeAdapter(Instant)


def without_lead_answers(record: Any) -> Any:  # noqa: ANN401 - an element is whatever LinkedIn sends
    """The record as it may be seen by all who see records: in the quarantine, the log and the UI."""
    return {name: value for name, value in record.items() if name != ANSWERS} if isinstance(record, Mapping) else record


def read_lead_answers(records: Iterable[object]) -> LeadAnswers:
    """Take the answers out of records; one that cannot be read is counted, and its text goes nowhere."""
    responses: list[str] = []
    answers: dict[tuple[str, str, int], LeadAnswer] = {}
    unreadable = 0
    for record in records:
        if not isinstance(record, Mapping) or not isinstance(record.get(ANSWERS), Mapping):
            continue
        response_id, submitted_at = record.get("id"), _when(record.get("submittedAt"))
        if not isinstance(response_id, str) or flaw_of(response_id) or submitted_at is None:
            continue  # the response itself is refused
        responses.append(response_id)
        for kind, element in _elements(record[ANSWERS]):
            answer = _answer(response_id, kind, element, submitted_at)
            if answer is None:
                unreadable += 1
            else:
                answers[answer.response_id, answer.kind, answer.item_id] = answer
    return LeadAnswers(tuple(responses), tuple(answers.values()), unreadable)


def _elements(filled_in: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    for kind, name in (("question", "answers"), ("consent", "consentResponses")):
        elements = filled_in.get(name)
        yield from ((kind, element) for element in elements) if isinstance(elements, list) else ()


def _answer(response_id: str, kind: str, element: object, submitted_at: datetime) -> LeadAnswer | None:
    if not isinstance(element, Mapping):
        return None
    item_id = element.get("questionId" if kind == "question" else "consentId")
    if type(item_id) is not int or not 0 <= item_id <= BIGINT:
        return None
    text = _below(element, "answerDetails", "textQuestionAnswer", "answer")
    options = _below(element, "answerDetails", "multipleChoiceAnswer", "options")
    accepted = element.get("accepted")
    known = (isinstance(text, str), isinstance(options, list), isinstance(accepted, bool))
    if not any(known):
        return None
    return LeadAnswer(
        response_id,
        kind,
        item_id,
        replaced(text) if isinstance(text, str) else None,
        [replaced(each) if isinstance(each, str) else each for each in options] if isinstance(options, list) else None,
        accepted if isinstance(accepted, bool) else None,
        submitted_at,
    )


def _when(value: object) -> datetime | None:
    try:
        return _WHEN.validate_python(value)
    except ValidationError:
        return None


def _below(record: Mapping[str, object], *path: str) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
