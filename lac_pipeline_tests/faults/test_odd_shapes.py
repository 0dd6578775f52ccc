"""Refusals, tokens, names, totals and lists of campaigns of any shape: an error in four parts, or nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.checks.account_totals import account_totals
from lac_pipeline.errors import LacError, LinkedInError, UnexpectedPayloadError
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.authorization_code import OAuthClient
from lac_pipeline.linkedin.oauth.token_response import granted
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import resource_of
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.faults.alterations import BODIES, VALUES, alterations, paths, written
from lac_pipeline_tests.linkedin.doubles import CONFIG, NOW, Bench, Script, bench
from lac_pipeline_tests.models.linkedin_records import ACCOUNT_ID

pytestmark = pytest.mark.anyio

WINDOW = DateWindow(NOW.date() - timedelta(days=9), NOW.date())
DAY = {"year": 2026, "month": 11, "day": 12}
REFUSAL = {
    "status": 400,
    "code": "ILLEGAL_ARGUMENT",
    "serviceErrorCode": 100,
    "message": "wrong",
    "errorDetails": {"inputErrors": [{"input": {"inputPath": {"fieldPath": "pivot"}}}]},
}
WAITS = (
    "",
    "soon",
    "-1",
    "9" * 30,
    "9" * 5000,
    "1e9",
    "Thu, 99 Nov 2026 00:00:00 GMT",
    "Thu, 01 Jan 99999 00:00:00 GMT",
)


def altered(body: dict[str, Any]) -> Iterator[bytes]:
    """The body with each place in it altered in turn, and bodies that are something else."""
    for path in paths(body):
        for value in VALUES:
            changed = json.loads(json.dumps(body))
            place = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
            yield written(changed)
    yield from BODIES


class Always(Script):
    """A network that returns the same response to every read."""

    def __init__(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.status, self.content, self.headers = status, content, headers or {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Give it."""
        return httpx.Response(self.status, content=self.content, headers=self.headers)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 426, pytest.param(429, marks=pytest.mark.whole), 500])
async def test_a_refusal_of_any_shape_is_an_error_that_names_the_request(status: int) -> None:
    """Whatever stands in the body of a refusal, its status decides, and the error names endpoint and account."""
    network = Always(status, b"")
    async with Bench(network, tokens=FixedTokens(Tokens(SecretStr("t")))).client() as client:
        for network.content in altered(REFUSAL):
            with pytest.raises(LinkedInError) as refused:
                await client.account(5)
            assert "adAccounts of account 5" in refused.value.summary or status == 426
            assert refused.value.meaning
            assert refused.value.fix


@pytest.mark.parametrize("wait", WAITS)
async def test_an_odd_wait_is_no_wait(wait: str) -> None:
    """A Retry-After that says no bearable time leaves the client's own waits, each ten minutes at most."""
    at = Bench(Always(429, b"{}", {"retry-after": wait}))
    async with at.client() as client:
        with pytest.raises(LinkedInError, match="6 times in a row"):
            await client.account(5)
    assert len(at.clock.waits) == 5
    assert max(at.clock.waits) <= 600


GRANT = {
    "access_token": "AQX",
    "expires_in": 5184000,
    "refresh_token": "AQW",
    "refresh_token_expires_in": 31536000,
    "scope": "r_ads,r_ads_reporting",
}


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_a_grant_of_any_shape_is_read_or_refused(status: int) -> None:
    """Whatever the token service returns gives tokens that can be sent, or an error; never an exception of Python's."""
    for content in altered(GRANT):
        with suppress(LacError):
            tokens = granted(httpx.Response(status, content=content), subject="the sign-in", now=NOW)
            assert httpx.Headers({"authorization": f"Bearer {tokens.access.get_secret_value()}"})


def test_the_state_of_a_token_is_read_or_left_open() -> None:
    """Odd responses about the state of a token end in a state, or in an error in four parts."""
    state = {"active": True, "status": "active", "expires_at": 1800000000, "scope": "r_ads"}
    with SimulatorServer(World.synthetic(accounts=1, campaigns=1, creatives=1, days=1)) as simulator:
        world = simulator.world
        service = OAuthClient(simulator.url, client_id="86abc", client_secret=SecretStr("secret"), clock=utc_now)
        for content in [*BODIES[:10], *(written({**state, name: value}) for name in state for value in VALUES)]:
            world.faults.clear()
            world.faults.add("introspectToken", kind="status", status=200, body=content.decode("latin-1"))
            assert service.introspect(SecretStr("token")).status


