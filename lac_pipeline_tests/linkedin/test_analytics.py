"""Reading adAnalytics completely, against a small server that cuts, shuffles and leaves out rows as LinkedIn does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.errors import BadRequestError, IncompleteResponseError, UnexpectedPayloadError
from lac_pipeline.linkedin.analytics.decoded_rows import RowsDecoder
from lac_pipeline.linkedin.analytics.reader import AnalyticsReader, Knowledge
from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.linkedin.events import Event, ReportDivided, WindowCut, WindowRead
from lac_pipeline.linkedin.metrics import BY_NAME, CATALOGUE, Metric
from lac_pipeline.linkedin.paging import ParsedResponse
from lac_pipeline.linkedin.restli import Value, query
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.linkedin.doubles import everything

START = date(2026, 1, 1)
CAMPAIGNS = 4
_LONG = {"pivotValues": ["urn:li:sponsoredCampaign:" + "9" * 5000]}
pytestmark = pytest.mark.anyio


def linkedin_date(day: date) -> dict[str, int]:
    """A day as LinkedIn writes it."""
    return {"year": day.year, "month": day.month, "day": day.day}


@dataclass
class Server:
    """An account in memory: which creatives were active on which day, each with its metrics.

    Attributes:
        rows: day and creative to metrics; a creative belongs to the campaign of its number modulo four.
        cap: how many rows a response holds; the rest is cut without a sign.
        seed: shuffles the responses.
    """

    rows: Mapping[tuple[date, int], Mapping[str, int]]
    cap: int
    seed: int = 0
    requested: list[Mapping[str, Value]] = field(default_factory=list)

    async def send(self, parameters: Mapping[str, Value], decoder: RowsDecoder | None) -> ParsedResponse:
        """Return what adAnalytics would return."""
        self.requested.append(parameters)
        await asyncio.sleep(0)
        if parameters["timeGranularity"] == "ALL":
            return self._respond(self._campaigns())
        span, names = parameters["dateRange"], str(parameters["fields"]).split(",")[2:]
        assert isinstance(span, Mapping)
        campaign_ids = {int(str(urn).rpartition(":")[2]) for urn in _list(parameters.get("campaigns", []))}
        found = [
            _row(day, creative, {name: values[name] for name in names if name in values})
            for (day, creative), values in self.rows.items()
            if span["start"] <= day <= span["end"]  # type: ignore[operator]  # both are days
            and (not campaign_ids or creative % CAMPAIGNS in campaign_ids)
            and (not names or any(values.get(name) for name in names))
        ]
        return self._respond(found)

    def _campaigns(self) -> list[dict[str, Any]]:
        return [
            {
                "dateRange": {"start": linkedin_date(START), "end": linkedin_date(START)},
                "pivotValues": [f"urn:li:sponsoredCampaign:{n}"],
            }
            for n in sorted({creative % CAMPAIGNS for _, creative in self.rows})
        ]

    def _respond(self, rows: list[dict[str, Any]]) -> ParsedResponse:
        random.Random(f"{self.seed}/{len(self.requested)}").shuffle(rows)  # noqa: S311  # an order, not a secret
        return ParsedResponse({"elements": rows[: self.cap]}, f"raw/{len(self.requested)}", "adAnalytics of account 5")


def _list(value: Value) -> Sequence[Value]:
    assert isinstance(value, list)
    return value


def _row(day: date, creative: int, values: Mapping[str, int]) -> dict[str, Any]:
    keys = {
        "dateRange": {"start": linkedin_date(day), "end": linkedin_date(day)},
        "pivotValues": [f"urn:li:sponsoredCreative:{creative}"],
    }
    return {**keys, **values}


def reader(server: Server, metrics: Sequence[Metric], *, days: int = 30, **more: Any) -> AnalyticsReader:  # noqa: ANN401
    """A reader of daily rows by creative."""
    report = Report(
        5, more.pop("pivot", "CREATIVE"), "DAILY", DateWindow(START, START + timedelta(days=days)), tuple(metrics)
    )
    options: dict[str, Any] = {"version": "202609", "knowledge": Knowledge(), "concurrency": 4, "cap": server.cap}
    return AnalyticsReader(report, send=server.send, progress=more.pop("progress", _quiet), **(options | more))


def _quiet(event: Event) -> None:
    """Report nothing."""


async def read(server: Server, metrics: Sequence[Metric], **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Everything a reader yields."""
    return everything([page async for page in reader(server, metrics, **more).pages()])


