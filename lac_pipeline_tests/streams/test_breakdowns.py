"""Breakdowns: each is requested by itself, reads the metrics that LinkedIn gives by it, and keeps values as text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.models.validation import validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams.breakdowns import BREAKDOWNS, CAMPAIGN_BREAKDOWNS, DEVICE
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.windows import ONE_DAY, DateWindow
from lac_pipeline_tests.linkedin.doubles import Clock, simulated
from lac_pipeline_tests.models.copied_rows import rows_of_batch

ACCOUNT = 510000001
BUTTON = "CONVERSATION_NODE_OPTION_INDEX"
Rows = list[dict[str, Any]]


def choosing(breakdowns: str, *, version: str = "202609") -> Settings:
    """Settings that choose these breakdowns."""
    return Settings.model_construct(lac_breakdowns=breakdowns, linkedin_api_version=version)


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[SimulatorServer]:
    """The demo's accounts, which have ads of every kind."""
    with SimulatorServer(World.demo(clock=clock)) as sim:
        yield sim


async def read(
    simulator: SimulatorServer, clock: Clock, engine: Engine, breakdowns: str, *, days: int = 3
) -> tuple[Rows, list[UnreadPivot]]:
    """The valid rows of the last days, each as its columns, and the breakdowns that could not be read."""
    today = clock().date()
    partition = AccountWindow(ACCOUNT, DateWindow(today - days * ONE_DAY, today), ())
    source, found = source_of(CAMPAIGN_BREAKDOWNS, choosing(breakdowns)), []
    async with simulated(simulator, clock=clock) as client:
        naming = Naming(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
        found = [batch async for batch in source.batches(client, partition, naming)]
    rows: Rows = []
    for batch in found:
        if isinstance(batch, Batch):
            rows += [dict(zip(source.columns(ACCOUNT), row, strict=True)) for row in rows_of_batch(batch)]
    return rows, [batch for batch in found if isinstance(batch, UnreadPivot)]


@pytest.mark.anyio
async def test_a_breakdown_that_linkedin_refuses_costs_the_others_nothing(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """Each is a request of its own: the others are read, and the one is named."""
    simulator.world.faults.add("adAnalytics", kind="status", status=400, about="pivots=List(CAMPAIGN,PLACEMENT_NAME)")
    rows, unread = await read(simulator, clock, engine, f"{DEVICE},PLACEMENT_NAME,SERVING_LOCATION")
    assert {row["breakdown"] for row in rows} == {DEVICE, "SERVING_LOCATION"}
    assert [failed.pivot for failed in unread] == ["PLACEMENT_NAME"]


@pytest.mark.anyio
async def test_each_breakdown_reads_the_metrics_that_linkedin_gives_by_it(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """Cards have their clicks, buttons theirs, devices no conversions; what is not read is NULL and no zero."""
    simulator.world.switches.refuse_unsupported_metrics = True
    rows, unread = await read(simulator, clock, engine, "all", days=60)
    assert unread == []
    of = {breakdown: [row for row in rows if row["breakdown"] == breakdown] for breakdown in BREAKDOWNS}
    assert [breakdown for breakdown in BREAKDOWNS if not of[breakdown]] == []
    assert {row["external_website_conversions"] for row in of[DEVICE]} == {None}
    assert sum(row["external_website_conversions"] for row in of["SERVING_LOCATION"]) > 0
    assert sum(row["card_clicks"] for row in of["CARD_INDEX"]) > 0
    assert sum(row["action_clicks"] for row in of[BUTTON]) > 0
    assert {row["card_clicks"] for row in of[DEVICE]} == {row["action_clicks"] for row in of["CARD_INDEX"]} == {None}


@pytest.mark.anyio
async def test_posts_have_the_impressions_of_the_campaigns_that_promote_them(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """Each post has its URN as the value, and the impressions of all are those of the campaign's day."""
    rows, _ = await read(simulator, clock, engine, "SHARE")
    posts = {row["value"] for row in rows}
    assert len(posts) > len({row["campaign_id"] for row in rows}) > 1
    assert {post for post in posts if not post.startswith("urn:li:")} == set()
    days = DateWindow(clock().date() - 3 * ONE_DAY, clock().date())
    campaigns = simulator.world.truth.analytics(ACCOUNT, "CAMPAIGN", "DAILY", days, ("impressions",))
    assert sum(row["impressions"] for row in rows) == sum(row["impressions"] for row in campaigns) > 0


@pytest.mark.anyio
async def test_devices_are_one_request(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """What is loaded unless more is chosen costs one call for a window whose rows fit into a response."""
    rows, _ = await read(simulator, clock, engine, DEVICE)
    assert {row["value"] for row in rows} == {"MOBILE_APP", "DESKTOP_WEB", "MOBILE_WEB", "UNDETECTED"}
    assert simulator.world.calls["adAnalytics"] == 1


@pytest.mark.anyio
async def test_many_rows_are_read_over_several_windows(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """Responses that LinkedIn cuts are requested again in parts, until every row of each campaign is there."""
    rows, _ = await read(simulator, clock, engine, DEVICE)
    simulator.world.switches.analytics_cap = len(rows) // 2
    again, _ = await read(simulator, clock, engine, DEVICE)
    assert sorted(map(str, again)) == sorted(map(str, rows))
    assert simulator.world.calls["adAnalytics"] > 3


@pytest.mark.anyio
async def test_a_device_without_a_name_is_kept(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """An empty text is a value of its own, which no other takes the place of."""
    simulator.world.switches.unnamed_device = True
    rows, _ = await read(simulator, clock, engine, DEVICE)
    assert {row["value"] for row in rows} == {"MOBILE_APP", "DESKTOP_WEB", "MOBILE_WEB", "(unknown)"}


@pytest.mark.anyio
@pytest.mark.parametrize("alone", [False, True])
async def test_a_button_is_known_by_its_message_and_index(
    simulator: SimulatorServer, clock: Clock, engine: Engine, alone: bool
) -> None:
    """LinkedIn's page gives a button two values; one that comes with its index alone is kept by it."""
    simulator.world.switches.buttons_without_message = alone
    rows, _ = await read(simulator, clock, engine, BUTTON)
    messages = [f"urn:li:sponsoredConversationNode:{number}" for number in (1, 2)]
    whole = {f"{message},{index}" for message in messages for index in (0, 1)}
    assert {row["value"] for row in rows} == ({"0", "1"} if alone else whole)


def test_a_row_with_more_values_than_pivots_is_refused() -> None:
    """A device has one value; what a second one would be about is unknown."""
    day = {"year": 2026, "month": 11, "day": 20}
    row = {"dateRange": {"start": day, "end": day}, "pivotValues": ["urn:li:sponsoredCampaign:4", "MOBILE_APP", "1"]}
    page = validator_of(CAMPAIGN_BREAKDOWNS, ACCOUNT, pivot=DEVICE).validate([row])
    assert ([record.field for record in page.rejected], page.rows) == (["pivotValues"], [])


def test_a_breakdown_is_left_out_where_the_api_version_has_it_not() -> None:
    """The version that brought a pivot is the first one that it is requested in."""
    report = CAMPAIGN_BREAKDOWNS.report
    assert report is not None
    assert choosing("all", version="202303").pivots_of(report) == BREAKDOWNS[1:]
    assert choosing("all").pivots_of(report) == BREAKDOWNS


def test_devices_add_up_to_the_campaign_in_the_simulator(clock: Clock) -> None:
    """Every additive metric that devices have is split without loss; what is in the feed is mostly seen in the app."""
    truth, metrics = World.demo(clock=clock).truth, ("impressions", "clicks", "costInLocalCurrency")
    window = DateWindow(clock().date() - 30 * ONE_DAY, clock().date())
    campaigns = truth.analytics(ACCOUNT, "CAMPAIGN", "DAILY", window, metrics)
    devices = truth.analytics(ACCOUNT, DEVICE, "DAILY", window, metrics, within=("CAMPAIGN",))
    for metric in ("impressions", "clicks"):
        assert sum(row[metric] for row in devices) == sum(row[metric] for row in campaigns) > 0
    in_feed = {
        f"urn:li:sponsoredCampaign:{campaign['id']}"
        for campaign in truth.campaigns(ACCOUNT)
        if campaign["type"] == "SPONSORED_UPDATES"
    }
    of_feed = [row for row in devices if row["pivotValues"][0] in in_feed]
    seen = {
        device: sum(row["impressions"] for row in of_feed if row["pivotValues"][1] == device)
        for device in ("MOBILE_APP", "DESKTOP_WEB", "MOBILE_WEB", "UNDETECTED")
    }
    assert list(seen) == sorted(seen, key=lambda device: -seen[device])
    assert 0.5 < seen["MOBILE_APP"] / sum(seen.values()) < 0.75
