"""Walking cursor pages."""

from __future__ import annotations

import pytest

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.events import PageRead
from lac_pipeline.streams import resource_of
from lac_pipeline_tests.linkedin.doubles import bench, everything, page, refusal

pytestmark = pytest.mark.anyio


async def test_short_and_empty_pages_are_walked_over() -> None:
    """Only a `metadata` without a token ends the list: rows the member may not see leave pages short or empty."""
    at = bench(page({"id": 1}, token="t1"), page(token="t2"), page({"id": 2}))
    async with at.client() as client:
        pages = [record async for record in client.records(resource_of("campaigns"), 5)]
    assert everything(pages) == [{"id": 1}, {"id": 2}]
    assert at.events[-1] == PageRead("adCampaigns", 5, rows=2)


async def test_the_next_page_is_asked_with_the_same_query_and_the_encoded_token() -> None:
    """A token belongs to the query that made it."""
    at = bench(page(token="a/b=="), page())
    async with at.client() as client:
        _ = [record async for record in client.records(resource_of("creatives"), 5)]
    first, second = (request.url.raw_path.decode() for request in at.script.requests)
    assert first == "/rest/adAccounts/5/creatives?q=criteria&pageSize=100"
    assert second == first + "&pageToken=a%2Fb%3D%3D"


async def test_a_token_that_comes_twice_is_refused() -> None:
    """A list that would never end is an error, not an endless sync."""
    at = bench(page(token="t1"), page(token="t2"), page(token="t1"))
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError, match="same page token twice"):
            _ = [account async for account in client.accounts()]


async def test_a_page_without_metadata_is_a_cut_answer() -> None:
    """Without its metadata a page does not tell whether more follow, so it is not taken as the last."""
    at = bench(refusal(200, elements=[{"id": 1}]))
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError, match="no paging metadata"):
            _ = [record async for record in client.records(resource_of("campaign_groups"), 5)]


async def test_an_answer_without_a_list_of_records_is_refused() -> None:
    """An object of another shape is not an empty list."""
    at = bench(refusal(200, metadata={}))
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError, match="holds no list of records"):
            _ = [record async for record in client.records(resource_of("campaign_groups"), 5)]


async def test_every_finder_asks_for_its_largest_page_and_filters_nothing() -> None:
    """Archived and cancelled items must stay current, and defaults of `pageSize` are disputed."""
    at = bench(page(), page(), page(), page())
    async with at.client() as client:
        lists = [client.records(resource_of(name), 5) for name in ("campaign_groups", "campaigns", "creatives")]
        for pages in (client.accounts(), *lists):
            _ = [response async for response in pages]
    assert [request.url.raw_path.decode() for request in at.script.requests] == [
        "/rest/adAccounts?q=search&pageSize=1000",
        "/rest/adAccounts/5/adCampaignGroups?q=search&pageSize=1000",
        "/rest/adAccounts/5/adCampaigns?q=search&pageSize=1000",
        "/rest/adAccounts/5/creatives?q=criteria&pageSize=100",
    ]
    assert at.script.requests[3].headers["X-RestLi-Method"] == "FINDER"
