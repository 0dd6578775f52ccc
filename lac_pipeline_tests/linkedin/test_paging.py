"""Walking pages, by a token that each names and from a start on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.linkedin.events import PageRead
from lac_pipeline.linkedin.resource import Paging, Resource
from lac_pipeline.linkedin.restli import query
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


async def test_the_next_page_is_requested_with_the_same_query_and_the_encoded_token() -> None:
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


async def test_a_page_without_metadata_is_incomplete() -> None:
    """Without its metadata it is unknown whether more pages follow, so it is not taken as the last."""
    at = bench(refusal(200, elements=[{"id": 1}]))
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError, match="no paging metadata"):
            _ = [record async for record in client.records(resource_of("campaign_groups"), 5)]


async def test_a_response_without_a_list_of_records_is_refused() -> None:
    """An object of another shape is not an empty list."""
    at = bench(refusal(200, metadata={}))
    async with at.client() as client:
        with pytest.raises(UnexpectedPayloadError, match="holds no list of records"):
            _ = [record async for record in client.records(resource_of("campaign_groups"), 5)]


async def test_every_finder_requests_its_largest_page_and_filters_nothing() -> None:
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


USERS = Resource(
    "adAccountUsers",
    "/rest/adAccountUsers",
    "account user",
    {"q": "accounts", "accounts": "{account}"},
    page_size=2,
    paging=Paging.INDEX,
)


def part(*elements: object, count: int = 2, following: bool = False, total: int = -1) -> httpx.Response:
    """A page of a list that is read from a start on."""
    links = [{"rel": "next", "href": "/rest/elsewhere", "type": "application/json"}] if following else []
    paging = {"start": 0, "count": count, "links": links, "total": total}
    return refusal(200, elements=list(elements), paging=paging)


async def listed(*responses: httpx.Response) -> tuple[list[dict[str, Any]], list[str]]:
    """What the client reads of these pages, and the queries that it sends."""
    at = bench(*responses)
    async with at.client() as client:
        pages = [found async for found in client.records(USERS, 5)]
    queries = [request.url.query.decode() for request in at.script.requests]
    return everything(pages), queries


async def test_a_list_is_read_from_a_start_on_until_a_page_is_short() -> None:
    """Each page begins behind the one before; a total of -1, as LinkedIn sends it, ends nothing."""
    records, queries = await listed(part({"id": 1}, {"id": 2}), part({"id": 3}))
    assert records == [{"id": 1}, {"id": 2}, {"id": 3}]
    finder = "q=accounts&accounts=urn%3Ali%3AsponsoredAccount%3A5"
    assert queries == [f"{finder}&start=0&count=2", f"{finder}&start=2&count=2"]


async def test_a_full_page_is_followed_by_one_more_request() -> None:
    """Only an empty page tells that nothing follows a full one."""
    records, queries = await listed(part({"id": 1}, {"id": 2}), part())
    assert (len(records), len(queries)) == (2, 2)


async def test_a_short_page_with_a_link_to_the_next_is_not_the_last() -> None:
    """Records that the member may not see leave a page short, and LinkedIn still names the next one."""
    records, queries = await listed(part({"id": 1}, following=True), part({"id": 3}))
    assert records == [{"id": 1}, {"id": 3}]
    assert queries[1].endswith("start=2&count=2")


async def test_a_page_that_linkedin_makes_smaller_moves_the_start_by_its_own_size() -> None:
    """Where LinkedIn puts fewer elements into a page than requested, none is passed over."""
    records, queries = await listed(part({"id": 1}, count=1), part({"id": 2}, count=1), part(count=1))
    assert records == [{"id": 1}, {"id": 2}]
    assert [query.rpartition("start=")[2] for query in queries] == ["0&count=2", "1&count=2", "2&count=2"]


async def test_a_server_that_does_not_know_start_is_refused() -> None:
    """The same page again and again would never end."""
    with pytest.raises(UnexpectedPayloadError, match="same page twice"):
        await listed(part({"id": 1}, {"id": 2}), part({"id": 1}, {"id": 2}))


async def test_a_part_without_paging_is_a_cut_response() -> None:
    """Without its paging a page does not tell whether more follow."""
    with pytest.raises(UnexpectedPayloadError, match="no paging metadata"):
        await listed(refusal(200, elements=[{"id": 1}]))


def test_the_account_is_named_at_any_depth_of_the_parameters() -> None:
    """A finder may want the account's URN by itself, in a list, or in an object."""
    resource = replace(
        USERS, parameters={"q": "owner", "owner": {"sponsoredAccount": "{account}"}, "all": ["{account}"]}
    )
    assert query(resource.parameters_of(7)) == (
        "q=owner&owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A7)&all=List(urn%3Ali%3AsponsoredAccount%3A7)"
    )
