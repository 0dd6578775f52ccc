"""Signing in: the consent page's URL, its redirect, the exchange of the code for tokens, and the state of a token.

Source: LinkedIn's "Authorization Code Flow (3-legged OAuth)" and "Token introspection" pages. A code lives 30 minutes
and can be used once. Times are seconds here, unlike everywhere else in LinkedIn's API.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlencode

import httpx
from pydantic import SecretStr

from lac_pipeline.errors import ReauthorizeError, UnexpectedPayloadError
from lac_pipeline.linkedin.oauth.token_response import accepted, granted, scopes_of, unreachable
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.response_limit import ACCEPTED, OAUTH_LIMIT, receive_now

SCOPES = ("r_ads", "r_ads_reporting")
"""What reading accounts and reports takes; nothing that may change an ad."""

TIMEOUT = 30.0  # seconds

_SIGN_IN, _TOKEN = "the sign-in", "the access token"
_DENIED = frozenset({"user_cancelled_login", "user_cancelled_authorize", "access_denied"})


@dataclass(frozen=True, slots=True)
class TokenState:
    """What LinkedIn returns about an access token.

    Attributes:
        status: `active`, `expired` or `revoked`.
        scopes: what the member agreed to.
        expires_at: aware UTC; None when LinkedIn does not return it.
    """

    status: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


def consent_url(
    oauth_url: str, *, client_id: str, redirect_uri: str, state: str, more_scopes: Sequence[str] = ()
) -> str:
    """The page on which the member agrees; it sends the browser to the redirect URI with a code, or an error.

    LinkedIn refuses the whole sign-in where the app lacks one of the scopes.
    """
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": " ".join(dict.fromkeys((*SCOPES, *more_scopes))),
    }
    return f"{oauth_url}/oauth/v2/authorization?{urlencode(parameters, quote_via=quote)}"


def is_redirect_of(query: str, *, state: str) -> bool:
    """Whether a redirect's query belongs to the sign-in of this state; compared in constant time."""
    sent = _first(parse_qs(query), "state")
    return hmac.compare_digest(sent.encode(), state.encode())


def code_in(query: str, *, way_out: str | None = None) -> SecretStr:
    """Read the code that the redirect's query brings.

    Args:
        query: of the redirect.
        way_out: how to request fewer scopes, where more than the usual ones were requested.

    Raises:
        ReauthorizeError: the member or LinkedIn refused, in LinkedIn's words.
        UnexpectedPayloadError: there is neither a code nor an error.
    """
    parameters = parse_qs(query)
    if error := _first(parameters, "error"):
        raise _refused(error, _first(parameters, "error_description"), way_out)
    if code := _first(parameters, "code"):
        return SecretStr(code)
    raise UnexpectedPayloadError(
        "LinkedIn sent the browser back without a code", fix="run `lac auth login` again, with its new address"
    )


class OAuthClient:
    """A client of LinkedIn's OAuth service for one registered app.

    Args:
        oauth_url: base of the service, such as `https://www.linkedin.com`.
        client_id: the app's id.
        client_secret: the app's secret.
        clock: aware UTC now.
    """

    def __init__(
        self, oauth_url: str, *, client_id: str, client_secret: SecretStr, clock: Callable[[], datetime]
    ) -> None:
        self._oauth_url = oauth_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock

    def exchange(self, code: SecretStr, *, redirect_uri: str) -> Tokens:
        """Trade a code for tokens; apps that LinkedIn has not approved for it get no refresh token.

        Raises:
            ReauthorizeError: the code is used, late, or of another app or redirect URI.
            ConfigError: LinkedIn does not know the app, its secret or its redirect URI.
            RetryableError: LinkedIn fails for the moment.
        """
        form = {"grant_type": "authorization_code", "code": code.get_secret_value(), "redirect_uri": redirect_uri}
        return granted(self._post("accessToken", form, subject=_SIGN_IN), subject=_SIGN_IN, now=self._clock())

    def introspect(self, token: SecretStr) -> TokenState:
        """Request the state of an access token.

        Raises:
            UnexpectedPayloadError: the response is too large to be one.
            ReauthorizeError: LinkedIn does not know it, or it belongs to another app.
            ConfigError: LinkedIn does not know the app or its secret.
            RetryableError: LinkedIn fails for the moment.
        """
        parameters = self._post("introspectToken", {"token": token.get_secret_value()}, subject=_TOKEN)
        body = accepted(parameters, subject=_TOKEN)
        status = str(body.get("status") or ("active" if body.get("active") else "unknown"))
        return TokenState(status, scopes_of(body), _moment(body.get("expires_at")))

    def _post(self, endpoint: str, form: Mapping[str, str], *, subject: str) -> httpx.Response:
        secret = self._client_secret.get_secret_value()
        data = {**form, "client_id": self._client_id, "client_secret": secret}
        try:
            with httpx.Client(timeout=TIMEOUT, headers=ACCEPTED) as http:
                request = http.build_request("POST", f"{self._oauth_url}/oauth/v2/{endpoint}", data=data)
                return receive_now(http, request, limit=OAUTH_LIMIT, subject=subject)
        except httpx.RequestError as error:
            raise unreachable(subject, error) from error


def _moment(seconds: object) -> datetime | None:
    """Read a time in seconds since 1970; None for any other value, as LinkedIn may leave it out."""
    try:
        return None if seconds is None else datetime.fromtimestamp(int(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _first(parameters: Mapping[str, list[str]], name: str) -> str:
    return parameters.get(name, [""])[0]


def _refused(error: str, description: str, way_out: str | None) -> ReauthorizeError:
    denied = error in _DENIED
    correct = "correct it there" if way_out is None else f"correct it there, or {way_out}"
    return ReauthorizeError(
        "the sign-in was cancelled on LinkedIn's page" if denied else "LinkedIn refuses the sign-in",
        detail=": ".join(part for part in (error, description) if part),
        meaning="nothing was stored; tokens that were stored before stay" if denied else _MISREGISTERED,
        fix="run `lac auth login` again, and agree" if denied else f"{correct}, then run `lac auth login` again",
    )


_MISREGISTERED = (
    "the app lacks a product or a scope (r_ads, r_ads_reporting, those of the streams that LAC_STREAMS names): "
    "developer portal, your app, tab Products"
)
