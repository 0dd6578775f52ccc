"""LinkedIn's OAuth 2.0 endpoints: consent, tokens, introspection. Times here are seconds, unlike everywhere else."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from lac_pipeline.simulator.replies import Reply
from lac_pipeline.simulator.world.identity import REFRESH_LIFE, AccessToken, Grant
from lac_pipeline.simulator.world.world import World

Form = Mapping[str, str]


class OAuthError(Exception):
    """A refusal in OAuth's shape; its text never holds a token, code or secret."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error

    def reply(self) -> Reply:
        """Write the refusal."""
        return Reply.of({"error": self.error, "error_description": str(self)}, status=self.status)


def authorization(world: World, query: str) -> Reply:
    """The consent page of a member who agrees at once, or refuses when the world's switch is set."""
    form = dict(parse_qsl(query))
    app = world.identities.app
    if form.get("client_id") != app.client_id:
        return OAuthError(401, "invalid_client", "Client authentication failed").reply()
    redirect = form.get("redirect_uri", "")
    if redirect not in app.redirect_uris:
        return OAuthError(401, "invalid_redirect_uri", "The redirect_uri does not match the registered value").reply()
    response = {"state": form["state"]} if "state" in form else {}
    if form.get("response_type") != "code" or not form.get("scope"):
        response |= {"error": "invalid_request", "error_description": "response_type and scope are required"}
    elif world.switches.deny_consent:
        response |= {"error": "user_cancelled_authorize", "error_description": "The user cancelled the authorization"}
    elif closed := _closed_to(world, form["scope"].split()):
        refusal = f'Scope "{closed[0]}" is not authorized for your application'
        response |= {"error": "unauthorized_scope_error", "error_description": refusal}
    else:
        scopes = tuple(form["scope"].split())
        response["code"] = world.identities.issue_code(scopes, redirect_uri=redirect, now=world.now())
    joint = "&" if "?" in redirect else "?"
    return Reply(302, b"", {"location": f"{redirect}{joint}{urlencode(response)}"})


def _closed_to(world: World, scopes: list[str]) -> list[str]:
    """The scopes that no product of the app opens."""
    opened = world.switches.app_scopes
    return [scope for scope in scopes if opened and scope not in opened]


def access_token(world: World, form: Form) -> Reply:
    """Trade a code or a refresh token for an access token."""
    grant_type = form.get("grant_type")
    if grant_type not in ("authorization_code", "refresh_token"):
        raise OAuthError(400, "invalid_request", 'A required parameter "grant_type" is missing or invalid')
    _check_client(world, form)
    if grant_type == "authorization_code":
        return Reply.of(_first_tokens(world, _redeemed(world, form)))
    return Reply.of(_refreshed(world, _required(form, "refresh_token")))


def _required(form: Form, name: str) -> str:
    if not form.get(name):
        raise OAuthError(400, "invalid_request", f'A required parameter "{name}" is missing')
    return form[name]


def _check_client(world: World, form: Form) -> None:
    app = world.identities.app
    known = _required(form, "client_id") == app.client_id
    if not (known and hmac.compare_digest(_required(form, "client_secret"), app.client_secret)):
        raise OAuthError(401, "invalid_client", "Client authentication failed")


def _redeemed(world: World, form: Form) -> Grant:
    code, redirect = _required(form, "code"), _required(form, "redirect_uri")
    if redirect not in world.identities.app.redirect_uris:
        raise OAuthError(401, "invalid_redirect_uri", "The redirect_uri does not match the registered value")
    grant = world.identities.redeem(code, redirect_uri=redirect, now=world.now())
    if grant is None:
        message = "Unable to retrieve access token: authorization code not found, expired or used"
        raise OAuthError(400, "invalid_request", message)
    return grant


def _first_tokens(world: World, grant: Grant) -> dict[str, object]:
    text = _issued(world, grant)
    response = _token_response(world, text, grant)
    if world.switches.programmatic_refresh:
        response["refresh_token"] = world.identities.issue_refresh(grant)
        response["refresh_token_expires_in"] = int(REFRESH_LIFE.total_seconds())
    return response


def _refreshed(world: World, refresh_token: str) -> dict[str, object]:
    grant, now = world.identities.refresh.get(refresh_token), world.now()
    allowed = world.switches.programmatic_refresh
    if grant is None or grant.revoked or now >= grant.refresh_expires_at or not allowed:
        message = "The provided authorization grant or refresh token is invalid, expired or revoked."
        raise OAuthError(400, "invalid_request", message)
    text = _issued(world, grant)
    left = int((grant.refresh_expires_at - now).total_seconds())
    return {**_token_response(world, text, grant), "refresh_token": refresh_token, "refresh_token_expires_in": left}


def _issued(world: World, grant: Grant) -> str:
    delay = timedelta(seconds=world.switches.new_token_delay_seconds)
    return world.identities.issue_access(grant, now=world.now(), delay=delay)


def _token_response(world: World, text: str, grant: Grant) -> dict[str, object]:
    token = world.identities.access[text]
    return {
        "access_token": text,
        "expires_in": int((token.expires_at - token.created_at).total_seconds()),
        "scope": ",".join(grant.scopes),
        "token_type": "Bearer",
    }


def introspect(world: World, form: Form) -> Reply:
    """Return the state of an access token."""
    _check_client(world, form)
    token = world.identities.access.get(_required(form, "token"))
    if token is None:
        raise OAuthError(400, "invalid_request", "The token is invalid")
    status = _status(token, now=world.now())
    return Reply.of(
        {
            "active": status == "active",
            "status": status,
            "client_id": world.identities.app.client_id,
            "scope": ",".join(token.scopes),
            "created_at": int(token.created_at.timestamp()),
            "authorized_at": int(token.grant.authorized_at.timestamp()),
            "expires_at": int(token.expires_at.timestamp()),
            "auth_type": "3L",
        }
    )


def _status(token: AccessToken, *, now: datetime) -> str:
    if token.revoked or token.grant.revoked:
        return "revoked"
    return "expired" if now >= token.expires_at else "active"
