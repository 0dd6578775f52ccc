"""The response of LinkedIn's OAuth service to a sign-in or a renewal: tokens, or an error in two fields.

Source: LinkedIn's "Authorization Code Flow" and "Programmatic refresh tokens" pages. Scopes come joined by commas, ends
as seconds from now, and a renewal may leave out the refresh token that it does not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from lac_pipeline.errors import ConfigError, LacError, ReauthorizeError, RetryableError
from lac_pipeline.linkedin.oauth.tokens import Tokens

_MISTAKES = frozenset(range(400, 429)) - {408}
_NOTHING = Tokens(SecretStr(""))


def granted(response: httpx.Response, *, subject: str, now: datetime, before: Tokens = _NOTHING) -> Tokens:
    """Read the tokens of a response; a renewal changes only the fields that it returns.

    Args:
        response: of the OAuth service.
        subject: what was requested, such as `the sign-in`.
        now: when it arrived, aware UTC; LinkedIn returns seconds from then.
        before: the tokens that were renewed.

    Raises:
        RetryableError: the response was truncated in transit, or LinkedIn has a transient failure.
        LacError: LinkedIn refuses, see `accepted`.
    """
    body = accepted(response, subject=subject)
    access = body.get("access_token")
    if not isinstance(access, str) or not (access.isascii() and access.isprintable() and access.strip()):
        raise RetryableError(
            f"LinkedIn's response to {subject} holds no token",
            detail=f"200: a body of {response.headers.get('content-type', 'no type')}",
            meaning="LINKEDIN_OAUTH_URL is not the OAuth service, or the response was truncated in transit",
            fix="try again; if it stays, check LINKEDIN_OAUTH_URL",
        )
    given, end = body.get("refresh_token"), _after(body.get("refresh_token_expires_in"), now=now)
    refresh = SecretStr(given) if given and isinstance(given, str) else before.refresh
    return Tokens(
        access=SecretStr(access),
        refresh=refresh,
        access_expires_at=_after(body.get("expires_in"), now=now),
        refresh_expires_at=(end or before.refresh_expires_at) if refresh else None,
        scopes=scopes_of(body) or before.scopes,
        issued_at=now,
    )


def accepted(response: httpx.Response, *, subject: str) -> dict[str, Any]:
    """Read the body of a 200, empty where it is no JSON object.

    Raises:
        ConfigError: LinkedIn does not know the app, its secret or its redirect URI.
        ReauthorizeError: the code, the refresh token or the access token is not, or not any more, what it was.
        RetryableError: LinkedIn fails for the moment.
    """
    body = _object(response)
    if response.status_code != httpx.codes.OK:
        raise _refused(response.status_code, body, subject=subject)
    return body


def scopes_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The scopes that a response names; LinkedIn joins them with commas, others with spaces."""
    scope = body.get("scope")
    return tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else ()


def unreachable(subject: str, error: Exception) -> RetryableError:
    """Describe that the OAuth service did not respond."""
    return RetryableError(
        f"LinkedIn could not be reached for {subject}",
        detail=type(error).__name__,
        fix="check the network and LINKEDIN_OAUTH_URL, then try again",
    )


def _refused(status: int, body: Mapping[str, Any], *, subject: str) -> LacError:
    """Name a refusal; its words are OAuth's two fields and never an echo of what was sent."""
    words = ": ".join(str(body[name]) for name in ("error", "error_description") if body.get(name))
    detail = f"{status} {words}".strip()
    if status == httpx.codes.UNAUTHORIZED:
        return ConfigError(
            f"LinkedIn does not accept this app for {subject}",
            detail=detail,
            meaning="the client id or secret is wrong, or the redirect URI is not one that the app registered",
            fix="compare LINKEDIN_CLIENT_ID, LINKEDIN_CLIENT_SECRET, LINKEDIN_REDIRECT_URI with your app's tab Auth",
        )
    if status in _MISTAKES:
        return ReauthorizeError(
            f"LinkedIn does not accept {subject}",
            detail=detail,
            meaning="a code is good once and for 30 minutes; a refresh token for a year from the sign-in, unless it is "
            "revoked; each only with the app that it was made for",
            fix="run `lac auth login`",
        )
    return RetryableError(
        f"LinkedIn failed at {subject}",
        detail=detail,
        meaning="a transient failure on LinkedIn's side",
        fix="try again in a few minutes",
    )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _after(seconds: object, *, now: datetime) -> datetime | None:
    """Read an end given in seconds from now; None for what is no number: then the token counts until it is refused."""
    try:
        return None if seconds is None else now + timedelta(seconds=int(str(seconds)))
    except (ValueError, OverflowError):
        return None
