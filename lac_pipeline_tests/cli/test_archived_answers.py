"""What LinkedIn said last, put together from kept answers: the network that `lac replay` reads from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.errors import ArchiveError
from lac_pipeline.exchange import Exchange
from lac_pipeline.linkedin.archived import ArchivedLinkedIn
from lac_pipeline.linkedin.restli import Value, Verbatim, date_range, query
from lac_pipeline.windows import DateWindow

START = date(2026, 11, 1)
SENT = datetime(2026, 11, 20, tzinfo=UTC)
METRICS = ("impressions", "clicks")
CAMPAIGNS = (1, 2, 3)

Truth = dict[tuple[int, int], dict[str, int]]
"""Metrics by campaign and number of the day."""


def day(number: int) -> date:
    """The day of a number."""
    return START + timedelta(days=number)


def question(window: DateWindow, metrics: Iterable[str], campaigns: Iterable[int] = ()) -> str:
    """An adAnalytics query as the client writes it."""
    facets: dict[str, Value] = {"accounts": ["urn:li:sponsoredAccount:7"]}
    if campaigns:
        facets["campaigns"] = [f"urn:li:sponsoredCampaign:{one}" for one in campaigns]
    fields = Verbatim(",".join(("dateRange", "pivotValues", *metrics)))
    asked: dict[str, Value] = {"q": "analytics", "pivot": "CAMPAIGN", "timeGranularity": "DAILY"}
    return query({**asked, "dateRange": date_range(window), **facets, "fields": fields})


def element(campaign: int, number: int, values: dict[str, int]) -> dict[str, Any]:
    """A row as LinkedIn sends it."""
    on = {"year": day(number).year, "month": day(number).month, "day": day(number).day}
    return {"dateRange": {"start": on, "end": on}, "pivotValues": [f"urn:li:sponsoredCampaign:{campaign}"], **values}


def kept(path: str, query_string: str, body: object, *, status: int = 200) -> Exchange:
    """An exchange as the raw archive gives it back."""
    endpoint = path.rpartition("/")[2]
    return Exchange(endpoint, 7, "GET", path, query_string, "202609", SENT, status, {}, json.dumps(body).encode())


def analytics(
    window: DateWindow,
    metrics: Iterable[str],
    rows: Iterable[dict[str, Any]],
    *,
    campaigns: Iterable[int] = (),
    status: int = 200,
) -> Exchange:
    """A kept answer of adAnalytics."""
    asked = question(window, metrics, campaigns)
    return kept("/rest/adAnalytics", asked, {"elements": list(rows)}, status=status)


def ask(archived: ArchivedLinkedIn, path: str, query_string: str) -> httpx.Response:
    """Ask the archive over httpx, as the client does."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=archived) as http:
            return await http.get(f"https://api.linkedin.com{path}?{query_string}")

    return asyncio.run(send())


def read(archived: ArchivedLinkedIn, window: DateWindow, metrics: Iterable[str] = METRICS) -> Truth:
    """Read a window back, by campaign and day."""
    found = ask(archived, "/rest/adAnalytics", question(window, metrics)).json()["elements"]
    return {
        (int(one["pivotValues"][0].rpartition(":")[2]), one["dateRange"]["start"]["day"] - 1): {
            name: one[name] for name in metrics if name in one
        }
        for one in found
    }


windows = st.tuples(st.integers(0, 5), st.integers(1, 6)).map(lambda two: DateWindow(day(two[0]), day(sum(two))))
truths = st.dictionaries(
    st.tuples(st.sampled_from(CAMPAIGNS), st.integers(0, 11)),
    st.fixed_dictionaries({name: st.integers(1, 9) for name in METRICS}),
)


def read_by_sync(truth: Truth, window: DateWindow, *, split: bool) -> list[Exchange]:
    """What a sync of the window keeps: a call a metric, and one for each part of the campaigns where they are split."""
    parts: list[tuple[int, ...]] = [CAMPAIGNS[:1], CAMPAIGNS[1:]] if split else [()]
    return [
        analytics(
            window,
            [name],
            [
                element(campaign, number, {name: values[name]})
                for (campaign, number), values in truth.items()
                if day(number) in window and (not part or campaign in part)
            ],
            campaigns=part,
        )
        for name in METRICS
        for part in parts
    ]


