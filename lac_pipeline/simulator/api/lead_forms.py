"""leadForms and leadFormResponses: the forms of an ad account, and what was sent, by their owner."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.api.cursor_pages import index_page
from lac_pipeline.simulator.api.query import urn_value
from lac_pipeline.simulator.api.restli_syntax import Value
from lac_pipeline.simulator.replies import Json, RestError, param_invalid
from lac_pipeline.simulator.world.entities import LEAD_FORMS
from lac_pipeline.simulator.world.lead_responses import lead_responses
from lac_pipeline.windows import ONE_DAY, DateWindow

_OWNER = "sponsoredAccount"
RESPONSES_KEPT = timedelta(days=365)
_ACCOUNT_URN = "urn:li:sponsoredAccount:"


def find(call: Call) -> Json:
    """`q=owner`: the forms of one ad account."""
    if call.query.require("q") != "owner":
        raise param_invalid("q", "Resource leadForms has no such finder")
    call.query.only({"q", "owner", "start", "count", "fields"})
    account_id = owner_of(call)
    names = call.query.names()
    records = [form.record for form in call.world.entities.listed(LEAD_FORMS, account_id)]
    chosen = [{name: record[name] for name in names or record if name in record} for record in records]
    return index_page(call.query, call.url_path, chosen)


def find_responses(call: Call) -> Json:
    """`q=owner` of one ad account and lead type: the responses of a time, each with the fields that are named."""
    query = call.query
    if query.require("q") != "owner":
        raise param_invalid("q", "Resource leadFormResponses has no such finder")
    query.only({"q", "owner", "leadType", "limitedToTestLeads", "submittedAtTimeRange", "start", "count", "fields"})
    account_id = owner_of(call)
    lead_type = query.require("leadType")
    if lead_type != {"leadType": "SPONSORED"}:
        raise param_invalid("leadType", "An ad account has leads of type SPONSORED")
    tests_only = query.boolean("limitedToTestLeads") or False
    start, end = _time_range(query.params.get("submittedAtTimeRange"), now=call.world.now())
    days = DateWindow(_day(start), _day(end - 1) + ONE_DAY)
    oldest = int((call.world.now() - RESPONSES_KEPT).timestamp() * 1000)
    now = int(call.world.now().timestamp() * 1000)
    found = [
        response
        for response in lead_responses(call.world, account_id, days)
        if max(start, oldest) <= int(response["submittedAt"]) < min(end, now + 1)
        and (response["testLead"] or not tests_only)
    ]
    names = None if call.world.switches.whole_lead_responses else query.names()
    chosen = [{name: record[name] for name in names or record if name in record} for record in found]
    return index_page(query, call.url_path, chosen)


def _time_range(value: Value | None, *, now: datetime) -> tuple[int, int]:
    """Read `(start:ms,end:ms)`; without an end all until now, without either all that is kept."""
    path = "submittedAtTimeRange"
    if value is None:
        value = {"start": str(int((now - RESPONSES_KEPT).timestamp() * 1000))}
    if not isinstance(value, dict) or not {"start"} <= set(value) <= {"start", "end"}:
        raise param_invalid(path, "A start is required")
    ends = [value["start"], value.get("end", str(int(now.timestamp() * 1000) + 1))]
    if not all(isinstance(each, str) and each.isdigit() for each in ends):
        raise param_invalid(path)
    start, end = (int(str(each)) for each in ends)
    if start >= end:
        raise param_invalid(path, "The start has to be before the end")
    return start, end


def _day(milliseconds: int) -> date:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date()


def owner_of(call: Call) -> int:
    """The ad account that `owner=(sponsoredAccount:urn)` names.

    Raises:
        RestError: 400 when it names none, 403 when the member has no role on it.
    """
    owner = call.query.require("owner")
    if not isinstance(owner, dict) or set(owner) != {_OWNER}:
        raise param_invalid("owner", "A union of one member is expected")
    named = urn_value(owner[_OWNER], path=f"owner/{_OWNER}")
    number = named.removeprefix(_ACCOUNT_URN)
    if not number.isdigit():
        raise param_invalid(f"owner/{_OWNER}")
    if int(number) not in call.world.visible_accounts(call.token):
        raise RestError(403, "ACCESS_DENIED", f"No permission on the lead forms of {named}")
    return int(number)
