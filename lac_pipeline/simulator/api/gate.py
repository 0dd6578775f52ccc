"""The gate every REST call passes: token, version, protocol and parameters, route, permission, quota; in this order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from lac_pipeline.simulator.api import ad_analytics, conversions, finders, lead_forms, posts, targeting, tracking
from lac_pipeline.simulator.api.calls import Call
from lac_pipeline.simulator.api.query import Query
from lac_pipeline.simulator.api.restli_syntax import parse_query
from lac_pipeline.simulator.api.versions import served_month
from lac_pipeline.simulator.replies import Json, RestError, no_permission
from lac_pipeline.simulator.world.entities import ACCOUNTS, CAMPAIGNS, CREATIVES, GROUPS
from lac_pipeline.simulator.world.identity import POSTS_SCOPE, AccessToken
from lac_pipeline.simulator.world.world import World

MEMBER = "urn:li:person:K1RwyVNuk0"
_ADS = ("r_ads", "rw_ads")
_LEADS = ("r_marketing_leadgen_automation",)
_POSTS = (POSTS_SCOPE, "w_organization_social")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came in, with its query already taken out of a tunnel."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Route:
    resource: str
    method: str
    scopes: tuple[str, ...]
    response: Callable[[Call], Json]


def response(world: World, sent: Sent, endpoint: str) -> Json:
    """Check one call and return its response.

    Raises:
        RestError: whatever LinkedIn refuses it with.
    """
    token = check_token(world, sent.headers.get("authorization"))
    version = check_version(sent.headers.get("linkedin-version"), now=world.now())
    protocol2 = sent.headers.get("x-restli-protocol-version") == "2.0.0"
    params = parse_query(sent.query, protocol2=protocol2)
    path = tuple(unquote(part) for part in sent.path.removeprefix("/rest/").split("/"))
    restli_method = sent.headers.get("x-restli-method")
    call = Call(world, path, sent.path, Query(params), version, restli_method, protocol2, token)
    route = _route(call)
    if not set(route.scopes) & set(token.scopes):
        raise no_permission(route.resource, route.method, version)
    world.quotas.spend_call(endpoint, member=MEMBER, now=world.now(), retry_after=world.switches.retry_after_seconds)
    return route.response(call)


def endpoint_of(path: str) -> str:
    """The resource that a path is about, by which calls are counted."""
    parts = path.removeprefix("/rest/").split("/")
    return parts[2] if parts[0] == ACCOUNTS and len(parts) > 2 else parts[0]


def check_token(world: World, header: str | None) -> AccessToken:
    """Find the bearer token.

    Raises:
        RestError: 401, by what is wrong with it.
    """
    kind, _, text = (header or "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise _unauthorized(65604, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token")
    token, now = world.identities.access.get(text.strip()), world.now()
    if token is None:
        raise _unauthorized(65600, "INVALID_ACCESS_TOKEN", "Invalid access token")
    settling = token.effective_at is not None and now < token.effective_at
    if token.revoked or token.grant.revoked or settling:
        message = "The token used in the request has been revoked by the user"
        raise _unauthorized(65601, "REVOKED_ACCESS_TOKEN", message)
    if now >= token.expires_at:
        raise _unauthorized(65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
    return token


def _unauthorized(service_code: int, code: str, message: str) -> RestError:
    return RestError(401, code, message, service_code=service_code, gateway=True)


def check_version(header: str | None, *, now: datetime) -> str:
    """Read the API version, without its revision.

    Raises:
        RestError: 400 when there is none, 426 when it is not served on this day.
    """
    if not header:
        message = "A version must be present. Please specify a version by adding the Linkedin-Version header."
        raise RestError(400, "VERSION_MISSING", message, gateway=True)
    month = served_month(header, today=now.date())
    if month is None:
        message = f"Requested version {header.partition('.')[0]}01 is not active"
        raise RestError(426, "NONEXISTENT_VERSION", message, gateway=True)
    return month


ROUTES = {
    ("adAnalytics", 1): _Route("adAnalytics", "FINDER", ("r_ads_reporting",), ad_analytics.find),
    ("adTargetingEntities", 1): _Route("adTargetingEntities", "FINDER", _ADS, targeting.find),
    ("adAccountUsers", 1): _Route("adAccountUsers", "FINDER", _ADS, posts.find_account_users),
    ("adTrackingParameters", 2): _Route("adTrackingParameters", "GET", _ADS, tracking.get),
    ("conversions", 1): _Route("conversions", "FINDER", _ADS, conversions.find),
    ("leadFormResponses", 1): _Route("leadFormResponses", "FINDER", _LEADS, lead_forms.find_responses),
    ("leadForms", 1): _Route("leadForms", "FINDER", _ADS, lead_forms.find),
    ("posts", 1): _Route("partnerApiPostsExternal", "FINDER", _POSTS, posts.find_posts),
    ("posts", 2): _Route("partnerApiPostsExternal", "GET", _POSTS, posts.get_post),
    ("inMailContents", 2): _Route("inMailContents", "GET", _ADS, posts.get_message),
    ("organizationsLookup", 1): _Route("organizationsLookup", "BATCH_GET", _ADS, posts.look_up_organizations),
}
"""By resource and number of parts in the path."""

BATCHES = {
    "posts": _Route("partnerApiPostsExternal", "BATCH_GET", _POSTS, posts.batch_get_posts),
    "inMailContents": _Route("inMailContents", "BATCH_GET", _ADS, posts.batch_get_messages),
}
"""By resource, for calls that name several `ids`."""


def _route(call: Call) -> _Route:
    if call.path[0] == ACCOUNTS:
        return _account_route(call)
    if call.path[0] == CREATIVES:
        raise _moved()
    batch = "ids" in call.query and len(call.path) == 1
    route = (BATCHES.get(call.path[0]) if batch else None) or ROUTES.get((call.path[0], len(call.path)))
    if route is None:
        raise _no_resource(call.url_path)
    return route


def _account_route(call: Call) -> _Route:
    parts = call.path[1:]
    kind = parts[1] if len(parts) > 1 else ACCOUNTS
    if kind not in (ACCOUNTS, GROUPS, CAMPAIGNS, CREATIVES) or len(parts) > 3:
        raise _no_resource(call.url_path)
    keyed = len(parts) == (1 if kind == ACCOUNTS else 3)
    if keyed:
        return _Route(kind, "GET", _ADS, lambda call: finders.get_record(call, kind))
    if "ids" in call.query:
        return _Route(kind, "BATCH_GET", _ADS, lambda call: finders.batch_get(call, kind))
    if kind == CREATIVES:
        return _Route(kind, "FINDER", _ADS, finders.find_creatives)
    return _Route(kind, "FINDER", _ADS, lambda call: finders.find(call, kind))


def _moved() -> RestError:
    message = (
        "Creative calls now need the advertiser account in the path. "
        "Please use the base URL /rest/adAccounts/{adAccountId}/creatives"
    )
    return RestError(400, "ILLEGAL_ARGUMENT", message)


def _no_resource(path: str) -> RestError:
    return RestError(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {path}", gateway=True)
