"""adAccounts, adCampaignGroups, adCampaigns and creatives: finders, single reads and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lac_pipeline.linkedin import vocabulary
from lac_pipeline.simulator.api.calls import Call, numeric_key
from lac_pipeline.simulator.api.cursor_pages import cut, encode, read_cursor
from lac_pipeline.simulator.api.query import bool_value, enum_value, urn_value
from lac_pipeline.simulator.api.restli_syntax import Value
from lac_pipeline.simulator.replies import Json, RestError, field_invalid, not_found, param_invalid
from lac_pipeline.simulator.world.entities import ACCOUNTS, CAMPAIGNS, CREATIVES, GROUPS, URN_KIND, Entity

Keep = Callable[[Entity], bool]

ENTITY_STATUSES = {
    ACCOUNTS: vocabulary.ACCOUNT_STATUSES,
    GROUPS: vocabulary.CAMPAIGN_GROUP_STATUSES,
    CAMPAIGNS: vocabulary.CAMPAIGN_STATUSES,
    CREATIVES: vocabulary.CREATIVE_STATUSES,
}
TYPES = {
    ACCOUNTS: vocabulary.ACCOUNT_TYPES,
    CAMPAIGNS: vocabulary.CAMPAIGN_TYPES,
}
_SEARCH_KEYS = {
    ACCOUNTS: {"id", "reference", "name", "type", "status", "test"},
    GROUPS: {"id", "name", "status", "test"},
    CAMPAIGNS: {"id", "campaignGroup", "associatedEntity", "name", "type", "status", "test"},
}
_URN_KEYS = {"id", "reference", "campaignGroup", "associatedEntity"}
_CURSOR = {"q", "pageSize", "pageToken", "sortOrder", "fields"}
_CREATIVE_FILTERS = {
    "campaigns": "campaign",
    "creatives": "id",
}
_SORT_ORDERS = ("ASCENDING", "DESCENDING")


def find(call: Call, kind: str) -> Json:
    """`q=search` on accounts, groups and campaigns."""
    if call.query.require("q") != "search":
        raise param_invalid("q", f"Resource {kind} has no such finder")
    call.query.only({*_CURSOR, "search"})
    if kind == ACCOUNTS:
        _refuse_search_with_token(call)
    keeps = _search_filters(call.query.params.get("search"), kind)
    account_id = None if kind == ACCOUNTS else call.account_id()
    return _walk(call, kind, account_id, keeps, most=1000, default=_default_size(call, kind))


def find_creatives(call: Call) -> Json:
    """`q=criteria` on creatives."""
    if call.query.require("q") != "criteria":
        raise param_invalid("q", "Resource creatives has no such finder")
    if call.world.switches.finder_header_required and call.restli_method != "FINDER":
        raise RestError(400, "ILLEGAL_ARGUMENT", "The header X-RestLi-Method: FINDER is required")
    more = {"contentReferences", "intendedStatuses", "isTestAccount", "leadgenCreativeCallToActionDestinations"}
    call.query.only({*_CURSOR, *_CREATIVE_FILTERS, *more})
    size = call.query.integer("pageSize", default=100)
    limit = call.world.switches.creatives_500_above
    if limit is not None and size > limit:
        raise RestError(500, "INTERNAL_ERROR", "Internal server error")
    return _walk(call, CREATIVES, call.account_id(), _creative_filters(call), most=100, default=100)


def get_record(call: Call, kind: str) -> Json:
    """One entity by its key in the path."""
    call.query.only({"fields"})
    if kind == ACCOUNTS:
        return _project(call, call.world.entities.get(kind, call.account_id()))
    account_id = call.account_id()
    key = call.path[3]
    entity = _in_account(call, kind, _key_number(kind, key), account_id)
    if entity is None:
        raise not_found(f"{kind} {key}")
    return _project(call, entity)


def batch_get(call: Call, kind: str) -> Json:
    """`ids=List(...)`: what is found in `results`, what is not in `errors`."""
    call.query.only({"ids", "fields"})
    account_id = None if kind == ACCOUNTS else call.account_id()
    results: Json = {}
    errors: Json = {}
    for item in call.query.items("ids") or []:
        if not isinstance(item, str):
            raise param_invalid("ids")
        entity = _in_account(call, kind, _key_number(kind, item), account_id)
        if entity is None:
            errors[item] = not_found(f"{kind} {item}").payload()
        else:
            results[item] = _project(call, entity)
    return {"results": results, "statuses": {}, "errors": errors}


def _key_number(kind: str, key: str) -> int:
    if kind != CREATIVES:
        return numeric_key(key)
    head, _, tail = key.rpartition(":")
    if head != f"urn:li:{URN_KIND[kind]}" or not tail.isdigit():
        raise RestError(400, "PARAM_INVALID", f"Key '{key}' is not the URN of a creative")
    return int(tail)


def _in_account(call: Call, kind: str, number: int, account_id: int | None) -> Entity | None:
    entity = call.world.entities.by_kind[kind].get(number)
    if entity is None or entity.gone or entity.account_id not in call.world.visible_accounts(call.token):
        return None
    return entity if account_id in (None, entity.account_id) else None


def _default_size(call: Call, kind: str) -> int:
    return 10 if kind == ACCOUNTS and call.world.switches.accounts_page_of_10 else 100


def _refuse_search_with_token(call: Call) -> None:
    if call.world.switches.refuse_search_with_page_token and {"search", "pageToken"} <= set(call.query.params):
        raise param_invalid("pageToken", "search and pageToken cannot be sent together")


def _search_filters(search: Value | None, kind: str) -> list[Keep]:
    if search is None:
        return []
    if not isinstance(search, dict):
        raise param_invalid("search")
    return [_search_filter(key, value, kind) for key, value in search.items()]


def _search_filter(key: str, value: Value, kind: str) -> Keep:
    path = f"search/{key}"
    if key not in _SEARCH_KEYS[kind]:
        raise field_invalid(path, f"Unknown search key '{key}'")
    if key == "test":
        test = bool_value(value, path=path)
        return lambda entity: bool(entity.record.get("test")) == test
    if not isinstance(value, dict) or set(value) != {"values"} or not isinstance(value["values"], list):
        raise param_invalid(path)
    selected = {_search_value(key, item, kind) for item in value["values"]}
    return lambda entity: _searched(entity, key) in selected


def _search_value(key: str, item: Value, kind: str) -> str:
    path = f"search/{key}"
    if key == "status":
        return enum_value(item, ENTITY_STATUSES[kind], path=path)
    if key == "type":
        return enum_value(item, TYPES[kind], path=path)
    if key in _URN_KEYS:
        return urn_value(item, path=path)
    if not isinstance(item, str):
        raise param_invalid(path)
    return item


def _searched(entity: Entity, key: str) -> Any:  # noqa: ANN401  # LinkedIn's own JSON
    return entity.urn if key == "id" else entity.record.get(key)


def _creative_filters(call: Call) -> list[Keep]:
    query, keeps = call.query, list[Keep]()
    for name, field in _CREATIVE_FILTERS.items():
        if (selected := query.urns(name)) is not None:
            keeps.append(_field_in(field, selected))
    if "campaigns" in query:
        keeps.append(lambda entity: entity.record.get("intendedStatus") != "CANCELED")
    if (contents := query.urns("contentReferences")) is not None:
        keeps.append(lambda entity: entity.record.get("content", {}).get("reference") in contents)
    if (forms := query.urns("leadgenCreativeCallToActionDestinations")) is not None:
        keeps.append(lambda entity: entity.record.get("leadgenCallToAction", {}).get("destination") in forms)
    if (statuses := query.enums("intendedStatuses", ENTITY_STATUSES[CREATIVES])) is not None:
        keeps.append(_field_in("intendedStatus", statuses))
    if (test := query.boolean("isTestAccount")) is not None:
        keeps.append(lambda entity: entity.record.get("isTest", False) == test)
    return keeps


def _field_in(field: str, selected: Iterable[str]) -> Keep:
    values = set(selected)
    return lambda entity: entity.record.get(field) in values


def _walk(call: Call, kind: str, account_id: int | None, keeps: list[Keep], *, most: int, default: int) -> Json:
    query, world = call.query, call.world
    descending = query.enum("sortOrder", _SORT_ORDERS) == "DESCENDING"
    walk = f"{call.url_path}?" + encode({n: v for n, v in query.params.items() if n not in _NOT_THE_QUERY})
    page = read_cursor(world, query, walk, default=default, most=most)
    visible = world.visible_accounts(call.token)
    found = [
        urn
        for urn in world.entities.listed(kind, account_id)
        if urn.account_id in visible and all(keep(urn) for keep in keeps)
    ]
    found = found[::-1] if descending else found
    rows, metadata = cut(world, page, [match.id for match in found], descending=descending)
    if world.switches.drift_during_walks and page.number > 0 and found:
        _drift(call, found[0])
    return {"metadata": metadata, "elements": [_project(call, match) for match in found[rows]]}


_NOT_THE_QUERY = {"pageToken", "pageSize", "fields"}


def _drift(call: Call, entity: Entity) -> None:
    """Rename what an earlier page has given."""
    name = str(entity.record.get("name", "")).removesuffix(" (edited)")
    call.world.edit.set_field(entity.kind, entity.id, "name", f"{name} (edited)")


def _project(call: Call, entity: Entity) -> Json:
    names = call.query.names()
    return entity.record if names is None else {name: entity.record[name] for name in names if name in entity.record}