def keyed(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[date, str], dict[str, Any]]:
    """Rows by day and creative, zeros left out; a row that came twice fails."""
    table: dict[tuple[date, str], dict[str, Any]] = {}
    for row in rows:
        key = (date(**row["dateRange"]["start"]), row["pivotValues"][0])
        assert key not in table
        table[key] = {name: value for name, value in row.items() if value and name not in ("dateRange", "pivotValues")}
    return table


def truth(server: Server, metrics: Sequence[Metric]) -> dict[tuple[date, str], dict[str, Any]]:
    """What the account really holds, for these metrics."""
    names = {metric.name for metric in metrics}
    rows = {
        (day, f"urn:li:sponsoredCreative:{creative}"): {n: v for n, v in values.items() if v and n in names}
        for (day, creative), values in server.rows.items()
    }
    return {key: values for key, values in rows.items() if values}


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Server, tuple[Metric, ...], int]:
    """An account of any shape, a choice of metrics, and how many days it has."""
    days = draw(st.integers(1, 40))
    metrics = draw(st.lists(st.sampled_from(CATALOGUE[:60]), min_size=1, max_size=60, unique=True))
    numbers = random.Random(draw(st.integers(0, 10_000)))  # noqa: S311  # drawn by hypothesis
    busy = draw(st.floats(0, 1))
    creatives = draw(st.integers(1, 24))
    rows = {
        (START + timedelta(days=day), creative): {
            metric.name: numbers.choice((0, 0, 1, 7)) for metric in metrics if numbers.random() < 0.5
        }
        for day in range(days)
        for creative in range(creatives)
        if numbers.random() < busy
    }
    return Server(rows, cap=draw(st.integers(8, 60)), seed=draw(st.integers(0, 99))), tuple(metrics), days


