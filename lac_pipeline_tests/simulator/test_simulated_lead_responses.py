"""Lead form responses: their own scope, a time range, and as many as the creatives' leads."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, Api, account_urn

OWNER = f"owner=(sponsoredAccount:{account_urn()})"
SPONSORED = "leadType=(leadType:SPONSORED)"
GOOD = f"q=owner&{OWNER}&{SPONSORED}"
MONTH = DateWindow(date(2026, 9, 1), date(2026, 10, 1))


@pytest.fixture
def token(world: World) -> str:
    """A token of an app that may read leads."""
    return world.authorize(("r_ads", "r_marketing_leadgen_automation"))[0]


def milliseconds(day: date) -> int:
    """The beginning of a UTC day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def responses(api: Api, token: str, window: DateWindow = MONTH, more: str = "") -> list[dict[str, Any]]:
    """The responses of some days, which fit on one page."""
    span = f"submittedAtTimeRange=(start:{milliseconds(window.start)},end:{milliseconds(window.end)})"
    response = api.get(f"leadFormResponses?{GOOD}&{span}&count=10000{more}", token=token)
    assert response.status_code == 200, response.text
    return list(response.json()["elements"])


def test_another_scope_is_refused(api: Api) -> None:
    """A token for ads and reports may not read what members sent."""
    refusal = api.get(f"leadFormResponses?{GOOD}")
    message = "Not enough permissions to access: leadFormResponses.FINDER.20260901"
    assert (refusal.status_code, refusal.json()["message"]) == (403, message)


@pytest.mark.parametrize(
    "query",
    [
        f"q=account&{OWNER}&{SPONSORED}",
        f"q=owner&{SPONSORED}",
        f"q=owner&{OWNER}",
        f"q=owner&{OWNER}&leadType=SPONSORED",
        f"{GOOD}&submittedAtTimeRange=(end:1789000000000)",
        f"{GOOD}&submittedAtTimeRange=(start:2,end:1)",
        f"{GOOD}&submittedAtTimeRange=(start:yesterday)",
        f"{GOOD}&state=NEW",
    ],
)
def test_other_requests_are_refused(api: Api, token: str, query: str) -> None:
    """Owner and lead type are required, and a time range has a start."""
    assert api.get(f"leadFormResponses?{query}", token=token).status_code == 400


def test_responses_are_as_many_as_leads(api: Api, token: str, world: World) -> None:
    """For each creative and day of a form there are as many responses as leads; trials are not counted."""
    sent = [element for element in responses(api, token) if not element["testLead"]]
    counted = Counter(
        (
            element["associatedEntity"]["associatedCreative"],
            datetime.fromtimestamp(element["submittedAt"] / 1000, UTC).date(),
        )
        for element in sent
    )
    rows = world.truth.analytics(ACCOUNT, "CREATIVE", "DAILY", MONTH, ("oneClickLeads",))
    leads = {
        (row["pivotValues"][0], date(*row["dateRange"]["end"].values())): row["oneClickLeads"]
        for row in rows
        if row.get("oneClickLeads")
    }
    assert counted == leads
    assert len({element["id"] for element in sent}) == len(sent) > 50


def test_a_response_answers_its_form(api: Api, token: str, world: World) -> None:
    """Its questions are those of the form, which is the one that its creative opens."""
    forms = {form["id"]: form for form in world.truth.lead_forms(ACCOUNT)}
    element = responses(api, token)[0]
    form = forms[int(element["versionedLeadGenFormUrn"].split(":")[-1].split(",")[0])]
    expected = [question["questionId"] for question in form["content"]["questions"]]
    assert [answer["questionId"] for answer in element["formResponse"]["answers"]] == expected


def test_only_named_fields_are_returned(api: Api, token: str, world: World) -> None:
    """`fields` leaves out what members filled in; by switch it is ignored."""
    named = responses(api, token, more="&fields=id,submittedAt")
    assert {frozenset(element) for element in named} == {frozenset({"id", "submittedAt"})}
    world.switches.whole_lead_responses = True
    assert "formResponse" in responses(api, token, more="&fields=id,submittedAt")[0]


def test_responses_are_kept_for_a_year(api: Api, token: str) -> None:
    """Older ones are gone, and none is of the future."""
    year = responses(api, token, DateWindow(date(2024, 1, 1), date(2026, 12, 31)))
    times = [datetime.fromtimestamp(element["submittedAt"] / 1000, UTC) for element in year]
    now = api.world.now()
    assert (now - min(times)).days < 365
    assert max(times) <= now
    trials = responses(api, token, more="&limitedToTestLeads=true")
    assert {element["testLead"] for element in trials} == {True}
