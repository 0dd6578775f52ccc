"""From LinkedIn's response to what happens next: one mapping of status, code and body to an error.

Source: LinkedIn's "Error responses" and "API error handling" pages. `code` decides, then `serviceErrorCode`, then the
status. The message is free to change and read for one thing only: whether a 429 is about the day or about the moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from msgspec import Struct

from lac_pipeline.errors import (
    BadRequestError,
    LinkedInError,
    NotFoundError,
    PermissionMissingError,
    QuotaSpentError,
    ReauthorizeError,
    RetryableError,
    UnexpectedPayloadError,
    VersionSunsetError,
)
from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION, sunset_of
from lac_pipeline.linkedin.bodies import json_object, media_type, trace
from lac_pipeline.windows import ONE_DAY

DATA_THROTTLE_WAIT = timedelta(seconds=330)
"""LinkedIn counts metric values over five minutes; the wait is half a minute longer."""

_PASSING = frozenset({408, 500, 502, 503, 504})
_DAY_QUOTA = re.compile(r"\bDAY\b")
_DATA_THROTTLE = re.compile(r"45 million|metric values", re.IGNORECASE)
_SHOWN = 300
_MOST_VALUES = "45 million metric values in five minutes are the most that LinkedIn returns to an application"
_FEWER = "choose fewer LAC_METRICS, or lower LINKEDIN_MAX_CONCURRENCY,"
_SLOWER = "lower LINKEDIN_REQUESTS_PER_SECOND or LINKEDIN_MAX_CONCURRENCY"


class Refusal(Struct, frozen=True):
    """What is known of an error response.

    Attributes:
        subject: what was requested, such as `adAnalytics of account 510000001`.
        account_id: the account of the request, if there is exactly one.
        status: HTTP status.
        code: LinkedIn's `code`, or empty.
        message: LinkedIn's `message`, or empty.
        detail: status, code, message and request id in one line.
        version: the `LinkedIn-Version` that was sent.
        at: when it arrived, aware UTC.
        retry_after: the wait LinkedIn requested, which it rarely does.
    """

    subject: str
    account_id: int | None
    status: int
    code: str
    message: str
    detail: str
    version: str
    at: datetime
    retry_after: timedelta | None


def refusal(response: httpx.Response, *, subject: str, account_id: int | None, version: str, at: datetime) -> Refusal:
    """Read what can be read of a response that is not a 200: JSON, HTML or empty."""
    body = json_object(response)
    code, message = _text(body, "code"), _text(body, "message")[:_SHOWN]
    number = body.get("serviceErrorCode")
    numbered = f"({number})" if isinstance(number, int) and number else ""
    label = " ".join(str(part) for part in (response.status_code, code, numbered) if part)
    text = message or f"a body of {media_type(response)}"
    return Refusal(
        subject=subject,
        account_id=account_id,
        status=response.status_code,
        code=code or (_CODE_OF_NUMBER.get(number, "") if isinstance(number, int) else ""),
        message=message,
        detail=f"{label}: {text}{_details(body)}{trace(response)}",
        version=version,
        at=at,
        retry_after=_retry_after(response, at=at),
    )


def error_from(refused: Refusal) -> LinkedInError:
    """Name the error, and with it what happens next, for a refusal."""
    if refused.status in _PASSING:
        return _passing(refused)
    return _ERRORS.get(refused.status, _bad_request)(refused)


def _passing(refused: Refusal) -> LinkedInError:
    return RetryableError(
        f"LinkedIn failed during {refused.subject}",
        detail=refused.detail,
        meaning="a transient failure on LinkedIn's side",
        fix="run the sync again in a few minutes",
        retry_after=refused.retry_after,
    )


def _bad_request(refused: Refusal) -> LinkedInError:
    if refused.status < 400:
        return UnexpectedPayloadError(
            f"LinkedIn sent {refused.subject} elsewhere",
            detail=refused.detail,
            meaning="LINKEDIN_API_URL is not the API itself, or a proxy in between requires something",
            fix="check LINKEDIN_API_URL, and the proxy settings of this machine",
        )
    return BadRequestError(
        f"LinkedIn calls the request for {refused.subject} wrong",
        detail=refused.detail,
        meaning="the API version does not support the request, or this client has a fault",
        fix="check LINKEDIN_API_VERSION and LAC_METRICS; if they are right, report it with the line above",
    )


def _unauthorized(refused: Refusal) -> LinkedInError:
    reasons = {
        "EXPIRED_ACCESS_TOKEN": "the access token has expired and could not be renewed",
        "REVOKED_ACCESS_TOKEN": "the member revoked the access",
        "RESTRICTED_MEMBER": "LinkedIn has restricted the member who signed in",
        "EMPTY_ACCESS_TOKEN": "no access token was sent",
    }
    return ReauthorizeError(
        f"LinkedIn does not accept the access token for {refused.subject}",
        detail=refused.detail,
        meaning=reasons.get(refused.code, "the access token is not valid, or not any more"),
        fix="run `lac auth login`; if LINKEDIN_ACCESS_TOKEN is set, take it out of .env first, for it wins over that",
    )


def _forbidden(refused: Refusal) -> LinkedInError:
    scope = next((scope for resource, scope in _SCOPES if refused.subject.startswith(resource)), "r_ads")
    of_account = f" of account {refused.account_id}" if refused.account_id else ""
    return PermissionMissingError(
        f"LinkedIn does not let this token read {refused.subject}",
        detail=refused.detail,
        meaning=f"the member has no role on the account, or the token lacks scope {scope}; rows{of_account} stay",
        fix="get a role from an account manager in LinkedIn's Campaign Manager, then run `lac auth login`",
    )


def _not_found(refused: Refusal) -> LinkedInError:
    return NotFoundError(
        f"LinkedIn does not know {refused.subject}",
        detail=refused.detail,
        meaning="the id is wrong, or LinkedIn hides the account from this token",
        fix="run `lac auth status` to see the accounts this token reaches",
    )


def _sunset(refused: Refusal) -> LinkedInError:
    day = sunset_of(refused.version)
    newer = DEFAULT_VERSION if refused.version.partition(".")[0] < DEFAULT_VERSION else "a version it serves"
    return VersionSunsetError(
        f"LinkedIn does not serve API version {refused.version}",
        detail=refused.detail,
        meaning=_end_of_version(day, today=refused.at.date()),
        fix=f"set LINKEDIN_API_VERSION to {newer}",
    )


def _end_of_version(day: date | None, *, today: date) -> str:
    if day is not None and day <= today:
        return f"it was sunset on {day}"
    known = "its sunset is not known here" if day is None else f"its sunset is to be on {day}"
    return f"it is not out yet, or was withdrawn; {known}"


def _too_many(refused: Refusal) -> LinkedInError:
    if _DAY_QUOTA.search(refused.message):
        until = datetime.combine(refused.at.date() + ONE_DAY, datetime.min.time(), tzinfo=refused.at.tzinfo)
        return quota_spent(refused.subject, until=until, detail=refused.detail)
    values = bool(_DATA_THROTTLE.search(refused.message))
    return RetryableError(
        f"LinkedIn requires a pause before {refused.subject}",
        detail=refused.detail,
        meaning=_MOST_VALUES if values else "too many requests at this moment",
        fix=f"{_FEWER if values else _SLOWER} if it happens often",
        retry_after=refused.retry_after or (DATA_THROTTLE_WAIT if values else None),
    )


def quota_spent(subject: str, *, until: datetime, detail: str | None = None) -> QuotaSpentError:
    """Describe that the day's quota is spent; no request is sent until then."""
    return QuotaSpentError(
        f"LinkedIn's daily quota is spent: {subject} is refused until {until:%Y-%m-%d %H:%M}Z",
        until=until,
        detail=detail,
        meaning="quotas count per UTC day; an earlier request is refused and counted",
        fix="nothing: the next sync after that time requests it; `lac usage` shows what used the quota",
    )


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _details(body: dict[str, Any]) -> str:
    errors = _below(body, "errorDetails", "inputErrors")
    paths = [_below(error, "input", "inputPath", "fieldPath") for error in errors] if isinstance(errors, list) else []
    named = ", ".join(path for path in paths if isinstance(path, str) and path)
    return f" [at {named[:_SHOWN]}]" if named else ""


def _below(value: object, *path: str) -> object:
    """Follow a path of names; None where it leads nowhere."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _retry_after(response: httpx.Response, *, at: datetime) -> timedelta | None:
    value = response.headers.get("retry-after", "")
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=int(value))
        return max(parsedate_to_datetime(value) - at, timedelta(0))
    except (ValueError, TypeError, OverflowError):
        return None


_SCOPES = (("adAnalytics", "r_ads_reporting"), ("leadFormResponses", "r_marketing_leadgen_automation"))
"""The OAuth scopes of resources that need another one than most."""

_CODE_OF_NUMBER = {
    65600: "INVALID_ACCESS_TOKEN",
    65601: "REVOKED_ACCESS_TOKEN",
    65602: "EXPIRED_ACCESS_TOKEN",
    65604: "EMPTY_ACCESS_TOKEN",
}

_ERRORS: dict[int, Callable[[Refusal], LinkedInError]] = {
    401: _unauthorized,
    403: _forbidden,
    404: _not_found,
    426: _sunset,
    429: _too_many,
}
