"""One table for every response of LinkedIn: the client's error, its text, and the number of requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from lac_pipeline.defs.event_wording import line_of
from lac_pipeline.errors import (
    BadRequestError,
    IncompleteResponseError,
    LinkedInError,
    PermissionMissingError,
    QuotaSpentError,
    RetryableError,
    UnreachableError,
    VersionSunsetError,
)
from lac_pipeline.linkedin.events import Waiting
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline_tests.linkedin.doubles import ACCESS, CONFIG, TOKENS, Bench, Script, bench, refusal
from lac_pipeline_tests.linkedin.failure_table import CASES, DAY, Case

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_refusal_becomes_an_error_by_what_happens_next(case: Case) -> None:
    """Each response has one error class, one message in four parts, one number of requests and one kind of wait."""
    script = Script(*(case.response() for _ in range(6)))
    tokens = FixedTokens(Tokens(TOKENS.access))
    at = Bench(script, tokens=tokens, config=replace(CONFIG, version=case.version))
    async with at.client() as client:
        with pytest.raises(LinkedInError) as failure:
            await client.account(5)
    assert type(failure.value) is case.error
    assert str(failure.value) == case.message
    assert len(script.requests) == 1 + len(case.waits)
    assert len(at.clock.waits) == len(case.waits)
    waits = zip(at.clock.waits, case.waits, strict=True)
    assert all(least <= wait <= least * case.jitter for wait, least in waits)


def test_the_table_knows_every_status_that_linkedin_documents() -> None:
    """Whatever status LinkedIn's error pages name has a row, and every kind of error is the end of one."""
    documented = {400, 401, 403, 404, 405, 408, 411, 412, 414, 426, 429, 500, 503, 504}
    assert documented <= {case.status for case in CASES.values()}
    endings = set(LinkedInError.__subclasses__()) - {IncompleteResponseError}
    assert {case.error for case in CASES.values()} == endings


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (httpx.ConnectError("refused"), "ConnectError"),
        (httpx.ReadTimeout("slow"), "ReadTimeout"),
        (httpx.RemoteProtocolError("dropped"), "RemoteProtocolError"),
        (httpx.DecodingError("half a gzip"), "DecodingError"),
    ],
)
async def test_a_lost_connection_is_tried_again(failure: Exception, expected: str) -> None:
    """No response at all is a transient failure, and each wait is reported."""
    at = bench(failure, httpx.Response(200, json={"id": 5}))
    async with at.client() as client:
        record = await client.account(5)
    assert record.elements == [{"id": 5}]
    [event] = at.events
    assert isinstance(event, Waiting)
    assert (event.detail, event.attempt, event.attempts) == (expected, 2, 6)
    assert at.clock.waits == [event.seconds]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(httpx.ConnectError("refused"), UnreachableError), (httpx.ReadTimeout("slow"), RetryableError)],
)
async def test_an_unreachable_server_is_distinguished(failure: Exception, kind: type[RetryableError]) -> None:
    """No connection at all ends a sync of many accounts; one response that is too slow ends only its own account's."""
    at = bench(*[failure] * 6)
    async with at.client() as client:
        with pytest.raises(RetryableError, match="6 times in a row") as given_up:
            await client.account(5)
    assert type(given_up.value) is kind


async def test_the_sunset_of_a_version_names_its_day_and_the_setting() -> None:
    """A dead version is fixed by one setting, so the message is that setting."""
    script = Script(refusal(426, "Requested version 20251101 is not active"))
    at = Bench(script, config=replace(CONFIG, version="202511"))
    async with at.client() as client:
        with pytest.raises(VersionSunsetError) as failure:
            await client.account(5)
    text = str(failure.value)
    assert [part for part in ("202511", "2026-11-16", "LINKEDIN_API_VERSION to 202609") if part not in text] == []


async def test_a_spent_day_quota_is_remembered_and_not_requested_again() -> None:
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


async def test_a_token_that_linkedin_quotes_is_taken_out_of_the_error() -> None:
    """Nothing of a token reaches an error or a line of progress."""
    at = bench(refusal(500, f"cannot verify {ACCESS}"), refusal(400, f"bad {ACCESS}"))
    async with at.client() as client:
        with pytest.raises(BadRequestError) as failure:
            await client.account(5)
    assert failure.value.detail == "400: bad [token]"
    assert at.events
    assert ACCESS not in "".join(map(line_of, at.events))


async def test_one_accounts_refusal_shows_that_its_rows_stay() -> None:
    """A 403 is about one account, and its loaded rows are not lost."""
    at = bench(refusal(403, "no"))
    async with at.client() as client:
        with pytest.raises(PermissionMissingError, match="rows of account 5 stay"):
            await client.account(5)
