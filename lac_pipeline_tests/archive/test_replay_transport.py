"""What LinkedIn returned to an attempt, put together from kept responses: the network that `lac replay` reads from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.archive.replay_transport import ArchivedLinkedIn
from lac_pipeline.errors import ArchiveError, LacError, UnexpectedPayloadError
from lac_pipeline.linkedin.recorded_response import Exchange
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


def report_query(window: DateWindow, metrics: Iterable[str], campaigns: Iterable[int] = ()) -> str:
    """An adAnalytics query as the client writes it."""
    facets: dict[str, Value] = {"accounts": ["urn:li:sponsoredAccount:7"]}
    if campaigns:
        facets["campaigns"] = [f"urn:li:sponsoredCampaign:{campaign}" for campaign in campaigns]
    fields = Verbatim(",".join(("dateRange", "pivotValues", *metrics)))
    fixed: dict[str, Value] = {"q": "analytics", "pivot": "CAMPAIGN", "timeGranularity": "DAILY"}
    return query({**fixed, "dateRange": date_range(window), **facets, "fields": fields})


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
    """A kept response of adAnalytics."""
    requested = report_query(window, metrics, campaigns)
    return kept("/rest/adAnalytics", requested, {"elements": list(rows)}, status=status)


def get(archived: ArchivedLinkedIn, path: str, query_string: str) -> httpx.Response:
    """Request it from the archive over httpx, as the client does."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=archived) as http:
            return await http.get(f"https://api.linkedin.com{path}?{query_string}")

    return asyncio.run(send())