@given(st.lists(st.tuples(truths, windows, st.booleans()), min_size=1, max_size=5))
def test_every_day_is_as_it_was_last_read(syncs: list[tuple[Truth, DateWindow, bool]]) -> None:
    """However windows overlap, numbers change and rows vanish, each day reads as the last sync of it saw it."""
    archived = ArchivedLinkedIn(
        exchange for truth, window, split in syncs for exchange in read_by_sync(truth, window, split=split)
    )
    expected: Truth = {}
    for truth, window, _ in syncs:
        expected = {key: values for key, values in expected.items() if day(key[1]) not in window}
        expected |= {key: values for key, values in truth.items() if day(key[1]) in window}
    assert read(archived, DateWindow(day(0), day(12))) == expected
    assert archived.days_read("CAMPAIGN", "DAILY", METRICS) == {one for _, window, _ in syncs for one in window}


def test_cut_answers_tell_nothing() -> None:
    """An answer at LinkedIn's cap was cut; what was read in its place counts."""
    window = DateWindow(day(0), day(1))
    cut = analytics(window, METRICS, [element(1, 0, {"impressions": 1})] * 15_000)
    assert ArchivedLinkedIn([cut]).days_read("CAMPAIGN", "DAILY", METRICS) == set()


def test_refusals_tell_nothing() -> None:
    """An answer that is no 200 does not empty the days that it was asked for."""
    window = DateWindow(day(0), day(1))
    whole = analytics(window, METRICS, [element(1, 0, {"impressions": 5, "clicks": 1})])
    refused = analytics(window, METRICS, [], status=500)
    assert read(ArchivedLinkedIn([whole, refused]), window) == {(1, 0): {"impressions": 5, "clicks": 1}}


def test_days_without_a_metric_are_not_known() -> None:
    """A day counts as read when every metric asked for now was read then."""
    archived = ArchivedLinkedIn([analytics(DateWindow(day(0), day(2)), ["impressions"], [])])
    assert archived.days_read("CAMPAIGN", "DAILY", ["impressions"]) == {day(0), day(1)}
    assert archived.days_read("CAMPAIGN", "DAILY", METRICS) == set()


PATH = "/rest/adAccounts/7/adCampaigns"


def listed(ids: Iterable[int], *, token: str = "", after: str | None = None) -> Exchange:
    """A page of campaigns."""
    asked = "q=search&pageSize=1000" + (f"&pageToken={token}" if token else "")
    metadata = {} if after is None else {"nextPageToken": after}
    return kept(PATH, asked, {"elements": [{"id": one} for one in ids], "metadata": metadata})


def walk(archived: ArchivedLinkedIn) -> list[int]:
    """Walk the list as the client does."""
    ids: list[int] = []
    token = ""
    while True:
        body = ask(archived, PATH, f"q=search&pageSize=1000{token}").json()
        ids += [one["id"] for one in body["elements"]]
        if "nextPageToken" not in body["metadata"]:
            return ids
        token = f"&pageToken={body['metadata']['nextPageToken']}"


def test_the_last_whole_walk_counts() -> None:
    """Of two walks with the same tokens the later one is given; one that broke off is not."""
    old = [listed([1], after="t"), listed([2], token="t")]
    new = [listed([3], after="t"), listed([4], token="t")]
    assert walk(ArchivedLinkedIn([*old, *new])) == [3, 4]
    assert walk(ArchivedLinkedIn([*old, new[0]])) == [1, 2]


def test_what_is_not_kept_is_an_error() -> None:
    """A list that was never walked to its end is no empty list: the error says what to do."""
    with pytest.raises(ArchiveError, match="holds no answer") as missing:
        ask(ArchivedLinkedIn([listed([1], after="t")]), PATH, "q=search")
    assert "lac sync --force" in str(missing.value)


def test_a_post_that_was_not_kept_is_gone() -> None:
    """Posts are only names; one that is not kept answers 404, as a deleted one does."""
    assert ask(ArchivedLinkedIn([]), "/rest/posts/urn%3Ali%3Ashare%3A1", "").status_code == 404
