"""Who sent which lead form: as many responses of a creative and day as its number of leads, and a few trials.

The responses follow from the numbers of the world at its clock: a lead that is counted later is there later, and one
that is no longer counted is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lac_pipeline.linkedin.urn import ACCOUNT, CREATIVE, id_of, urn
from lac_pipeline.simulator.hashing import chance
from lac_pipeline.simulator.world.entities import CREATIVES, LEAD_FORMS, Entity, Record
from lac_pipeline.simulator.world.entity_records import milliseconds
from lac_pipeline.simulator.world.report_rows import KEYS, ReportRequest
from lac_pipeline.simulator.world.state import WorldState
from lac_pipeline.simulator.world.truth import analytics_rows
from lac_pipeline.windows import DateWindow

_BUSY = 43_200_000
"""Milliseconds of the UTC day in which members send forms: its first half."""
_TRIALS_APART = 10
"""An advertiser sends a trial every so many days."""
_FIRST = ("Anna", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Greta", "Haruto", "Inès", "João")
_LAST = ("Okafor", "Nguyen", "Schäfer", "Rossi", "Tanaka", "Dubois", "Kowalski", "Silva", "Byrne", "Larsen")
_COMPANIES = ("Alder Freight", "Birch Bank", "Cedar Foods", "Dune Energy", "Elm Retail")
_TITLES = ("CFO", "Controller", "Head of Finance", "Accounting Manager")
LEADS = "oneClickLeads"


def lead_responses(world: WorldState, account_id: int, window: DateWindow) -> Iterator[Record]:
    """The responses of an account on these UTC days, with all that their members filled in."""
    mine = world.book.among("ACCOUNT", {urn(ACCOUNT, account_id)})
    request = ReportRequest(("CREATIVE",), "DAILY", (*KEYS, LEADS), world.switches.company_size_urns)
    for row in sorted(analytics_rows(world, request, window, mine), key=str):
        creative = world.entities.get(CREATIVES, id_of(row["pivotValues"][0], kind=CREATIVE))
        end = row["dateRange"]["end"]
        day = date(end["year"], end["month"], end["day"])
        sent = [*range(int(row.get(LEADS, 0)))]
        trials = [-1] if day.toordinal() % _TRIALS_APART == creative.id % _TRIALS_APART else []
        for n in (*sent, *trials):
            response = _response(world, creative, day, n)
            if response is not None and response["id"] not in world.withdrawn_responses:
                yield {**response, **world.altered_responses.get(response["id"], {})}


def _response(world: WorldState, creative: Entity, day: date, n: int) -> Record | None:
    """One response; a negative number is a trial. None for a creative whose form is not one of the world's."""
    destination = str(creative.record.get("leadgenCallToAction", {}).get("destination", ""))
    form = world.entities.by_kind[LEAD_FORMS].get(int(destination.rpartition(":")[2] or 0))
    if form is None:
        return None
    version = form.record["versionId"]
    place = int(chance(world.seed, "lead", creative.id, day.toordinal(), n) * _BUSY)
    return {
        "id": f"{creative.id:08x}-{day:%Y%m%d}-{n + 1}-6",
        "leadType": "SPONSORED",
        "submittedAt": milliseconds(day) + place,
        "testLead": n < 0,
        "submitter": f"urn:li:person:lead{creative.id}{day:%m%d}{n + 1}",
        "owner": {"sponsoredAccount": urn(ACCOUNT, creative.account_id)},
        "versionedLeadGenFormUrn": f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{form.id},{version})",
        "associatedEntity": {"associatedCreative": creative.urn},
        "leadMetadata": {"sponsoredLeadMetadata": {"campaign": creative.record["campaign"]}},
        "formResponse": {
            "answers": [
                _answer(question, creative.id + day.toordinal() * 7 + n)
                for question in form.record["content"]["questions"]
            ],
            "consentResponses": [{"consentId": 0, "accepted": place % 2 == 0}],
        },
    }


def _answer(question: Record, place: int) -> Record:
    first, last = _FIRST[place % len(_FIRST)], _LAST[place // 3 % len(_LAST)]
    mail = f"{first}.{last}.{place}@lead-answer.example".lower()
    answers = {
        "FIRST_NAME": first,
        "LAST_NAME": last,
        "EMAIL": mail,
        "WORK_EMAIL": mail,
        "COMPANY_NAME": _COMPANIES[place % len(_COMPANIES)],
        "JOB_TITLE": _TITLES[place % len(_TITLES)],
        "PHONE_NUMBER": f"+49 30 {place:09d}",
    }
    field = question.get("predefinedField")
    if field is None:
        details: Record = {"multipleChoiceAnswer": {"options": [place % 4]}}
    else:
        details = {"textQuestionAnswer": {"answer": answers[field]}}
    return {"questionId": question["questionId"], "answerDetails": details}