@given(accounts())
@examples(150)
def test_any_split_of_days_and_metrics_joins_to_the_same_rows(account: tuple[Server, tuple[Metric, ...], int]) -> None:
    """Whatever the account, the cap and the metrics: each row once, complete, in a bounded number of calls."""
    server, metrics, days = account
    rows = asyncio.run(read(server, metrics, days=days))
    assert keyed(rows) == truth(server, metrics)
    chunks = -(-len(metrics) // 18)
    full = len(server.rows) // server.cap + 1
    assert len(server.requested) <= chunks * (4 * full + 2 * days) + 1


async def test_metrics_beyond_eighteen_are_joined_by_key() -> None:
    """Each call leaves out the rows whose requested metrics are all zero, so the join is a union."""
    first, second = CATALOGUE[0], CATALOGUE[20]
    day = START + timedelta(days=1)
    server = Server({(day, 1): {first.name: 3}, (day, 2): {second.name: 4}}, cap=100)
    rows = keyed(await read(server, CATALOGUE[:30]))
    assert rows == {
        (day, "urn:li:sponsoredCreative:1"): {first.name: 3},
        (day, "urn:li:sponsoredCreative:2"): {second.name: 4},
    }
    assert [str(requested["fields"]).count(",") + 1 for requested in server.requested] == [20, 14]


async def test_a_later_call_that_is_cut_throws_the_window_away() -> None:
    """A call for other metrics may hold more rows than the first; it is divided all the same."""
    rare, common = CATALOGUE[0], CATALOGUE[20]
    rows = {(START + timedelta(days=n), c): {common.name: 1} for n in range(10) for c in range(5)}
    server = Server(rows | {(START, 0): {rare.name: 1, common.name: 1}}, cap=20)
    assert keyed(await read(server, CATALOGUE[:30])) == truth(server, CATALOGUE[:30])


@pytest.mark.parametrize(("pivot", "creatives"), [("MEMBER_INDUSTRY", range(30)), ("CREATIVE", range(0, 120, 4))])
async def test_a_day_that_cannot_be_complete_fails_with_its_name(pivot: str, creatives: range) -> None:
    """Demographics are never summed over parts, and one campaign has no part: a clear failure instead of a cut."""
    server = Server({(START, creative): {"clicks": 1} for creative in creatives}, cap=20)
    with pytest.raises(IncompleteResponseError) as failure:
        await read(server, [BY_NAME["clicks"]], pivot=pivot, days=1)
    assert (
        failure.value.summary == f"LinkedIn cuts the DAILY analytics by {pivot} of account 5 on 2026-01-01 at 20 rows"
    )


async def test_parts_by_campaign_request_every_campaign_with_rows() -> None:
    """The campaigns come from adAnalytics itself: deleted ones, which no finder lists any more, have rows too."""
    server = Server({(START, creative): {"clicks": 1} for creative in range(30)}, cap=20)
    events: list[Any] = []
    rows = await read(server, [BY_NAME["clicks"]], days=1, progress=events.append)
    assert keyed(rows) == truth(server, [BY_NAME["clicks"]])
    assert (server.requested[1]["pivot"], server.requested[1]["fields"]) == ("CAMPAIGN", "dateRange,pivotValues")
    [cut, divided, *read_parts], day = events, DateWindow.inclusive(START, START)
    assert (cut, divided) == (WindowCut(cut.report, day, rows=20), ReportDivided(cut.report, campaigns=4))
    assert read_parts == [WindowRead(cut.report, day, rows=15, campaigns=2)] * 2
    assert (cut.report.account_id, cut.report.pivot) == (5, "CREATIVE")


async def test_metrics_that_linkedin_would_refuse_are_left_out() -> None:
    """A metric that the pivot or the version does not have would turn the whole call into a 400."""
    server = Server({}, cap=100)
    metrics = [BY_NAME[name] for name in ("clicks", "audiencePenetration", "videoWatchTime", "approximateMemberReach")]
    await read(server, metrics, version="202511")
    await read(server, metrics, pivot="MEMBER_INDUSTRY")
    assert [str(requested["fields"]) for requested in server.requested] == [
        "dateRange,pivotValues,clicks,approximateMemberReach",
        "dateRange,pivotValues,clicks,videoWatchTime",
    ]


async def test_reach_is_requested_in_ranges_of_92_days() -> None:
    """LinkedIn gives reach for 92 days at most, so it does not narrow the windows of the other metrics."""
    server = Server({(START, 1): {"clicks": 1, "approximateMemberReach": 9}}, cap=100)
    rows = await read(server, [BY_NAME["clicks"], BY_NAME["approximateMemberReach"]], days=200)
    assert keyed(rows) == {(START, "urn:li:sponsoredCreative:1"): {"clicks": 1, "approximateMemberReach": 9}}
    spans: list[Any] = [requested["dateRange"] for requested in server.requested]
    assert [(span["end"] - span["start"]).days + 1 for span in spans] == [200, 92, 92, 16]


async def test_penetration_is_requested_beside_reach() -> None:
    """Both need ranges of 92 days, which are requested once for both."""
    metrics = [BY_NAME[name] for name in ("clicks", "approximateMemberReach", "audiencePenetration")]
    server = Server({(START, 1): {"clicks": 1, "approximateMemberReach": 9, "audiencePenetration": 1}}, cap=100)
    await read(server, metrics, pivot="CAMPAIGN", days=100)
    assert [str(requested["fields"]) for requested in server.requested] == [
        "dateRange,pivotValues,clicks",
        *["dateRange,pivotValues,approximateMemberReach,audiencePenetration"] * 2,
    ]


async def test_a_second_read_starts_with_what_the_first_learned() -> None:
    """Within one client the density of an account is learned once."""
    rows = {(START + timedelta(days=n), c): {"clicks": 1} for n in range(30) for c in range(10)}
    server, knowledge = Server(rows, cap=100), Knowledge()
    await read(server, [BY_NAME["clicks"]], knowledge=knowledge)
    first, server.requested = len(server.requested), []
    await read(server, [BY_NAME["clicks"]], knowledge=knowledge)
    assert (first, len(server.requested)) == (5, 4)


async def test_a_reader_that_is_left_early_leaves_nothing_running() -> None:
    """A reader that stops reading also stops the calls under way."""
    rows = {(START + timedelta(days=n), c): {"clicks": 1} for n in range(30) for c in range(10)}
    server, knowledge = Server(rows, cap=100), Knowledge(densities={(5, ("CREATIVE",), "DAILY", ()): 10.0})
    before = asyncio.all_tasks()
    async with aclosing(reader(server, [BY_NAME["clicks"]], knowledge=knowledge).pages()) as pages:
        async for _ in pages:
            break
    assert asyncio.all_tasks() == before
    assert len(server.requested) < 4


class Fixed:
    """A server that gives prepared responses."""

    def __init__(self, *bodies: dict[str, Any] | Exception) -> None:
        self.bodies = list(bodies)
        self.requested: list[Mapping[str, Value]] = []
        self.cap = 15_000

    async def send(self, parameters: Mapping[str, Value], decoder: RowsDecoder | None) -> ParsedResponse:
        """Give the next response."""
        self.requested.append(parameters)
        body = self.bodies.pop(0)
        if isinstance(body, Exception):
            raise body
        return ParsedResponse(body, "", "adAnalytics of account 5")


def ten() -> list[dict[str, Any]]:
    """Ten rows, as many as a default page holds."""
    return [_row(START, n, {"clicks": 1}) for n in range(10)]


@pytest.mark.parametrize("more", [[], [_row(START, 10, {"clicks": 1})]])
async def test_exactly_ten_rows_are_requested_again_with_a_count(more: list[dict[str, Any]]) -> None:
    """One client reports that adAnalytics stops at ten rows unless `count` is sent; ten rows may also be all."""
    server = Fixed({"elements": ten(), "paging": {"count": 10}}, {"elements": ten() + more})
    rows = await read(server, [BY_NAME["clicks"]])  # type: ignore[arg-type]  # it takes requests and cuts, no more is needed
    assert len(rows) == 10 + len(more)
    assert server.requested[1]["count"] == 15_000


async def test_a_server_that_does_not_know_count_meant_its_ten_rows() -> None:
    """If `count` is refused there is no default page, and ten rows are the response."""
    server = Fixed({"elements": ten(), "paging": {"count": 10}}, BadRequestError("count is not allowed"))
    assert len(await read(server, [BY_NAME["clicks"]])) == 10  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([_row(START, 1, {}), _row(START, 1, {})], "twice in one response"),
        ([_row(date(2025, 12, 31), 1, {})], "for 2025-12-31, outside 2026-01-01..2026-01-30"),
    ],
)
async def test_rows_that_belong_nowhere_are_refused(rows: list[dict[str, Any]], message: str) -> None:
    """Of a row that comes twice it is unknown which is right, and a row of another day would be loaded twice."""
    with pytest.raises(UnexpectedPayloadError, match=message):
        await read(Fixed({"elements": rows}), [BY_NAME["clicks"]])  # type: ignore[arg-type]


