"""Names and contents by URN: what is wrong with one of them costs the others nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from lac_pipeline.errors import QuotaSpentError, ReauthorizeError, RetryableError, UnreachableError
from lac_pipeline.linkedin.lookups import ATTEMPTS, BATCH, PROBES
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.simulator.world.segment_names import SIZE_CODES
from lac_pipeline_tests.linkedin.doubles import CONFIG, TOKENS, Bench, bench, refusal

pytestmark = pytest.mark.anyio

POSTS = [f"urn:li:{'share' if n % 2 else 'ugcPost'}:{n}" for n in range(20)]
MESSAGE = "urn:li:adInMailContent:7"


class Server(httpx.AsyncBaseTransport):
    """Posts, messages and names, of which some have a status of their own; batches response by key or as a whole.

    Attributes:
        statuses: what is returned for a URN instead of its content.
        whole: whether one refused URN refuses its batch; otherwise it is among the batch's errors.
        batches: the status of every batch instead of a response.
    """

    def __init__(self, statuses: dict[str, int] | None = None, *, whole: bool = False, batches: int = 200) -> None:
        self.statuses = statuses or {}
        self.whole = whole
        self.batches = batches
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to one request."""
        path, _, query = unquote(request.url.raw_path.decode()).partition("?")
        self.paths.append(path)
        if "List(" not in query:
            return self._single(path.rpartition("/")[2])
        urns = query[query.index("List(") + 5 :].partition(")&")[0].rstrip(")").split(",")
        refused = {urn: self.statuses[urn] for urn in urns if urn in self.statuses}
        if self.batches != 200 or (self.whole and refused):
            return refusal(self.batches if self.batches != 200 else next(iter(refused.values())))
        if "adTargetingEntities" in path:
            return httpx.Response(200, json={"elements": [{"urn": urn, "name": f"Name of {urn}"} for urn in urns]})
        assert request.headers["x-restli-method"] == "BATCH_GET"
        results = {urn: {"id": urn} for urn in urns if urn not in refused}
        errors = {urn: {"status": status, "message": ""} for urn, status in refused.items()}
        return httpx.Response(200, json={"results": results, "statuses": {}, "errors": errors})

    def _single(self, urn: str) -> httpx.Response:
        return refusal(self.statuses[urn]) if urn in self.statuses else httpx.Response(200, json={"id": urn})


def served(server: httpx.AsyncBaseTransport) -> Bench:
    """A client on this network."""
    return Bench(server, config=replace(CONFIG, max_concurrency=4))  # type: ignore[arg-type]  # no prepared responses


async def test_many_posts_are_one_request() -> None:
    """Fifty posts and messages a request, each kind from its own resource, a single one by its path."""
    server = Server()
    urns = [f"urn:li:share:{n}" for n in range(BATCH + 1)]
    async with served(server).client() as client:
        lookup = await client.contents([*urns, MESSAGE, urns[0]])
    assert set(lookup.found) == {*urns, MESSAGE}
    assert sorted(server.paths) == [
        f"/rest/inMailContents/{MESSAGE}",
        "/rest/posts",
        f"/rest/posts/{urns[-1]}",
    ]


@pytest.mark.parametrize("whole", [False, True], ids=["by key", "as a whole"])
@pytest.mark.parametrize("place", [0, 7, 19])
@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, NoName.REFUSED), (403, NoName.FORBIDDEN), (404, NoName.NOT_FOUND), (410, NoName.REFUSED), (500, None)],
)
async def test_one_post_costs_no_other_its_name(place: int, status: int, reason: NoName | None, whole: bool) -> None:
    """At any place in the batch and with any form of error, only the one bad post has no result."""
    server = Server({POSTS[place]: status}, whole=whole)
    async with served(server).client() as client:
        lookup = await client.contents(POSTS)
    assert set(lookup.found) == set(POSTS) - {POSTS[place]}
    assert lookup.missing == ({} if reason is None else {POSTS[place]: reason})
    assert list(lookup.failed) == ([POSTS[place]] if reason is None else [])
    assert lookup.stopped == {}


@pytest.mark.parametrize("status", [404, 403, 400, 500])
async def test_a_server_without_batches_is_read_one_by_one(status: int) -> None:
    """Where only single posts may be read, all of them are."""
    async with served(Server(batches=status)).client() as client:
        lookup = await client.contents(POSTS)
    assert set(lookup.found) == set(POSTS)


async def test_several_bad_posts_are_each_their_own_affair() -> None:
    """More bad posts than probes, in any order: the good ones are read as long as one probe succeeds."""
    bad = dict.fromkeys(POSTS[: PROBES + 3], 403)
    async with served(Server(bad, whole=True)).client() as client:
        lookup = await client.contents(POSTS)
    assert set(lookup.found) == set(POSTS) - set(bad)
    assert set(lookup.missing) == set(bad)


async def test_an_app_that_may_not_read_posts_sends_a_handful() -> None:
    """Some posts spread over all are refused like the whole batch: the others are not requested, and are no misses."""
    urns = [f"urn:li:share:{n}" for n in range(500)]
    server = Server(dict.fromkeys(urns, 403), whole=True)
    async with served(server).client() as client:
        lookup = await client.contents([*urns, MESSAGE])
    assert len([path for path in server.paths if "posts" in path]) == 1 + PROBES
    assert set(lookup.missing.values()) == {NoName.FORBIDDEN}
    assert len(lookup.missing) == PROBES
    assert lookup.failed == {}
    assert list(lookup.stopped) == ["posts"]
    assert list(lookup.found) == [MESSAGE]