def read(archived: ArchivedLinkedIn, window: DateWindow, metrics: Iterable[str] = METRICS) -> Truth:
    """Read a window back, by campaign and day."""
    found = get(archived, "/rest/adAnalytics", report_query(window, metrics)).json()["elements"]
    return {
        (int(match["pivotValues"][0].rpartition(":")[2]), match["dateRange"]["start"]["day"] - 1): {
            name: match[name] for name in metrics if name in match
        }
        for match in found
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


@given(truths, windows, st.booleans(), windows)
def test_an_attempt_reads_again_what_it_read(truth: Truth, window: DateWindow, split: bool, days: DateWindow) -> None:
    """However the reads were cut, any days of them read as they did, with the rows of no other day."""
    archived = ArchivedLinkedIn(read_by_sync(truth, window, split=split))
    common = [each for each in days if each in window]
    if common:
        known = {key: values for key, values in truth.items() if day(key[1]) in common}
        assert read(archived, days) == known


def test_the_same_request_gets_the_same_bytes() -> None:
    """A request that equals a kept one gets its response, byte for byte, so that no number loses a digit."""
    window = DateWindow(day(0), day(1))
    response = analytics(window, METRICS, [element(1, 0, {"impressions": 5, "clicks": 1})])
    archived = ArchivedLinkedIn([response])
    assert get(archived, "/rest/adAnalytics", report_query(window, METRICS)).content == response.body


@pytest.mark.parametrize(
    ("read", "requested", "windows"),
    [
        ([(0, 4), (4, 9)], (0, 9), [(0, 4), (4, 9)]),
        ([(4, 9), (0, 4)], (0, 9), [(0, 4), (4, 9)]),
        ([(0, 9), (0, 3), (3, 9)], (0, 9), [(0, 9)]),
        ([(0, 9)], (2, 5), [(2, 5)]),
        ([(0, 4), (5, 9)], (0, 9), [(0, 9)]),
        ([(0, 5), (4, 9)], (0, 9), [(0, 9)]),
        ([], (0, 9), [(0, 9)]),
    ],
)
def test_days_are_requested_in_the_windows_of_then(
    read: list[tuple[int, int]], requested: tuple[int, int], windows: list[tuple[int, int]]
) -> None:
    """Where these make up the days exactly; windows of metrics for short ranges are within others."""
    responses = [analytics(DateWindow(day(first), day(end)), METRICS, []) for first, end in read]
    found = ArchivedLinkedIn(responses).reports.windows_of(
        ["CAMPAIGN"], "DAILY", DateWindow(day(requested[0]), day(requested[1])), ()
    )
    assert found == [DateWindow(day(first), day(end)) for first, end in windows]


def test_days_that_were_read_by_campaign_are_requested_as_a_whole() -> None:
    """The responses about parts of an account are joined."""
    days = DateWindow(day(0), day(9))
    halves = [DateWindow(day(0), day(5)), DateWindow(day(5), day(9))]
    responses = [analytics(half, METRICS, [], campaigns=[number]) for half in halves for number in CAMPAIGNS]
    reports = ArchivedLinkedIn(responses).reports
    assert reports.windows_of(["CAMPAIGN"], "DAILY", days, ()) == [days]
    assert reports.windows_of(["CAMPAIGN"], "DAILY", days, [2]) == halves


def test_joined_responses_keep_their_digits() -> None:
    """Numbers with a fraction are joined as they were written, also those that no float holds."""
    window = DateWindow(day(0), day(2))
    row = json.dumps(element(1, 0, {"impressions": 1})).replace(
        '"impressions": 1', '"averageDwellTime": 1.10000000000000000001'
    )
    other = analytics(DateWindow(day(1), day(2)), ["averageDwellTime"], [])
    first = analytics(DateWindow(day(0), day(1)), ["averageDwellTime"], [])
    first = replace(first, body=f'{{"elements": [{row}]}}'.encode())
    joined = get(ArchivedLinkedIn([first, other]), "/rest/adAnalytics", report_query(window, ["averageDwellTime"]))
    assert b'"averageDwellTime": 1.10000000000000000001' in joined.content


def test_a_number_of_thousands_of_digits_is_returned_as_it_was() -> None:
    """One record has it, which a sync refuses; the others of the response are there, joined or not."""
    digits, days = "9" * 5000, DateWindow(day(0), day(2))
    rows = json.dumps([element(1, 0, {"clicks": 1}), element(2, 0, {"clicks": 2})])
    rows = rows.replace('"clicks": 1', f'"clicks": {digits}')
    report = replace(analytics(days, ["clicks"], []), body=f'{{"elements": {rows}}}'.encode())
    page = replace(listed([1]), body=f'{{"elements": [{{"id": 1}}, {{"id": {digits}}}], "metadata": {{}}}}'.encode())
    archived = ArchivedLinkedIn([report, page])
    for requested in (days, DateWindow(day(0), day(1))):
        content = get(archived, "/rest/adAnalytics", report_query(requested, ["clicks"])).content
        assert f'"clicks": {digits}}}'.encode() in content
        assert b'"clicks": 2}' in content
    assert get(archived, PATH, "q=search&pageSize=1000").content == page.body


@pytest.mark.parametrize(
    "rows",
    [
        [element(1, 0, {"clicks": 1}), element(1, 0, {"clicks": 2})],
        [element(1, 5, {"clicks": 1})],
    ],
    ids=["a row twice", "a row of another day"],
)
def test_what_was_refused_as_a_whole_is_refused_when_joined(rows: list[dict[str, Any]]) -> None:
    """Joining responses does not launder one that the client refuses."""
    odd = analytics(DateWindow(day(0), day(1)), ["clicks"], rows)
    archived = ArchivedLinkedIn([odd, analytics(DateWindow(day(1), day(2)), ["clicks"], [])])
    with pytest.raises(UnexpectedPayloadError):
        get(archived, "/rest/adAnalytics", report_query(DateWindow(day(0), day(2)), ["clicks"]))


def test_a_refused_pivot_is_refused_again() -> None:
    """A pivot for which LinkedIn returned 400 gets 400 again."""
    refused = analytics(DateWindow(day(0), day(1)), METRICS, [], status=400)
    requested = report_query(DateWindow(day(0), day(1)), METRICS)
    assert get(ArchivedLinkedIn([refused]), "/rest/adAnalytics", requested).status_code == 400


def test_what_was_never_requested_is_an_error_in_a_replay() -> None:
    """Days that no response is about are no days without rows."""
    whole = analytics(DateWindow(day(0), day(1)), METRICS, [])
    with pytest.raises(ArchiveError, match="has no response"):
        get(ArchivedLinkedIn([whole]), "/rest/adAnalytics", report_query(DateWindow(day(3), day(4)), METRICS))


@pytest.mark.parametrize(
    "body", [None, [], 5, {"elements": None}, {"elements": 5, "metadata": []}, {"elements": [None]}]
)
def test_malformed_responses_break_nothing(body: object) -> None:
    """The archive can be read whatever is in it; what cannot be used of it is an error of four parts."""
    window = DateWindow(day(0), day(1))
    odd = [kept("/rest/adAnalytics", report_query(window, METRICS), body), kept(PATH, "q=search", body)]
    names = [kept("/rest/adTargetingEntities", "q=urns&urns=List(x)", body), kept("/rest/posts", "ids=List(x)", body)]
    archived = ArchivedLinkedIn([*odd, *names])
    assert not archived.walked(f"{PATH}/7")
    with suppress(LacError):
        get(archived, "/rest/adAnalytics", report_query(DateWindow(day(0), day(2)), METRICS))


def test_truncated_responses_are_not_stored() -> None:
    """A response at LinkedIn's cap was cut; what was read in its place counts."""
    window = DateWindow(day(0), day(1))
    cut = analytics(window, METRICS, [element(1, 0, {"impressions": 1})] * 15_000)
    assert ArchivedLinkedIn([cut]).reports.metrics_read(("CAMPAIGN",), "DAILY") == {}


def test_refusals_are_not_stored() -> None:
    """A response that is no 200 does not empty the days that were requested."""
    window = DateWindow(day(0), day(1))
    whole = analytics(window, METRICS, [element(1, 0, {"impressions": 5, "clicks": 1})])
    refused = analytics(window, METRICS, [], status=500)
    assert read(ArchivedLinkedIn([whole, refused]), window) == {(1, 0): {"impressions": 5, "clicks": 1}}


def test_the_metrics_of_each_day_are_known() -> None:
    """Which metrics were read is known day by day."""
    archived = ArchivedLinkedIn([analytics(DateWindow(day(0), day(2)), ["impressions"], [])])
    assert archived.reports.metrics_read(("CAMPAIGN",), "DAILY") == {day(0): {"impressions"}, day(1): {"impressions"}}


PATH = "/rest/adAccounts/7/adCampaigns"


def listed(ids: Iterable[int], *, token: str = "", after: str | None = None) -> Exchange:
    """A page of campaigns."""
    query_string = "q=search&pageSize=1000" + (f"&pageToken={token}" if token else "")
    metadata = {} if after is None else {"nextPageToken": after}
    return kept(PATH, query_string, {"elements": [{"id": identifier} for identifier in ids], "metadata": metadata})


def walk(archived: ArchivedLinkedIn) -> list[int]:
    """Walk the list as the client does."""
    ids: list[int] = []
    token = ""
    while True:
        body = get(archived, PATH, f"q=search&pageSize=1000{token}").json()
        ids += [element["id"] for element in body["elements"]]
        if "nextPageToken" not in body["metadata"]:
            return ids
        token = f"&pageToken={body['metadata']['nextPageToken']}"


def test_the_last_whole_walk_counts() -> None:
    """Of two walks with the same tokens the later one is given; one that broke off is not."""
    old = [listed([1], after="t"), listed([2], token="t")]
    new = [listed([3], after="t"), listed([4], token="t")]
    assert walk(ArchivedLinkedIn([*old, *new])) == [3, 4]
    assert walk(ArchivedLinkedIn([*old, new[0]])) == [1, 2]


def test_the_account_of_an_attempt_may_be_read() -> None:
    """An attempt that succeeded had made sure of that, whether by a call or by what was known."""
    archived = ArchivedLinkedIn([analytics(DateWindow(day(0), day(1)), METRICS, [])])
    assert get(archived, "/rest/adAccounts/7", "").json() == {"id": 7}
    with pytest.raises(ArchiveError):
        get(archived, "/rest/adAccounts/8", "")


def test_what_is_not_kept_is_an_error() -> None:
    """A list that was never walked to its end is no empty list: the error says what to do."""
    with pytest.raises(ArchiveError, match="has no response") as missing:
        get(ArchivedLinkedIn([listed([1], after="t")]), PATH, "q=search")
    assert "lac sync --force" in str(missing.value)


def test_a_post_that_was_not_kept_is_gone() -> None:
    """Posts are only names; of a post that is not kept the response is 404, as a deleted one does."""
    assert get(ArchivedLinkedIn([]), "/rest/posts/urn%3Ali%3Ashare%3A1", "").status_code == 404


def test_reports_by_several_pivots_are_kept_apart() -> None:
    """A report by campaign and device is returned neither for one by campaign nor for one in the reverse order."""
    window = DateWindow(day(0), day(1))
    report = report_query(window, METRICS)
    both = report.replace("q=analytics&pivot=CAMPAIGN", "q=statistics&pivots=List(CAMPAIGN,IMPRESSION_DEVICE_TYPE)")
    other = report.replace("q=analytics&pivot=CAMPAIGN", "q=statistics&pivots=List(IMPRESSION_DEVICE_TYPE,CAMPAIGN)")
    assert len({report, both, other}) == 3
    archived = ArchivedLinkedIn([kept("/rest/adAnalytics", both, {"elements": [element(1, 0, {"clicks": 3})]})])
    assert get(archived, "/rest/adAnalytics", both).json()["elements"][0]["clicks"] == 3
    for unread in (report, other):
        with pytest.raises(ArchiveError):
            get(archived, "/rest/adAnalytics", unread)
