"""What goes out and what is left behind: headers, tunnelled queries, the archive, the ledger, waiting for a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.errors import RetryableError
from lac_pipeline.streams import resource_of
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.linkedin.doubles import ACCESS, CONFIG, NOW, Bench, Script, bench, page, refusal

pytestmark = pytest.mark.anyio


async def test_every_request_names_its_version_and_protocol() -> None:
    """Without the version LinkedIn returns 400, without the protocol it reads the query as Rest.li 1.0."""
    at = bench(httpx.Response(200, json={"id": 5}))
    async with at.client() as client:
        await client.account(5)
    [request] = at.script.requests
    expected = {
        "LinkedIn-Version": "202609",
        "X-Restli-Protocol-Version": "2.0.0",
        "Accept": "application/json",
        "Authorization": f"Bearer {ACCESS}",
    }
    assert {name: request.headers[name] for name in expected} == expected
    assert (request.method, request.url.raw_path) == ("GET", b"/rest/adAccounts/5")


async def test_an_analytics_query_goes_out_byte_for_byte() -> None:
    """What the encoder wrote is what LinkedIn reads."""
    at = bench(page())
    window = DateWindow.inclusive(date(2026, 10, 1), date(2026, 10, 31))
    async with at.client() as client:
        _ = [
            batch
            async for batch in client.analytics(5, pivot="CAMPAIGN", granularity="DAILY", window=window, metrics=())
        ]
    assert at.script.requests[0].url.raw_path.decode() == (
        "/rest/adAnalytics?q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY"
        "&dateRange=(start:(year:2026,month:10,day:1),end:(year:2026,month:10,day:31))"
        "&accounts=List(urn%3Ali%3AsponsoredAccount%3A5)&fields=dateRange,pivotValues"
    )


async def test_a_long_query_is_tunnelled() -> None:
    """Above 4,000 characters the query goes in the body of a POST whose header declares a GET, so 414 cannot happen."""
    at = bench(page())
    urns = [f"urn:li:title:{'9' * 80}{n}" for n in range(50)]
    async with at.client() as client:
        await client.names(urns)
    [request] = at.script.requests
    assert request.method == "POST"
    assert request.url.query == b""
    assert request.headers["X-HTTP-Method-Override"] == "GET"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.content.startswith(b"q=urns&queryVersion=QUERY_USES_URNS&urns=List(urn%3Ali%3Atitle%3A9")


@given(st.lists(st.integers(1, 10**30), max_size=60, unique=True))
def test_no_url_is_ever_longer_than_linkedin_takes(numbers: list[int]) -> None:
    """Every URL stays below the 4,096 characters from which LinkedIn returns 414."""
    at = bench(*(page() for _ in range(2)))

    async def fetch() -> None:
        async with at.client() as client:
            await client.names([f"urn:li:title:({number},{number})" for number in numbers])

    asyncio.run(fetch())
    assert all(len(request.url.query) <= 4000 for request in at.script.requests)
    tunnelled = [request for request in at.script.requests if request.method == "POST"]
    assert all(len(request.content) > 4000 and not request.url.query for request in tunnelled)


async def test_every_response_is_kept_before_it_is_read() -> None:
    """Refusals and unreadable responses are kept too, each with its request and without its token."""
    at = bench(refusal(500, "oops"), httpx.Response(200, text="{cut", headers={"set-cookie": "a=b"}), page({"id": 1}))
    async with at.client() as client:
        [responses] = [record async for record in client.records(resource_of("campaigns"), 5)]
    assert responses.sources == ("memory/3",)
    assert [kept.status for kept in at.archive.exchanges] == [500, 200, 200]
    kept = at.archive.exchanges[1]
    assert (kept.endpoint, kept.account_id, kept.method) == ("adCampaigns", 5, "GET")
    assert (kept.path, kept.query) == ("/rest/adAccounts/5/adCampaigns", "q=search&pageSize=1000")
    assert (kept.body, kept.version) == (b"{cut", "202609")
    assert "set-cookie" not in kept.headers
    assert ACCESS not in repr(at.archive.exchanges)


async def test_requests_are_counted_as_they_are_sent() -> None:
    """Quotas count every request, so the ledger counts retries too, by endpoint and account."""
    at = bench(refusal(503), page(token="t"), page(), refusal(503), httpx.Response(200, json={"id": 7}))
    async with at.client() as client:
        _ = [record async for record in client.records(resource_of("creatives"), 5)]
        await client.account(7)
        assert client.calls == 5
    assert at.ledger.calls == {("creatives", 5): 3, ("adAccounts", 7): 2}


async def test_a_client_without_a_ledger_remembers_a_spent_quota_itself() -> None:
    """Without a database the quota is remembered for the process."""
    at = bench(refusal(429, "Resource level throttle MEMBER DAY limit for calls to this resource is reached."))
    at.ledger = None  # type: ignore[assignment]  # as a client without storage has it
    async with at.client() as client:
        for _ in range(2):
            with pytest.raises(Exception, match="refused until 2026-11-21 00:00Z"):
                await client.account(5)
    assert len(at.script.requests) == 1


async def test_a_response_that_trickles_is_given_up() -> None:
    """Bytes that keep coming slowly never time out by themselves, so the whole response has its own limit."""

    class Trickle(Script):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return httpx.Response(200, stream=_Drops())

    at = Bench(Trickle(), config=replace(CONFIG, response_timeout=0.02))
    async with at.client() as client:
        with pytest.raises(RetryableError, match="did not respond"):
            await client.account(5)
    assert len(at.script.requests) == 6


class _Drops(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.005)
            yield b" "


async def test_no_more_requests_are_open_than_allowed() -> None:
    """`max_concurrency` bounds open requests, from all callers together."""
    open_now = most = 0

    class Counting(Script):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0.001)
            open_now -= 1
            return httpx.Response(200, json={"id": 5})

    at = Bench(Counting(), config=replace(CONFIG, max_concurrency=3))
    async with at.client() as client:
        await asyncio.gather(*(client.account(n) for n in range(20)))
    assert most == 3


async def test_the_rate_for_one_account_does_not_slow_another() -> None:
    """Each account has its own bucket: the sixth request of one waits, the first of another does not."""
    config = replace(CONFIG, requests_per_second=5)
    at = Bench(Script(*(httpx.Response(200, json={}) for _ in range(7))), config=config)
    async with at.client() as client:
        for _ in range(5):
            await client.account(1)
        await client.account(2)
        assert at.clock.waits == []
        await client.account(1)
    assert at.clock.waits == [pytest.approx(0.2)]
    assert at.clock.now > NOW
