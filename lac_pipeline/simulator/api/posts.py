"""What stands beside the ads: posts and messages behind creatives, the people of an account, organizations."""

from __future__ import annotations

from collections.abc import Iterator

from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.api.cursor_pages import index_page
from lac_pipeline.simulator.api.query import urn_value
from lac_pipeline.simulator.hashing import chance
from lac_pipeline.simulator.replies import Json, RestError, not_found, param_invalid
from lac_pipeline.simulator.world.entities import CAMPAIGNS, CREATIVES, USERS, AdCopy, Entity
from lac_pipeline.simulator.world.entity_records import landing_page
from lac_pipeline.simulator.world.segment_names import SEGMENTS

_DELETED_SHARE = 0.05
_MESSAGE = "urn:li:adInMailContent:"
_LEAST_IN_A_BATCH = 2  # a client in production reads one post by itself, as a list of one is refused


def find_account_users(call: Call) -> Json:
    """`q=accounts`: the people of one account; `q=authenticatedUser`: the caller's own roles."""
    finder = call.query.require("q")
    visible = sorted(call.world.visible_accounts(call.token))
    if finder == "authenticatedUser":
        call.query.only({"q", "start", "count", "fields"})
        return index_page(call.query, call.url_path, [next(_users(call, number)) for number in visible])
    if finder != "accounts":
        raise param_invalid("q", "Resource adAccountUsers has no such finder")
    call.query.only({"q", "accounts", "start", "count", "fields"})
    value = call.query.require("accounts")
    urn = urn_value(value[0] if isinstance(value, list) and value else value, path="accounts")
    number = int(urn.rpartition(":")[2]) if urn.rpartition(":")[2].isdigit() else -1
    users = list(_users(call, number)) if number in visible else []
    return index_page(call.query, call.url_path, users)


def _users(call: Call, account_id: int) -> Iterator[Json]:
    return (user.record for user in call.world.entities.listed(USERS, account_id))


def get_post(call: Call) -> Json:
    """The post behind a creative; some were deleted, and what is no post is refused."""
    return _post_of(call, call.path[1])


def batch_get_posts(call: Call) -> Json:
    """`ids=List(...)` of two and more: posts in `results`, each that is missing or refused in `errors`."""
    call.query.only({"ids", "viewContext"})
    urns = call.query.urns("ids") or []
    if len(urns) < _LEAST_IN_A_BATCH:
        raise param_invalid("ids", "A batch of posts is of two and more")
    return call.each(urns, lambda urn: _post_of(call, urn))


def _post_of(call: Call, urn: str) -> Json:
    call.refuse_ordered(urn)
    if not urn.startswith(("urn:li:share:", "urn:li:ugcPost:")):
        raise RestError(400, "UGC_VALIDATIONS_FAILED", "The URN is not of a post", path="id")
    for creative in _with_references(call):
        if creative.record["content"]["reference"] == urn and not _deleted(call, urn):
            return _post(call, creative)
    raise not_found(f"Post {urn}")


def get_message(call: Call) -> Json:
    """The content of a message ad, by its URN or by the number in it."""
    return _message_of(call, call.path[1])


def batch_get_messages(call: Call) -> Json:
    """`ids=List(...)`: contents of message ads in `results`, each that is missing or refused in `errors`."""
    call.query.only({"ids", "fields"})
    keys = [key for key in call.query.items("ids") or [] if isinstance(key, str)]
    return call.each(keys, lambda key: _message_of(call, key))


def _message_of(call: Call, key: str) -> Json:
    number = key.removeprefix(_MESSAGE)
    if not number.isdigit():
        raise param_invalid("id", f"Key '{key}' is not of a message ad")
    call.refuse_ordered(_MESSAGE + number)
    for creative in _with_references(call):
        if creative.record["content"]["reference"] == _MESSAGE + number:
            return _message(creative)
    raise not_found(f"Message content {number}")


