"""The bearer token: when it is renewed, by whom, and when a person must sign in again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from lac_pipeline.errors import ConfigError, LacError, ReauthorizeError, RetryableError
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.protocols import TokenLease
from lac_pipeline_tests.linkedin.doubles import ACCESS, NOW, REFRESH, TOKENS, Bench, Script, bench, refusal

pytestmark = pytest.mark.anyio

YEAR = timedelta(days=365)


def account() -> httpx.Response:
    """An account, as the API returns it."""
    return httpx.Response(200, json={"id": 5})


def grant(access: str = "fresh-access-token", *, more: dict[str, object] | None = None) -> httpx.Response:
    """A renewed token, as the OAuth service returns it."""
    body = {"access_token": access, "expires_in": 5_184_000, "token_type": "Bearer"}
    return httpx.Response(200, json=body | (more or {}))


def expired() -> httpx.Response:
    """LinkedIn's 401 for an expired token."""
    return refusal(401, "The token used in the request has expired", code="EXPIRED_ACCESS_TOKEN")


def revoked() -> httpx.Response:
    """LinkedIn's 401 for a revoked token, and for one that is seconds old."""
    message = "The token used in the request has been revoked by the user"
    return refusal(401, message, code="REVOKED_ACCESS_TOKEN", serviceErrorCode=65601)


def bearers(at: Bench) -> list[str]:
    """The access tokens sent to the API, in order."""
    api = [request for request in at.script.requests if "/oauth/" not in request.url.path]
    return [request.headers["Authorization"].removeprefix("Bearer ") for request in api]


async def test_a_good_token_is_sent_as_it_is() -> None:
    """Nothing is renewed while the token is good for more than five minutes."""
    at = bench(account())
    async with at.client() as client:
        await client.account(5)
    assert bearers(at) == [ACCESS]


@pytest.mark.parametrize("left", [timedelta(minutes=5), timedelta(0), -timedelta(days=1)])
async def test_a_token_near_its_end_is_renewed_before_it_is_sent(left: timedelta) -> None:
    """Within five minutes of its end the token is renewed first, so no request is wasted on a 401."""
    at = bench(grant(), account())
    at.tokens = FixedTokens(replace(TOKENS, access_expires_at=NOW + left))
    async with at.client() as client:
        await client.account(5)
    assert bearers(at) == ["fresh-access-token"]
    form = parse_qs(at.script.requests[0].content.decode())
    assert form == {
        "grant_type": ["refresh_token"],
        "refresh_token": [REFRESH],
        "client_id": ["86abc"],
        "client_secret": ["the-app-secret"],
    }


async def test_a_token_near_its_end_without_refresh_serves_to_its_end() -> None:
    """Without a refresh token the last minutes are still good."""
    at = bench(account())
    at.tokens = FixedTokens(Tokens(TOKENS.access, access_expires_at=NOW + timedelta(minutes=1)))
    async with at.client() as client:
        await client.account(5)
    assert bearers(at) == [ACCESS]


async def test_an_expired_token_without_refresh_needs_a_new_sign_in() -> None:
    """Nothing is sent with a token that is known to have ended."""
    at = bench()
    at.tokens = FixedTokens(Tokens(TOKENS.access, access_expires_at=NOW))
    async with at.client() as client:
        with pytest.raises(ReauthorizeError, match="lac auth login"):
            await client.account(5)


async def test_a_401_renews_once_and_sends_again() -> None:
    """A token that LinkedIn ended early is renewed and the same request goes out again, without a wait."""
    at = bench(expired(), grant(), account())
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5}]
    assert bearers(at) == [ACCESS, "fresh-access-token"]
    assert at.clock.waits == []
    assert at.ledger.calls == {("adAccounts", 5): 2}


async def test_a_fresh_token_is_given_time_to_be_known_everywhere() -> None:
    """LinkedIn's servers learn of a new token one after the other, so a 401 right after a renewal is waited out."""
    at = bench(expired(), grant(), expired(), expired(), account())
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5}]
    assert at.clock.waits == [10.0, 10.0]
    assert sum("/oauth/" in request.url.path for request in at.script.requests) == 1


@pytest.mark.parametrize("refresh", [TOKENS.refresh, None])
async def test_a_sign_in_is_given_time_to_be_known_everywhere(refresh: SecretStr | None) -> None:
    """A 401 right after a sign-in, of whatever process, is waited out, and the token is not renewed for it."""
    at = bench(revoked(), revoked(), account())
    at.tokens = FixedTokens(replace(TOKENS, refresh=refresh, issued_at=NOW - timedelta(seconds=30)))
    async with at.client() as client:
        assert (await client.account(5)).elements == [{"id": 5}]
    assert at.clock.waits == [10.0, 10.0]
    assert bearers(at) == [ACCESS] * 3


@pytest.mark.parametrize("age", [timedelta(minutes=3), timedelta(hours=-6)])
async def test_a_revoked_token_is_an_error_once_the_grace_is_over(age: timedelta) -> None:
    """Minutes after the sign-in, and by a clock that is hours behind the database's, a refusal is final at once."""
    at = bench(revoked())
    at.tokens = FixedTokens(replace(TOKENS, refresh=None, issued_at=NOW - age))
    async with at.client() as client:
        with pytest.raises(ReauthorizeError, match="revoked the access"):
            await client.account(5)
    assert at.clock.waits == []


