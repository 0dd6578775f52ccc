"""The adTrackingParameters resource: what is appended to landing pages, for one account or campaign a call."""

from __future__ import annotations

import re

from lac_pipeline.linkedin.urn import ACCOUNT, CAMPAIGN
from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.replies import Json, RestError, not_found, param_invalid
from lac_pipeline.simulator.world.entities import ACCOUNTS, CAMPAIGNS, TRACKING

_KEY = re.compile(r"\(adEntity:\((\w+):urn:li:(\w+):(\d+)\)\)")
_KINDS = {ACCOUNT: ACCOUNTS, CAMPAIGN: CAMPAIGNS}
_ACCOUNTS_SINCE = "202608"
_MESSAGES = "SPONSORED_INMAILS"


def get(call: Call) -> Json:
    """One account's or campaign's parameters; those of accounts since 202608, and none of message ads."""
    call.query.only({"fields"})
    key = _KEY.fullmatch(call.path[1])
    if key is None or key[1] != key[2] or key[1] not in _KINDS:
        raise param_invalid("adEntity", "The key is (adEntity:(kind:urn)) of an account or a campaign")
    if key[1] == ACCOUNT and call.version < _ACCOUNTS_SINCE:
        raise param_invalid("adEntity", "sponsoredAccount is not supported in this version")
    number = int(key[3])
    owner = call.world.entities.by_kind[_KINDS[key[1]]].get(number)
    if owner is None or owner.account_id not in call.world.visible_accounts(call.token):
        raise not_found(f"adTrackingParameters of {key[1]} {number}")
    if owner.record.get("type") == _MESSAGES:
        raise RestError(400, "ILLEGAL_ARGUMENT", "Tracking parameters are not supported for message ads")
    record = call.world.entities.by_kind[TRACKING].get(number)
    if record is None or record.gone:
        if call.world.switches.empty_tracking_parameters:
            return {"dynamicValueParameters": {}, "customValueParameters": {}}
        raise not_found(f"adTrackingParameters of {key[1]} {number}")
    return record.record