def find_posts(call: Call) -> Json:
    """`q=dscAdAccount`: the direct sponsored posts of one account."""
    if call.query.require("q") != "dscAdAccount":
        raise param_invalid("q", "Only the dscAdAccount finder is simulated")
    call.query.only({"q", "dscAdAccount", "dscAdTypes", "start", "count", "fields"})
    if call.query.integer("count", default=10) > 100:
        raise param_invalid("count", "Specified count is larger than 100")
    call.query.require("dscAdAccount")
    account = urn_value(call.query.text("dscAdAccount") or "", path="dscAdAccount")
    mine = [
        creative
        for creative in _with_references(call)
        if creative.record.get("account") == account
        and not creative.record["content"]["reference"].startswith(_MESSAGE)
    ]
    alive = [creative for creative in mine if not _deleted(call, creative.record["content"]["reference"])]
    return index_page(call.query, call.url_path, [_post(call, creative) for creative in alive])


def _with_references(call: Call) -> list[Entity]:
    visible = call.world.visible_accounts(call.token)
    return [
        urn
        for urn in call.world.entities.listed(CREATIVES, None)
        if urn.account_id in visible and "reference" in urn.record.get("content", {})
    ]


def _deleted(call: Call, urn: str) -> bool:
    return chance(call.world.seed, "deleted post", urn) < _DELETED_SHARE


def _shown(call: Call, creative: Entity) -> Json:
    """What a post shows beside its text: cards, an article, or a picture."""
    headline = _copy(creative).headline
    picture = {"id": f"urn:li:image:SIM{creative.id}", "title": headline}
    campaign = call.world.entities.get(CAMPAIGNS, creative.parent_id)
    if campaign.record.get("format") == "CAROUSEL":
        return {
            "carousel": {
                "cards": [{"landingPage": landing_page(creative.parent_id, creative.id), "media": picture}] * 3
            }
        }
    if creative.id % 5 == 0:
        return {"article": {"source": landing_page(creative.parent_id, creative.id), "title": headline}}
    return {"media": picture}


def _copy(creative: Entity) -> AdCopy:
    """What a creative says; one that nothing was written for names itself."""
    kind = "Message" if creative.record["content"]["reference"].startswith(_MESSAGE) else "DSC"
    generic = AdCopy(
        f"{kind} {creative.id}", f"Picture {creative.id}", f"Ad copy of creative {creative.id}", "Read more", ""
    )
    return creative.copy or generic


def _button(creative: Entity) -> Json:
    """The post's button and the page it leads to; a creative with a lead form has none."""
    if "leadgenCallToAction" in creative.record:
        return {}
    return {
        "contentCallToActionLabel": "LEARN_MORE",
        "contentLandingPage": landing_page(creative.parent_id, creative.id),
    }


def _post(call: Call, creative: Entity) -> Json:
    record, copy = creative.record, _copy(creative)
    return {
        "id": record["content"]["reference"],
        "author": "urn:li:organization:2414183",
        "commentary": copy.intro,
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
        "createdAt": record["createdAt"],
        "lastModifiedAt": record["lastModifiedAt"],
        "publishedAt": record["createdAt"],
        "content": _shown(call, creative),
        **_button(creative),
        "adContext": {
            "dscName": copy.name,
            "dscAdType": "STANDARD",
            "dscAdAccount": record["account"],
            "dscStatus": "ACTIVE",
            "isDsc": True,
        },
        "isReshareDisabledByAuthor": False,
    }


def _message(creative: Entity) -> Json:
    copy = _copy(creative)
    return {
        "id": creative.record["content"]["reference"],
        "account": creative.record["account"],
        "name": copy.name,
        "subject": copy.headline,
        "sender": "urn:li:person:K1RwyVNuk0",
        "customFooter": "Northwind, Main Street 1",
        "htmlBody": f"<p>{copy.intro}</p>",
        "subContent": {
            "regular": {
                "callToActionText": copy.button,
                "callToActionLandingPageUrl": landing_page(creative.parent_id, creative.id),
            }
        },
    }


def look_up_organizations(call: Call) -> Json:
    """`ids=List(...)`: names of organizations."""
    call.query.only({"ids", "fields"})
    names = {company.urn.rpartition(":")[2]: company.name for company in SEGMENTS["MEMBER_COMPANY"]}
    ids = [str(item) for item in call.query.items("ids") or []]
    results: Json = {}
    errors: Json = {}
    for number in ids:
        name = names.get(number)
        if name is None:
            errors[number] = not_found(f"Organization {number}").payload()
        else:
            vanity = name.lower().replace(" ", "-")
            results[number] = {"id": int(number), "localizedName": name, "vanityName": vanity}
    return {"results": results, "statuses": {}, "errors": errors}
