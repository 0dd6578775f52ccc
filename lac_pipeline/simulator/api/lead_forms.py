"""leadForms: the forms of an ad account, by their owner."""

from __future__ import annotations

from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.api.cursor_pages import index_page
from lac_pipeline.simulator.api.query import urn_value
from lac_pipeline.simulator.replies import Json, RestError, param_invalid
from lac_pipeline.simulator.world.entities import LEAD_FORMS

_OWNER = "sponsoredAccount"
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