async def test_posts_that_all_fail_are_left_alone() -> None:
    """When LinkedIn's back end for posts is down, a few requests find it out, and nothing is a lasting miss."""
    urns = [f"urn:li:share:{n}" for n in range(500)]
    server = Server(dict.fromkeys(urns, 503), whole=True)
    async with served(server).client() as client:
        lookup = await client.contents(urns)
    assert len(server.paths) == (1 + PROBES) * ATTEMPTS
    assert lookup.missing == {}
    assert isinstance(lookup.stopped["posts"], RetryableError)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (refusal(401), ReauthorizeError),
        (refusal(429, "Resource level throttle DAY limit"), QuotaSpentError),
        (httpx.ConnectError("no route"), UnreachableError),
    ],
    ids=["token", "quota", "network"],
)
async def test_what_concerns_every_request_ends_the_lookup(
    response: httpx.Response | Exception, error: type[Exception]
) -> None:
    """A dead token, a spent quota, no network: no second post is tried, and none is a miss."""
    at = bench(*[response] * 12)
    at.tokens = FixedTokens(replace(TOKENS, refresh=None))
    async with at.client() as client:
        lookup = await client.contents(POSTS)
    assert isinstance(lookup.stopped["posts"], error)
    assert (lookup.found, lookup.missing, lookup.failed) == ({}, {}, {})
    assert len({request.url for request in at.script.requests}) == 1


@pytest.mark.parametrize("key", ["urn:li:adInMailContent:7", "urn%3Ali%3AadInMailContent%3A7", "7"])
async def test_keys_of_a_batch_are_read_however_they_are_written(key: str) -> None:
    """Results come by URN, by encoded URN, or by number."""
    at = bench(httpx.Response(200, json={"results": {key: {"name": "Hello"}, "8": {}}, "errors": {}}))
    async with at.client() as client:
        lookup = await client.contents([MESSAGE, "urn:li:adInMailContent:8"])
    assert lookup.found[MESSAGE] == {"name": "Hello"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"results": None, "errors": []},
        {"results": {POSTS[0]: None, POSTS[1]: "gone"}, "errors": {POSTS[0]: "no"}, "statuses": {POSTS[0]: "200"}},
        {"results": {}, "errors": {}, "statuses": {POSTS[0]: 200}},
    ],
)
async def test_what_a_batch_leaves_out_is_read_alone(body: dict[str, Any]) -> None:
    """A batch of another shape than documented costs requests, but no name."""
    at = bench(httpx.Response(200, content=json.dumps(body)), *[httpx.Response(200, json={"id": "x"})] * 2)
    async with at.client() as client:
        lookup = await client.contents(POSTS[:2])
    assert set(lookup.found) == set(POSTS[:2])


async def test_unknown_kinds_of_content_are_not_requested() -> None:
    """Only posts are requested as posts and messages as messages; whatever else a creative refers to is left out."""
    at = bench()
    async with at.client() as client:
        lookup = await client.contents(["urn:li:activity:1", "urn:li:video:2", "nonsense", ""])
    assert (at.script.requests, lookup.found, lookup.missing) == ([], {}, {})


async def test_one_malformed_urn_does_not_cost_the_other_names() -> None:
    """A batch of names that LinkedIn refuses is requested in halves until the bad URN is alone; it has no name."""
    good = httpx.Response(200, json={"elements": [{"urn": "urn:li:title:1", "name": "CFO"}]})
    at = bench(refusal(400), good, refusal(400))
    async with at.client() as client:
        lookup = await client.names(["urn:li:title:1", "urn:odd", "ON_NETWORK", "urn:li:title:1"])
    assert (lookup.found, lookup.missing) == ({"urn:li:title:1": "CFO"}, {"urn:odd": NoName.REFUSED})
    assert len(at.script.requests) == 3


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("place", [0, 49, 119])
async def test_one_segment_costs_no_other_its_name(place: int, status: int) -> None:
    """Also a segment that makes LinkedIn fail for good takes nothing from the others of its batch."""
    urns = [f"urn:li:title:{n}" for n in range(120)]
    async with served(Server({urns[place]: status}, whole=True)).client() as client:
        lookup = await client.names(urns)
    assert set(lookup.found) == set(urns) - {urns[place]}
    assert {*lookup.missing, *lookup.failed} == {urns[place]}


async def test_company_sizes_have_names_without_a_request() -> None:
    """LinkedIn's nine codes are known by heart, as it names them nowhere; another code has no name."""
    at = bench()
    async with at.client() as client:
        lookup = await client.names([*SIZE_CODES, "SIZE_UNKNOWN"])
    assert list(lookup.found) == list(SIZE_CODES)
    assert [lookup.found[code] for code in ("SIZE_1", "SIZE_501_TO_1000", "SIZE_10001_OR_MORE")] == [
        "1 employee",
        "501 to 1,000 employees",
        "10,001 or more employees",
    ]
    assert at.script.requests == []


@pytest.mark.parametrize("name", [None, 5, {"en": "x"}])
async def test_a_name_that_is_no_text_is_none(name: object) -> None:
    """A name of another type than documented is a miss of this URN alone."""
    elements = [{"urn": "urn:li:title:1", "name": name}, {"urn": "urn:li:title:2", "name": "Clerk"}, {"id": 3}]
    at = bench(httpx.Response(200, json={"elements": elements}))
    async with at.client() as client:
        lookup = await client.names(["urn:li:title:1", "urn:li:title:2"])
    assert (lookup.found, list(lookup.missing)) == ({"urn:li:title:2": "Clerk"}, ["urn:li:title:1"])
