"""One table for everything LinkedIn may answer: what the client makes of it, in which words, and how often it asks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
import pytest

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
from lac_pipeline.linkedin.auth import FixedTokens
from lac_pipeline.tokens import Tokens
from lac_pipeline_tests.linkedin.doubles import ACCESS, CONFIG, TOKENS, Bench, Script, bench, refusal

pytestmark = pytest.mark.anyio

ONCE, SIX = 1, 6
BACKOFF = [1.0, 2.0, 4.0, 8.0, 16.0]
DAY = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
MINUTE = "Resource level throttle MEMBER MINUTE limit for calls to this resource is reached."
VALUES = "Your data request limit is reached. More than 45 million metric values were requested in a 5-minute window."
HTML = "<html><body>Error 504</body></html>"


@dataclass(frozen=True)
class Case:
    """One kind of answer and what becomes of it; `waits` are lower bounds, jitter adds up to half."""

    status: int
    error: type[LinkedInError]
    what: str
    said: str
    asked: int = ONCE
    body: dict[str, object] | str = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    exact: bool = False

    def answer(self) -> httpx.Response:
        """What LinkedIn answers."""
        if isinstance(self.body, str):
            return httpx.Response(self.status, text=self.body, headers={"content-type": "text/html", **self.headers})
        return refusal(self.status, headers=self.headers, **self.body)  # type: ignore[arg-type]  # JSON of any shape


CASES = {
    "500": Case(
        500,
        RetryableError,
        "LinkedIn failed while answering adAccounts of account 5, 6 times in a row",
        "500 INTERNAL_ERROR: oops [request r1]",
        asked=SIX,
        body={"code": "INTERNAL_ERROR", "message": "oops"},
        headers={"x-li-request-id": "r1"},
        waits=BACKOFF,
    ),
    "502 without a body": Case(
        502,
        RetryableError,
        "LinkedIn failed while answering adAccounts of account 5, 6 times in a row",
        "502: a body of text/html",
        asked=SIX,
        body="",
        waits=BACKOFF,
    ),
    "503 with Retry-After": Case(
        503,
        RetryableError,
        "LinkedIn failed while answering adAccounts of account 5, 6 times in a row",
        "503 UNDER_MAINTENANCE: back soon",
        asked=SIX,
        body={"code": "UNDER_MAINTENANCE", "message": "back soon"},
        headers={"retry-after": "7"},
        waits=[7.0] * 5,
        exact=True,
    ),
    "504 as a web page": Case(
        504,
        RetryableError,
        "LinkedIn failed while answering adAccounts of account 5, 6 times in a row",
        "504: a body of text/html",
        asked=SIX,
        body=HTML,
        waits=BACKOFF,
    ),
    "200 as a web page": Case(
        200,
        RetryableError,
        "LinkedIn's answer about adAccounts of account 5 is not readable, 6 times in a row",
        "200: 35 bytes of text/html",
        asked=SIX,
        body=HTML,
        waits=BACKOFF,
    ),
    "200 cut short": Case(
        200,
        RetryableError,
        "LinkedIn's answer about adAccounts of account 5 is not readable, 6 times in a row",
        "200: 14 bytes of application/json",
        asked=SIX,
        body='{"elements": [',
        headers={"content-type": "application/json"},
        waits=BACKOFF,
    ),
    "200 with nothing": Case(
        200,
        RetryableError,
        "LinkedIn's answer about adAccounts of account 5 is not readable, 6 times in a row",
        "200: 0 bytes of text/html",
        asked=SIX,
        body="",
        waits=BACKOFF,
    ),
    "200 with a list": Case(
        200,
        UnexpectedPayloadError,
        "LinkedIn's answer about adAccounts of account 5 is no JSON object",
        "",
        body="[]",
    ),
    "429 of the minute": Case(
        429,
        RetryableError,
        "LinkedIn asks for a pause before answering adAccounts of account 5, 6 times in a row",
        f"429 TOO_MANY_REQUESTS (101): {MINUTE}",
        asked=SIX,
        body={"code": "TOO_MANY_REQUESTS", "serviceErrorCode": 101, "message": MINUTE},
        waits=BACKOFF,
    ),
    "429 with Retry-After": Case(
        429,
        RetryableError,
        "LinkedIn asks for a pause before answering adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        asked=SIX,
        body={"message": MINUTE},
        headers={"retry-after": "42"},
        waits=[42.0] * 5,
        exact=True,
    ),
    "429 with a Retry-After date": Case(
        429,
        RetryableError,
        "LinkedIn asks for a pause before answering adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        asked=SIX,
        body={"message": MINUTE},
        headers={"retry-after": "Fri, 20 Nov 2026 12:00:09 GMT"},
        waits=[9.0, 0.0, 0.0, 0.0, 0.0],
        exact=True,
    ),
    "429 with a Retry-After of hours": Case(
        429,
        RetryableError,
        "LinkedIn asks for a pause before answering adAccounts of account 5, 6 times in a row",
        f"429: {MINUTE}",
        asked=SIX,
        body={"message": MINUTE},
        headers={"retry-after": "86400"},
        waits=[600.0] * 5,
        exact=True,
    ),
    "429 of 45 million values": Case(
        429,
        RetryableError,
        "LinkedIn asks for a pause before answering adAccounts of account 5, 6 times in a row",
        f"429: {VALUES}",
        asked=SIX,
        body={"message": VALUES},
        waits=[330.0] * 5,
        exact=True,
    ),
    "429 of the day": Case(
        429,
        QuotaSpentError,
        "LinkedIn's daily quota is spent: adAccounts of account 5 is not answered until 2026-11-21 00:00Z",
        f"429 TOO_MANY_REQUESTS (101): {DAY}",
        body={"code": "TOO_MANY_REQUESTS", "serviceErrorCode": 101, "message": DAY},
    ),
    "400": Case(
        400,
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "400 PARAM_INVALID: Invalid param [at search]",
        body={
            "code": "PARAM_INVALID",
            "message": "Invalid param",
            "errorDetails": {"inputErrors": [{"input": {"inputPath": {"fieldPath": "search"}}}]},
        },
    ),
    "414": Case(
        414,
        BadRequestError,
        "LinkedIn calls the request for adAccounts of account 5 wrong",
        "414: a body of text/html",
        body=HTML,
    ),
    "403": Case(
        403,
        PermissionMissingError,
        "LinkedIn does not let this token read adAccounts of account 5",
        "403 ACCESS_DENIED (100): Not enough permissions to access: adAccounts.GET.20260901",
        body={
            "code": "ACCESS_DENIED",
            "serviceErrorCode": 100,
            "message": "Not enough permissions to access: adAccounts.GET.20260901",
        },
    ),
    "404": Case(
        404,
        NotFoundError,
        "LinkedIn does not know adAccounts of account 5",
        "404 NOT_FOUND: No such account",
        body={"code": "NOT_FOUND", "message": "No such account"},
    ),
    "426": Case(
        426,
        VersionSunsetError,
        "LinkedIn does not serve API version 202609",
        "426 NONEXISTENT_VERSION: Requested version 20260901 is not active",
        body={"code": "NONEXISTENT_VERSION", "message": "Requested version 20260901 is not active"},
    ),
    "302": Case(
        302,
        UnexpectedPayloadError,
        "LinkedIn sent adAccounts of account 5 elsewhere",
        "302: a body of text/html",
        body="",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_an_answer_becomes_an_error_that_says_what_happens_next(case: Case) -> None:
    """Each answer has one error class, one wording, one number of requests and one kind of wait."""
    at = bench(*(case.answer() for _ in range(SIX)))
    async with at.client() as client:
        with pytest.raises(LinkedInError) as failure:
            await client.account(5)
    assert type(failure.value) is case.error
    assert failure.value.what == case.what
    assert (failure.value.said or "") == case.said
    assert len(at.script.requests) == case.asked
    assert len(at.clock.waits) == len(case.waits)
    highest = 1.0 if case.exact else 1.5
    assert all(least <= wait <= least * highest for wait, least in zip(at.clock.waits, case.waits, strict=True))


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (httpx.ConnectError("refused"), "ConnectError"),
        (httpx.ReadTimeout("slow"), "ReadTimeout"),
        (httpx.RemoteProtocolError("dropped"), "RemoteProtocolError"),
        (httpx.DecodingError("half a gzip"), "DecodingError"),
    ],
)
async def test_a_lost_connection_is_tried_again(failure: Exception, said: str) -> None:
    """No answer at all is a passing failure, and each wait is told."""
    at = bench(failure, httpx.Response(200, json={"id": 5}))
    async with at.client() as client:
        answered = await client.account(5)
    assert answered.elements == [{"id": 5}]
    assert at.lines == [f"LinkedIn did not answer adAccounts of account 5 ({said}): waiting 1 s before attempt 2 of 6"]


async def test_the_sunset_of_a_version_names_its_day_and_the_setting() -> None:
    """A dead version is fixed by one setting, so the message is that setting."""
    script = Script(refusal(426, "Requested version 20251101 is not active"))
    at = Bench(script, config=replace(CONFIG, version="202511"))
    async with at.client() as client:
        with pytest.raises(VersionSunsetError) as failure:
            await client.account(5)
    assert failure.value.means == "it was sunset on 2026-11-16"
    assert failure.value.fix == "set LINKEDIN_API_VERSION to 202609"


async def test_a_spent_day_quota_is_remembered_and_not_asked_again() -> None:
    """After a DAY 429 the endpoint is silent until midnight UTC, in other clients on the same ledger too."""
    first = bench(refusal(429, DAY))
    async with first.client() as client:
        with pytest.raises(QuotaSpentError) as failure:
            await client.account(5)
    assert failure.value.until == datetime(2026, 11, 21, tzinfo=UTC)
    second = bench(httpx.Response(200, json={"id": 5}))
    second.ledger = first.ledger
    async with second.client() as client:
        with pytest.raises(QuotaSpentError):
            await client.account(5)
        assert client.calls == 0
        second.clock.now = datetime(2026, 11, 21, tzinfo=UTC)
        assert (await client.account(5)).elements == [{"id": 5}]


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("REVOKED_ACCESS_TOKEN", "the member revoked the access"),
        ("EXPIRED_ACCESS_TOKEN", "the access token has expired and could not be renewed"),
        ("INVALID_ACCESS_TOKEN", "the access token is not valid, or not any more"),
        ("RESTRICTED_MEMBER", "LinkedIn has restricted the member who signed in"),
    ],
)
async def test_a_refused_token_without_a_refresh_token_asks_for_a_new_sign_in(code: str, means: str) -> None:
    """A 401 says why, by LinkedIn's code, and names the command."""
    at = bench(refusal(401, "The token is refused", code=code))
    at.tokens = FixedTokens(Tokens(TOKENS.access))
    async with at.client() as client:
        with pytest.raises(ReauthorizeError) as failure:
            await client.account(5)
    assert (failure.value.means, failure.value.fix) == (means, "run `lac auth login`")


async def test_a_token_that_linkedin_quotes_is_taken_out_of_the_error() -> None:
    """Nothing of a token reaches an error or a line of progress."""
    at = bench(refusal(500, f"cannot verify {ACCESS}"), refusal(400, f"bad {ACCESS}"))
    async with at.client() as client:
        with pytest.raises(BadRequestError) as failure:
            await client.account(5)
    assert failure.value.said == "400: bad [token]"
    assert ACCESS not in "".join(at.lines)


async def test_one_accounts_refusal_says_that_its_rows_stay() -> None:
    """A 403 is about one account, and its loaded rows are not lost."""
    at = bench(refusal(403, "no"))
    async with at.client() as client:
        with pytest.raises(PermissionMissingError, match="rows of account 5 stay"):
            await client.account(5)
