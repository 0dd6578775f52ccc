"""Everything that LinkedIn may return instead of the requested data: the response, the error, and its text.

The account is 5, the moment 2026-11-20 12:00Z, the version 202609, the token one that cannot be renewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

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

SIGN_IN = "run `lac auth login`; if LINKEDIN_ACCESS_TOKEN is set, take it out of .env first, for it wins over that"


@dataclass(frozen=True)
class Case:
    """One kind of response, given as often as it is requested.

    Attributes:
        status: the HTTP status.
        body: JSON, or text of a web page.
        error: what is raised in the end.
        what: the first line of its message.
        detail: what it quotes.
        advice: the rest of its message.
        headers: of the response.
        waits: how long the client waits, in seconds, before each further request; none if it sends one request.
        jitter: by how much a wait may be longer than that.
        version: the API version that is requested with.
    """

    status: int
    body: Mapping[str, object] | str
    error: type[LinkedInError]
    what: str
    detail: str
    advice: str
    headers: Mapping[str, str] = field(default_factory=dict)
    waits: tuple[float, ...] = ()
    jitter: float = 1.5
    version: str = "202609"

    @property
    def message(self) -> str:
        """The whole message, as a person reads it."""
        return f"{self.what}\n  detail: {self.detail}\n{self.advice}"

    def response(self) -> httpx.Response:
        """LinkedIn's response."""
        if isinstance(self.body, str):
            return httpx.Response(self.status, text=self.body, headers={"content-type": "text/html", **self.headers})
        return httpx.Response(self.status, json={"status": self.status, **self.body}, headers=dict(self.headers))


BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0)
DAY = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
MINUTE = "Resource level throttle MEMBER MINUTE limit for calls to this resource is reached."
VALUES = "Your data request limit is reached. More than 45 million metric values were requested in a 5-minute window."
HTML = "<html><body>Error 504</body></html>"
PASSING = "  why:    a transient failure on LinkedIn's side\n  fix:    run the sync again in a few minutes"
CUT = "  why:    the response was cut on its way\n  fix:    run the sync again"
HURRY = (
    "  why:    too many requests at this moment\n"
    "  fix:    lower LINKEDIN_REQUESTS_PER_SECOND or LINKEDIN_MAX_CONCURRENCY if it happens often"
)
VALUES_SPENT = (
    "  why:    45 million metric values in five minutes are the most that LinkedIn returns to an application\n"
    "  fix:    choose fewer LAC_METRICS, or lower LINKEDIN_MAX_CONCURRENCY, if it happens often"
)
SPENT = (
    "  why:    quotas count per UTC day; an earlier request is refused and counted\n"
    "  fix:    nothing: the next sync after that time requests it; `lac usage` shows what used the quota"
)
WRONG = (
    "  why:    the API version does not support the request, or this client has a fault\n"
    "  fix:    check LINKEDIN_API_VERSION and LAC_METRICS; if they are right, report it with the line above"
)
NO_ROLE = (
    "  why:    the member has no role on the account, or the token lacks scope r_ads; rows of account 5 stay\n"
    "  fix:    get a role from an account manager in LinkedIn's Campaign Manager, then run `lac auth login`"
)
NO_ACCOUNT = (
    "  why:    the id is wrong, or LinkedIn hides the account from this token\n"
    "  fix:    run `lac auth status` to see the accounts this token reaches"
)
CASES = {
    "500": Case(
        500,
        {"code": "INTERNAL_ERROR", "message": "oops"},
        RetryableError,
        "LinkedIn failed during adAccounts of account 5, 6 times in a row",
        "500 INTERNAL_ERROR: oops [request r1]",
        PASSING,
        headers={"x-li-request-id": "r1"},
        waits=BACKOFF,
    ),
    "500 traced by its uuid": Case(
        500,
        {"message": "oops"},
        RetryableError,
        "LinkedIn failed during adAccounts of account 5, 6 times in a row",
        "500: oops [request u1]",
        PASSING,
        headers={"x-li-uuid": "u1"},
        waits=BACKOFF,
    ),
    "502 without a body": Case(
        502,
        "",
        RetryableError,
        "LinkedIn failed during adAccounts of account 5, 6 times in a row",
        "502: a body of text/html",
        PASSING,
        waits=BACKOFF,
    ),
    "503 with Retry-After": Case(
        503,
        {"code": "UNDER_MAINTENANCE", "message": "back soon"},
        RetryableError,
        "LinkedIn failed during adAccounts of account 5, 6 times in a row",
        "503 UNDER_MAINTENANCE: back soon",
        PASSING,
        headers={"retry-after": "7"},
        waits=(7.0, 7.0, 7.0, 7.0, 7.0),
        jitter=1.0,
    ),
    "504 as a web page": Case(
        504,
        HTML,
        RetryableError,
        "LinkedIn failed during adAccounts of account 5, 6 times in a row",
        "504: a body of text/html",
        PASSING,
        waits=BACKOFF,
    ),
    "408": Case(
        408,
        {"code": "REQUEST_TIMEOUT", "message": "slow"},
        RetryableError,
        "LinkedIn failed during adAccounts of account 5, 6 times in a row",
        "408 REQUEST_TIMEOUT: slow",
        PASSING,
        waits=BACKOFF,
    ),
    "200 as a web page": Case(
        200,
        HTML,
        RetryableError,
        "LinkedIn's response about adAccounts of account 5 is not readable, 6 times in a row",
        "200: 35 bytes of text/html; the response is kept in memory/6",
        CUT,
        waits=BACKOFF,
    ),
    "200 cut short": Case(
        200,
        '{"elements": [',
        RetryableError,
        "LinkedIn's response about adAccounts of account 5 is not readable, 6 times in a row",
        "200: 14 bytes of application/json; the response is kept in memory/6",
        CUT,
        headers={"content-type": "application/json"},
        waits=BACKOFF,
    ),
    "200 with nothing": Case(
        200,
        "",
        RetryableError,
        "LinkedIn's response about adAccounts of account 5 is not readable, 6 times in a row",
        "200: 0 bytes of text/html; the response is kept in memory/6",
        CUT,
        waits=BACKOFF,
    ),
    "200 with a list": Case(
        200,
        "[]",
        UnexpectedPayloadError,
        "LinkedIn's response about adAccounts of account 5 is no JSON object",
        "200: a JSON list; the response is kept in memory/1",
        "  why:    nothing of it was loaded; what was loaded before stays\n"
        "  fix:    check LINKEDIN_API_URL, then run the sync again",
    ),
    "429 of the second": Case(
        429,
        {"message": "Resource level throttle MEMBER SECOND limit for calls to this resource is reached."},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        "429: Resource level throttle MEMBER SECOND limit for calls to this resource is reached.",
        HURRY,
        waits=BACKOFF,
    ),
    "429 of the minute": Case(
        429,
        {"code": "TOO_MANY_REQUESTS", "serviceErrorCode": 101, "message": MINUTE},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        f"429 TOO_MANY_REQUESTS (101): {MINUTE}",
        HURRY,
        waits=BACKOFF,
    ),
    "429 without a body": Case(
        429,
        "",
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        "429: a body of text/html",
        HURRY,
        waits=BACKOFF,
    ),
    "429 with Retry-After": Case(
        429,
        {"message": MINUTE},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        HURRY,
        headers={"retry-after": "42"},
        waits=(42.0, 42.0, 42.0, 42.0, 42.0),
        jitter=1.0,
    ),
    "429 with a Retry-After date": Case(
        429,
        {"message": MINUTE},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        HURRY,
        headers={"retry-after": "Fri, 20 Nov 2026 12:00:09 GMT"},
        waits=(9.0, 2.7579544029403023, 4.84114316166169, 9.035667001171854, 20.09019777094887),
        jitter=1.0,
    ),
    "429 with a Retry-After of hours": Case(
        429,
        {"message": MINUTE},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        HURRY,
        headers={"retry-after": "86400"},
        waits=(600.0, 600.0, 600.0, 600.0, 600.0),
        jitter=1.0,
    ),
    "429 with a Retry-After that is none": Case(
        429,
        {"message": MINUTE},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        HURRY,
        headers={"retry-after": "soon"},
        waits=BACKOFF,
    ),
    "429 of 45 million values": Case(
        429,
        {"message": VALUES},
        RetryableError,
        "LinkedIn requires a pause before adAccounts of account 5, 6 times in a row",
        f"429: {VALUES}",
        VALUES_SPENT,
        waits=(330.0, 330.0, 330.0, 330.0, 330.0),
        jitter=1.0,
    ),
    "429 of the day": Case(
        429,
        {"code": "TOO_MANY_REQUESTS", "serviceErrorCode": 101, "message": DAY},
        QuotaSpentError,
        "LinkedIn's daily quota is spent: adAccounts of account 5 is refused until 2026-11-21 00:00Z",
        f"429 TOO_MANY_REQUESTS (101): {DAY}",
        SPENT,
    ),
    "429 of the day with Retry-After": Case(
        429,
        {"message": DAY},
        QuotaSpentError,
        "LinkedIn's daily quota is spent: adAccounts of account 5 is refused until 2026-11-21 00:00Z",
        f"429: {DAY}",
        SPENT,
        headers={"retry-after": "1"},
    ),
    "400": Case(
        400,
        {
            "code": "PARAM_INVALID",
            "message": "Invalid param",
            "errorDetails": {"inputErrors": [{"input": {"inputPath": {"fieldPath": "search"}}}]},
        },
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "400 PARAM_INVALID: Invalid param [at search]",
        WRONG,
    ),
    "401 expired": Case(
        401,
        {
            "code": "EXPIRED_ACCESS_TOKEN",
            "serviceErrorCode": 65602,
            "message": "The token used in the request has expired",
        },
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401 EXPIRED_ACCESS_TOKEN (65602): The token used in the request has expired",
        f"  why:    the access token has expired and could not be renewed\n  fix:    {SIGN_IN}",
    ),
    "401 revoked": Case(
        401,
        {
            "code": "REVOKED_ACCESS_TOKEN",
            "serviceErrorCode": 65601,
            "message": "The token used in the request has been revoked by the user",
        },
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401 REVOKED_ACCESS_TOKEN (65601): The token used in the request has been revoked by the user",
        f"  why:    the member revoked the access\n  fix:    {SIGN_IN}",
    ),
    "401 invalid": Case(
        401,
        {"code": "INVALID_ACCESS_TOKEN", "serviceErrorCode": 65600, "message": "Invalid access token"},
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401 INVALID_ACCESS_TOKEN (65600): Invalid access token",
        f"  why:    the access token is not valid, or not any more\n  fix:    {SIGN_IN}",
    ),
    "401 empty, by its number alone": Case(
        401,
        {"serviceErrorCode": 65604, "message": "Empty oauth2 access token"},
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401 (65604): Empty oauth2 access token",
        f"  why:    no access token was sent\n  fix:    {SIGN_IN}",
    ),
    "401 of a restricted member": Case(
        401,
        {"code": "RESTRICTED_MEMBER", "message": "Member is restricted"},
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401 RESTRICTED_MEMBER: Member is restricted",
        f"  why:    LinkedIn has restricted the member who signed in\n  fix:    {SIGN_IN}",
    ),
    "401 whose code and number differ": Case(
        401,
        {
            "code": "EXPIRED_ACCESS_TOKEN",
            "serviceErrorCode": 65600,
            "message": "The token used in the request has expired",
        },
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401 EXPIRED_ACCESS_TOKEN (65600): The token used in the request has expired",
        f"  why:    the access token has expired and could not be renewed\n  fix:    {SIGN_IN}",
    ),
    "401 as a web page": Case(
        401,
        HTML,
        ReauthorizeError,
        "LinkedIn does not accept the access token for adAccounts of account 5",
        "401: a body of text/html",
        f"  why:    the access token is not valid, or not any more\n  fix:    {SIGN_IN}",
    ),
    "403": Case(
        403,
        {
            "code": "ACCESS_DENIED",
            "serviceErrorCode": 100,
            "message": "Not enough permissions to access: adAccounts.GET.20260901",
        },
        PermissionMissingError,
        "LinkedIn does not let this token read adAccounts of account 5",
        "403 ACCESS_DENIED (100): Not enough permissions to access: adAccounts.GET.20260901",
        NO_ROLE,
    ),
    "403 in the old shape": Case(
        403,
        {"serviceErrorCode": 100, "message": "Not enough permissions"},
        PermissionMissingError,
        "LinkedIn does not let this token read adAccounts of account 5",
        "403 (100): Not enough permissions",
        NO_ROLE,
    ),
    "404": Case(
        404,
        {"code": "NOT_FOUND", "message": "No such account"},
        NotFoundError,
        "LinkedIn does not know adAccounts of account 5",
        "404 NOT_FOUND: No such account",
        NO_ACCOUNT,
    ),
    "405": Case(
        405,
        {"code": "METHOD_NOT_ALLOWED", "message": "Method POST is not supported here"},
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "405 METHOD_NOT_ALLOWED: Method POST is not supported here",
        WRONG,
    ),
    "411": Case(
        411,
        "",
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "411: a body of text/html",
        WRONG,
    ),
    "412": Case(
        412,
        {"code": "PRECONDITION_FAILED", "message": "etag"},
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "412 PRECONDITION_FAILED: etag",
        WRONG,
    ),
    "414": Case(
        414,
        HTML,
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "414: a body of text/html",
        WRONG,
    ),
    "426 of a version past its sunset": Case(
        426,
        {"code": "NONEXISTENT_VERSION", "message": "Requested version 20251101 is not active"},
        VersionSunsetError,
        "LinkedIn does not serve API version 202511",
        "426 NONEXISTENT_VERSION: Requested version 20251101 is not active",
        "  why:    it was sunset on 2026-11-16\n  fix:    set LINKEDIN_API_VERSION to 202609",
        version="202511",
    ),
    "426 of a revision past its sunset": Case(
        426,
        {"code": "NONEXISTENT_VERSION", "message": "Requested version 20251101 is not active"},
        VersionSunsetError,
        "LinkedIn does not serve API version 202511.02",
        "426 NONEXISTENT_VERSION: Requested version 20251101 is not active",
        "  why:    it was sunset on 2026-11-16\n  fix:    set LINKEDIN_API_VERSION to 202609",
        version="202511.02",
    ),
    "426 before the sunset": Case(
        426,
        {"code": "NONEXISTENT_VERSION", "message": "Requested version 20260901 is not active"},
        VersionSunsetError,
        "LinkedIn does not serve API version 202609",
        "426 NONEXISTENT_VERSION: Requested version 20260901 is not active",
        "  why:    it is not out yet, or was withdrawn; its sunset is to be on 2027-09-15\n"
        "  fix:    set LINKEDIN_API_VERSION to a version it serves",
    ),
    "426 of a version without a known sunset": Case(
        426,
        {"code": "NONEXISTENT_VERSION", "message": "Requested version 20300101 is not active"},
        VersionSunsetError,
        "LinkedIn does not serve API version 203001",
        "426 NONEXISTENT_VERSION: Requested version 20300101 is not active",
        "  why:    it is not out yet, or was withdrawn; its sunset is not known here\n"
        "  fix:    set LINKEDIN_API_VERSION to a version it serves",
        version="203001",
    ),
    "302": Case(
        302,
        "",
        UnexpectedPayloadError,
        "LinkedIn sent adAccounts of account 5 elsewhere",
        "302: a body of text/html",
        "  why:    LINKEDIN_API_URL is not the API itself, or a proxy in between requires something\n"
        "  fix:    check LINKEDIN_API_URL, and the proxy settings of this machine",
        headers={"location": "https://www.linkedin.com/login"},
    ),
}