NAMED = {
    "elements": [{"urn": f"urn:li:industry:{n}", "name": f"Industry {n}"} for n in (1, 2)],
    "metadata": {},
}


async def test_a_name_of_any_shape_costs_no_other_name() -> None:
    """Of names that LinkedIn tells in an odd form the others are kept."""
    for alteration in alterations(NAMED):
        async with Bench(Always(200, alteration.body)).client() as client:
            lookup = await client.names(["urn:li:industry:1", "urn:li:industry:2"])
            assert alteration.elements is None or lookup.failed or lookup.found["urn:li:industry:2"] == "Industry 2"
            assert all(isinstance(name, str) for name in lookup.found.values())


def total(**changes: object) -> dict[str, Any]:
    """A row of an account's totals."""
    own = {"dateRange": {"start": DAY, "end": DAY}, "pivotValues": [f"urn:li:sponsoredAccount:{ACCOUNT_ID}"]}
    return {**own, "impressions": 7, "costInLocalCurrency": "1.5", **changes}


async def test_totals_of_any_shape_are_read_or_refused() -> None:
    """A total that cannot be read is an error that names the response: no number is guessed to compare with."""
    settings = Settings.model_construct(lac_metrics="impressions,costInLocalCurrency", linkedin_api_version="202609")
    for content in altered({"elements": [total()], "metadata": {}}):
        async with Bench(Always(200, content)).client() as client:
            refused: LinkedInError | None = None
            try:
                read = await account_totals(client, ACCOUNT_ID, WINDOW, settings)
            except LinkedInError as error:
                refused = error
        if refused is not None:
            assert "adAnalytics of account" in refused.summary
            assert "memory/" in (refused.detail or "")
        else:
            numbers = [value for totals in (*read.days.values(), read.whole) for value in totals.values()]
            assert all(value is None or value.is_finite() for value in numbers)


def campaign_row(number: object, metric: str = "clicks") -> dict[str, Any]:
    """A row of one campaign."""
    return {"dateRange": {"start": DAY, "end": DAY}, "pivotValues": [number], metric: 1}


@pytest.mark.parametrize(
    "odd", [None, "text", {}, campaign_row(None), campaign_row("urn:li:sponsoredCampaign:x"), campaign_row("9" * 5000)]
)
async def test_a_campaign_that_cannot_be_read_is_missing_from_no_part(odd: object) -> None:
    """Rows by campaign are complete only if every campaign's id was read, so an unreadable id ends the read."""
    cut = [campaign_row(f"urn:li:sponsoredCampaign:{n}") for n in (1, 2)]
    found = [campaign_row("urn:li:sponsoredCampaign:1"), odd]
    script = Script(*(httpx.Response(200, json={"elements": elements}) for elements in (cut, found)))
    config = replace(CONFIG, analytics_cap=2)
    one_day = DateWindow(datetime(2026, 11, 12, tzinfo=UTC).date(), datetime(2026, 11, 13, tzinfo=UTC).date())
    async with Bench(script, config=config).client() as client:
        pages = client.analytics(5, pivot="CREATIVE", granularity="DAILY", window=one_day, metrics=[BY_NAME["clicks"]])
        with pytest.raises(LinkedInError):
            _ = [page async for page in pages]


async def test_an_element_without_a_key_among_ten_is_kept() -> None:
    """A default page of ten is requested again, whatever its elements are, and none gets lost."""
    rows: list[object] = [campaign_row(f"urn:li:sponsoredCampaign:{n}") for n in range(1, 10)]
    first = httpx.Response(200, json={"elements": [*rows, None], "paging": {"count": 10}})
    again = httpx.Response(200, json={"elements": [*rows, None, None]})
    at = bench(first, again)
    async with at.client() as client:
        pages = client.analytics(5, pivot="CAMPAIGN", granularity="DAILY", window=WINDOW, metrics=[BY_NAME["clicks"]])
        elements = [element async for page in pages for element in page.elements]
    assert elements == [*rows, None, None]


async def test_tokens_of_pages_are_text() -> None:
    """A number or an object where the next page's token stands is no end of the list."""
    odd: list[object] = [5, {}, [], True]
    for token in odd:
        at = bench(httpx.Response(200, json={"elements": [], "metadata": {"nextPageToken": token}}))
        async with at.client() as client:
            with pytest.raises(UnexpectedPayloadError, match="adCampaigns of account 5 has no paging metadata"):
                _ = [page async for page in client.records(resource_of("campaigns"), 5)]
