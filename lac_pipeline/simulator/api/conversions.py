"""The conversions resource: the rules of an account, by which LinkedIn counts conversions."""

from __future__ import annotations

from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.api.query import urn_value
from lac_pipeline.simulator.replies import Json, param_invalid
from lac_pipeline.simulator.world.entities import CONVERSIONS

_MOST = 1000


def find(call: Call) -> Json:
    """`q=account`: its rules from a start on. LinkedIn states no total there, and names no next page."""
    if call.query.require("q") != "account":
        raise param_invalid("q", "Resource conversions has no such finder")
    call.query.only({"q", "account", "start", "count", "fields"})
    call.query.require("account")
    account = urn_value(call.query.text("account") or "", path="account")
    start = call.query.integer("start", default=0)
    count = call.query.integer("count", default=10, least=1, most=_MOST)
    number = account.rpartition(":")[2]
    account_id = int(number) if number.isdigit() else -1
    visible = account_id in call.world.visible_accounts(call.token)
    rules = [rule.record for rule in call.world.entities.listed(CONVERSIONS, account_id)] if visible else []
    names = call.query.names()
    served = rules if names is None else [{n: rule[n] for n in names if n in rule} for rule in rules]
    paging = {"start": start, "count": count, "links": [], "total": -1}
    return {"paging": paging, "elements": served[start : start + count]}