@pytest.mark.parametrize("row", [{"clicks": 1}, {"dateRange": {}, "pivotValues": ["x"]}, None, "text"])
async def test_a_row_without_its_key_is_handed_on_to_be_refused(row: Any) -> None:  # noqa: ANN401  # any JSON
    """An element without the key of a row costs no other row: validation refuses it alone."""
    good = _row(START, 1, {"clicks": 1})
    assert await read(Fixed({"elements": [row, good]}), [BY_NAME["clicks"]]) == [good, row]  # type: ignore[arg-type]


async def test_a_part_of_a_row_without_its_key_is_refused() -> None:
    """Where rows come in parts it could be any row's, whose metrics would then read as zero."""
    server = Fixed({"elements": [_row(START, 1, {"clicks": 1})]}, {"elements": [{"likes": 1}]})
    with pytest.raises(UnexpectedPayloadError, match="without a readable dateRange or pivotValues"):
        await read(server, CATALOGUE[:20])  # type: ignore[arg-type]


def full_day(server: Fixed, campaigns: Any) -> AnalyticsReader:  # noqa: ANN401  # any JSON
    """A reader of one day that fills a response, whose campaigns are then listed as given."""
    server.bodies = [{"elements": [_row(START, n, {"clicks": 1}) for n in range(20)]}, {"elements": campaigns}]
    return reader(server, [BY_NAME["clicks"]], days=1, cap=20)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "campaign",
    [None, {"dateRange": {}}, {"pivotValues": ["urn:li:sponsoredCreative:1"]}, {"pivotValues": []}, _LONG],
    ids=["null", "no day", "no campaign", "no pivot", "5,000 digits"],
)
async def test_a_campaign_that_cannot_be_read_is_in_no_part(campaign: Any) -> None:  # noqa: ANN401  # any JSON
    """A day that is read by campaigns would lack its rows without a sign, so that nothing is loaded."""
    named = _row(START, 1, {}) | {"pivotValues": ["urn:li:sponsoredCampaign:1"]}
    unreadable = named | campaign if campaign else campaign
    with pytest.raises(UnexpectedPayloadError):
        everything([page async for page in full_day(Fixed(), [named, unreadable]).pages()])