async def test_a_stored_token_that_has_ended_is_renewed_however_fresh() -> None:
    """Only LinkedIn's error for a token that is too new leads to a wait; an expired token is renewed at once."""
    at = bench(expired(), grant(), account())
    at.tokens = FixedTokens(replace(TOKENS, issued_at=NOW - timedelta(seconds=30)))
    async with at.client() as client:
        await client.account(5)
    assert bearers(at) == [ACCESS, "fresh-access-token"]
    assert at.clock.waits == []


async def test_a_revocation_in_the_grace_is_found_when_it_ends() -> None:
    """A token that stays refused is final as soon as the grace is over, with attempts left."""
    at = bench(revoked(), revoked(), revoked())
    at.tokens = FixedTokens(replace(TOKENS, refresh=None, issued_at=NOW - timedelta(seconds=105)))
    async with at.client() as client:
        with pytest.raises(ReauthorizeError, match="revoked the access"):
            await client.account(5)
    assert at.clock.waits == [10.0, 10.0]


async def test_a_401_never_loops() -> None:
    """A token that stays refused is renewed once; after six requests the client gives up."""
    at = bench(expired(), grant(), *(expired() for _ in range(6)))
    async with at.client() as client:
        with pytest.raises(RetryableError, match="6 times in a row"):
            await client.account(5)
    assert sum("/oauth/" in request.url.path for request in at.script.requests) == 1


async def test_a_rotated_refresh_token_is_kept() -> None:
    """When LinkedIn hands out a new refresh token the old one may be dead, so the new one is stored."""
    store = FixedTokens(replace(TOKENS, access_expires_at=NOW))
    more = {"refresh_token": "rotated", "refresh_token_expires_in": 86_400, "scope": "r_ads,r_ads_reporting"}
    at = Bench(Script(grant(more=more), account()), tokens=store)
    async with at.client() as client:
        await client.account(5)
    assert store.tokens == Tokens(
        access=SecretStr("fresh-access-token"),
        refresh=SecretStr("rotated"),
        access_expires_at=NOW + timedelta(days=60),
        refresh_expires_at=NOW + timedelta(days=1),
        scopes=("r_ads", "r_ads_reporting"),
    )


async def test_without_a_new_refresh_token_the_old_one_stays() -> None:
    """A response without a refresh token does not end the old one, nor move its end."""
    store = FixedTokens(replace(TOKENS, access_expires_at=NOW, refresh_expires_at=NOW + YEAR, scopes=("r_ads",)))
    at = Bench(Script(grant(), account()), tokens=store)
    async with at.client() as client:
        await client.account(5)
    kept = store.tokens
    assert (kept.refresh, kept.refresh_expires_at, kept.scopes) == (SecretStr(REFRESH), NOW + YEAR, ("r_ads",))


@pytest.mark.parametrize(
    ("response", "error", "expected"),
    [
        (
            httpx.Response(400, json={"error": "invalid_request", "error_description": "The token has expired"}),
            ReauthorizeError,
            "400 invalid_request: The token has expired",
        ),
        (httpx.Response(401, json={"error": "invalid_client"}), ConfigError, "401 invalid_client"),
    ],
)
async def test_a_refused_renewal_names_the_fix(response: httpx.Response, error: type[LacError], expected: str) -> None:
    """A dead refresh token needs a person, a wrong client secret a setting."""
    at = Bench(Script(response), tokens=FixedTokens(replace(TOKENS, access_expires_at=NOW)))
    async with at.client() as client:
        with pytest.raises(error) as failure:
            await client.account(5)
    assert failure.value.detail == expected


@pytest.mark.parametrize("response", [httpx.Response(503, text="<html>"), httpx.ReadTimeout("slow"), grant(access="")])
async def test_a_failing_token_service_is_tried_again(response: httpx.Response | Exception) -> None:
    """A transient failure of the renewal is waited out like any other."""
    at = Bench(Script(response, grant(), account()), tokens=FixedTokens(replace(TOKENS, access_expires_at=NOW)))
    async with at.client() as client:
        await client.account(5)
    assert len(at.clock.waits) == 1


async def test_no_sign_in() -> None:
    """An empty store is an error that names the command."""

    class Empty(FixedTokens):
        def load(self) -> Tokens | None:
            return None

    at = Bench(Script(), tokens=Empty(TOKENS))
    async with at.client() as client:
        with pytest.raises(ReauthorizeError, match="no LinkedIn token is stored"):
            await client.account(5)


class SharedTokens(FixedTokens):
    """A store whose lock works across clients, as a row lock is across processes."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self._row = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[TokenLease]:
        """Wait for the other holder, as a database would."""
        with self._row:
            yield self


async def test_ten_clients_with_one_ended_token_renew_it_once() -> None:
    """The second client to get the lock finds the token already renewed, and the loop goes on while it waits."""
    store = SharedTokens(replace(TOKENS, access_expires_at=NOW))
    script = Script(grant(), *(account() for _ in range(10)))
    benches = [Bench(script, tokens=store) for _ in range(10)]

    async def fetch(at: Bench) -> None:
        async with at.client() as client:
            await client.account(5)

    await asyncio.wait_for(asyncio.gather(*(fetch(at) for at in benches)), timeout=300)
    assert sum("/oauth/" in request.url.path for request in script.requests) == 1
    assert set(bearers(benches[0])) == {"fresh-access-token"}