async def test_campaigns_that_are_cut_themselves_are_no_parts() -> None:
    """A list that fills a response may lack campaigns; the day is then not divided by those that it has."""
    campaigns = [_row(START, 1, {}) | {"pivotValues": [f"urn:li:sponsoredCampaign:{n}"]} for n in range(20)]
    server = Fixed()
    with pytest.raises(IncompleteResponseError):
        everything([page async for page in full_day(server, campaigns).pages()])
    assert server.bodies == []


async def test_a_cut_response_without_any_key_is_refused() -> None:
    """Where no row says of which day it is, it is unknown how to divide the days."""
    with pytest.raises(UnexpectedPayloadError):
        await read(Fixed({"elements": [{"clicks": 1}] * 20}), [BY_NAME["clicks"]], cap=20)  # type: ignore[arg-type]


async def test_two_full_days_list_their_campaigns_once() -> None:
    """Each day is divided by the same campaigns; they cost one request."""
    rows = {(START + timedelta(days=n), creative): {"clicks": 1} for n in range(2) for creative in range(30)}
    server = Server(rows, cap=20)
    assert keyed(await read(server, [BY_NAME["clicks"]], days=2)) == truth(server, [BY_NAME["clicks"]])
    assert [requested["pivot"] for requested in server.requested].count("CAMPAIGN") == 1


async def test_links_in_a_response_are_never_followed() -> None:
    """There are no pages of adAnalytics: following the link it may show gives 400."""
    links = [{"rel": "next", "href": "/rest/adAnalytics?start=10&count=10"}]
    server = Fixed({"elements": [_row(START, 1, {"clicks": 1})], "paging": {"count": 10, "links": links}})
    assert len(await read(server, [BY_NAME["clicks"]])) == 1  # type: ignore[arg-type]


async def test_decimals_stay_exact() -> None:
    """What LinkedIn writes is what is handed on: text for money, Decimal for numbers with a fraction."""
    row = _row(START, 1, {}) | {"costInUsd": "0.1000", "averageDwellTime": Decimal("1.1")}
    [got] = await read(Fixed({"elements": [row]}), [BY_NAME["costInUsd"]])  # type: ignore[arg-type]
    assert (got["costInUsd"], got["averageDwellTime"]) == ("0.1000", Decimal("1.1"))


def test_several_pivots_are_requested_from_the_finder_statistics() -> None:
    """LinkedIn reads one pivot by `analytics`, and up to three by `statistics`, in the order of a row's values."""
    window = DateWindow(START, START + timedelta(days=1))
    report = Report(5, "CONVERSION", "DAILY", window, (BY_NAME["clicks"],), within=("CREATIVE",))
    requested = query(report.parameters(window, ["clicks"], [7]))
    assert requested.startswith("q=statistics&pivots=List(CREATIVE,CONVERSION)&timeGranularity=DAILY&dateRange=")
    assert "&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A7)&fields=dateRange,pivotValues,clicks" in requested
    assert report.subject == "DAILY analytics by CREATIVE and CONVERSION of account 5"


@pytest.mark.parametrize("within", [("MEMBER_INDUSTRY",), ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN")])
def test_pivots_that_linkedin_does_not_read_at_once_are_refused(within: tuple[str, ...]) -> None:
    """A member pivot beside another, and more than three, would be a refusal of LinkedIn's."""
    with pytest.raises(ValueError, match="cannot be read by"):
        Report(5, "CREATIVE", "DAILY", DateWindow(START, START + timedelta(days=1)), (), within=within)
