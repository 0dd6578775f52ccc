"""Audiences by campaign: a call for each, within a budget of calls, and on where the sync before it stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.plan import plan
from lac_pipeline.commands.session.sync_results import GroupSync, SyncRequest
from lac_pipeline.commands.status import status_of
from lac_pipeline.defs.assets.entity_reports import EntityReportSource
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import BadRequestError, ReauthorizeError, RetryableError, SettingsError
from lac_pipeline.reporting.check_wording import words_of
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.audiences import CAMPAIGN_DEMOGRAPHICS
from lac_pipeline.warehouse.check_results import Check
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.attempts import EntityReads
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.query.entity_reads import EntityReadPlanner, ReadPlan
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, EntityRead
from lac_pipeline.windows import ONE_DAY, DateWindow
from lac_pipeline_tests.defs.conftest import Pipeline, running_pipeline
from lac_pipeline_tests.linkedin.doubles import Clock, simulated

ASSET = CAMPAIGN_DEMOGRAPHICS.name
CAMPAIGNS = 6
FIRST = 1_000_000
REPORT = CAMPAIGN_DEMOGRAPHICS.report
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER_AND_NOVEMBER = DateWindow(date(2026, 10, 1), date(2026, 12, 1))


def chosen(budget: int) -> Settings:
    """Settings that choose seniority, with a budget of calls."""
    return Settings.model_construct(
        linkedin_api_version="202609",
        lac_metrics="impressions",
        lac_start_date=date(2026, 10, 1),
        lac_campaign_demographics="MEMBER_SENIORITY",
        lac_campaign_demographics_calls=budget,
    )


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[SimulatorServer]:
    """One account with six campaigns."""
    with SimulatorServer(World.synthetic(campaigns=CAMPAIGNS, creatives=6, days=40, clock=clock)) as sim:
        yield sim


async def read(
    simulator: SimulatorServer, clock: Clock, engine: Engine, *, budget: int, used: int = 0
) -> tuple[EntityReads, list[str]]:
    """How far a read of all campaigns by seniority comes, and what was requested."""
    settings = chosen(budget)
    source = source_of(CAMPAIGN_DEMOGRAPHICS, settings)
    assert isinstance(source, EntityReportSource)
    pairs = tuple((FIRST + n, "MEMBER_SENIORITY") for n in range(CAMPAIGNS))
    planned = ReadPlan(tuple(entity for entity, _ in pairs), pairs, frozenset(pairs), used, NOW)
    source = EntityReportSource(source.stream, source.report, source.one_by_one, settings, planned)
    account = int(simulator.world.truth.accounts()[0]["id"])
    async with simulated(simulator, clock=clock) as client:
        naming = Naming(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
        partition = AccountWindow(account, OCTOBER_AND_NOVEMBER, ())
        batches = [batch async for batch in source.batches(client, partition, naming)]
    (reads,) = [batch for batch in batches if isinstance(batch, EntityReads)]
    return reads, [request.query for request in simulator.world.requests if request.endpoint == "adAnalytics"]


@pytest.mark.anyio
async def test_each_campaign_is_one_call_for_all_months(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """One campaign, one member pivot, both months: nothing waits afterwards."""
    reads, requests = await read(simulator, clock, engine, budget=100)
    assert [entity for entity, _ in reads.read] == [FIRST + n for n in range(CAMPAIGNS)]
    assert (reads.entities, reads.waiting, reads.goes_on_at, reads.failed) == (CAMPAIGNS, 0, None, ())
    assert len(requests) == CAMPAIGNS
    assert all(f"campaigns=List(urn%3Ali%3AsponsoredCampaign%3A{FIRST + n})" in requests[n] for n in range(CAMPAIGNS))
    assert all("q=analytics&pivot=MEMBER_SENIORITY&timeGranularity=MONTHLY" in request for request in requests)


@pytest.mark.anyio
async def test_a_used_budget_ends_the_read_and_says_until_when(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """What the day's syncs sent before counts; the rest waits for midnight, UTC. It is no failure."""
    reads, requests = await read(simulator, clock, engine, budget=10, used=6)
    assert (len(reads.read), reads.waiting, len(requests)) == (4, 2, 4)
    assert (reads.goes_on_at, reads.own_budget) == (datetime(2026, 11, 21, tzinfo=UTC), True)
    reads, requests = await read(simulator, clock, engine, budget=10, used=12)
    assert (reads.read, reads.waiting, len(requests)) == ((), 6, 4)


@pytest.mark.anyio
async def test_linkedins_own_quota_ends_the_read_too(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """What was read until then is kept, and the rest waits until LinkedIn takes requests again."""
    simulator.world.quotas.limit("adAnalytics", member_day=2)
    reads, _ = await read(simulator, clock, engine, budget=100)
    assert (len(reads.read), reads.waiting, reads.own_budget) == (2, 4, False)
    assert reads.goes_on_at == datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 403, 500])
async def test_one_campaign_costs_the_others_nothing(
    simulator: SimulatorServer, clock: Clock, engine: Engine, status: int
) -> None:
    """It is named with LinkedIn's error, and the other five are read."""
    simulator.world.faults.add("adAnalytics", kind="status", status=status, about=f"sponsoredCampaign:{FIRST}")
    reads, _ = await read(simulator, clock, engine, budget=100)
    (failed,) = reads.failed
    assert (failed.entity_id, failed.pivot) == (FIRST, "MEMBER_SENIORITY")
    assert str(status) in failed.detail
    assert (len(reads.read), reads.waiting) == (CAMPAIGNS - 1, 0)


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), [(400, BadRequestError), (500, RetryableError)])
async def test_when_no_campaign_can_be_read_the_stream_fails(
    simulator: SimulatorServer, clock: Clock, engine: Engine, status: int, error: type[Exception]
) -> None:
    """Nothing was read, so nothing is partial."""
    simulator.world.faults.add("adAnalytics", kind="status", status=status)
    with pytest.raises(error):
        await read(simulator, clock, engine, budget=100)


@pytest.mark.anyio
async def test_a_dead_token_ends_the_read_at_once(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """Signing in again is for all campaigns."""
    simulator.world.edit.revoke(simulator.world.token)
    simulator.world.edit.revoke(simulator.world.refresh_token)
    with pytest.raises(ReauthorizeError):
        await read(simulator, clock, engine, budget=100)
    assert simulator.world.calls["adAnalytics"] <= 2


def planner(engine: Engine) -> EntityReadPlanner:
    """Plans campaign demographics; what was read in the last three days is fresh."""
    assert REPORT is not None
    assert REPORT.one_by_one is not None
    return EntityReadPlanner(engine, ASSET, REPORT.one_by_one, timedelta(days=3), date(2026, 10, 1))


def shown(campaign: int, day: date, impressions: int | None) -> dict[str, object]:
    """A day of a campaign."""
    return {"campaign_id": campaign, "date": day, "account_id": 7, "impressions": impressions}


def test_campaigns_with_enough_impressions_in_a_month_are_read(engine: Engine) -> None:
    """300 in one month; fewer in each of two months are too few. Unknown is not few, nor is a month known in part."""
    october, november, september = date(2026, 10, 5), date(2026, 11, 5), date(2026, 9, 30)
    rows = [
        *(shown(1, october, 200), shown(1, october + ONE_DAY, 100)),
        *(shown(2, october, 299), shown(2, november, 299)),
        *(shown(3, october, 1), shown(3, november, None)),
        shown(4, september, 5),
        *(shown(5, september, 5000), shown(5, november, 5)),
    ]
    with engine.begin() as connection:
        connection.execute(insert(CampaignDailyMetric), rows)
    window = DateWindow(date(2026, 9, 1), date(2026, 12, 1))
    assert planner(engine).plan(7, window, ["P"], again=False).entities == (1, 3, 4, 5)
    assert planner(engine).plan(7, OCTOBER_AND_NOVEMBER, ["P"], again=False).entities == (1, 3)
    assert planner(engine).plan(8, window, ["P"], again=False).entities == ()


def test_what_was_never_read_comes_first(engine: Engine) -> None:
    """Then what was read longest ago; what is fresh is left out, unless all is to be read again."""
    now = utc_now()
    with engine.begin() as connection:
        connection.execute(
            insert(CampaignDailyMetric), [shown(campaign, date(2026, 10, 5), 300) for campaign in range(1, 6)]
        )
        ages = {1: 4, 2: 9, 3: 1}
        key = {"asset": ASSET, "account_id": 7, "pivot_type": "P"}
        reads = [
            key | {"entity_id": entity, "read_at": now - timedelta(days=days), "window_start": date(2026, 10, 1)}
            for entity, days in ages.items()
        ]
        shorter = key | {"entity_id": 4, "read_at": now, "window_start": date(2026, 11, 1)}
        connection.execute(insert(EntityRead), [*reads, shorter])
    due = planner(engine).plan(7, OCTOBER_AND_NOVEMBER, ["P"], again=False)
    assert [entity for entity, _ in due.pairs] == [4, 5, 2, 1]
    everything = planner(engine).plan(7, OCTOBER_AND_NOVEMBER, ["P"], again=True)
    assert [entity for entity, _ in everything.pairs] == [4, 5, 2, 1, 3]
    assert everything.due == frozenset(due.pairs)


@contextmanager
def limited(world: World, warehouse_url: str, home: Path, *, budget: int) -> Iterator[Pipeline]:
    """A pipeline that reads campaigns by seniority within a budget."""
    given = {
        "LAC_STREAMS": "accounts",
        "LAC_CAMPAIGN_DEMOGRAPHICS": "member_seniority",
        "LAC_CAMPAIGN_DEMOGRAPHICS_CALLS": str(budget),
    }
    with running_pipeline(world, utc_now().date() - timedelta(days=39), warehouse_url, home, **given) as pipeline:
        yield pipeline


def succeeded(results: list[GroupSync]) -> dict[str, str]:
    """How each attempt ended; none failed."""
    assert [result.failure for result in results if result.failure] == []
    return {attempt.attempt.asset: attempt.status for result in results for attempt in result.attempts}


@pytest.mark.whole
def test_it_stops_within_its_budget_and_goes_on_later(warehouse_url: str, tmp_path: Path) -> None:
    """No stream fails, status names how far it came, the gate waits until midnight, and then the rest is read first."""
    world = World.synthetic(accounts=1, campaigns=CAMPAIGNS, creatives=6, days=40)
    account = int(world.truth.accounts()[0]["id"])
    with limited(world, warehouse_url, tmp_path, budget=4) as pipeline:
        ended = succeeded(pipeline.sync())
        assert {name: status for name, status in ended.items() if status != "success"} == {ASSET: "partial"}
        assert set(pipeline.table(ASSET)["campaign_id"]) == {FIRST + n for n in range(4)}
        (state,) = status_of(pipeline.settings, pipeline.warehouse, checked=[account]).checks
        assert (state.check, state.is_error) == (Check.ENTITIES_READ, False)
        assert words_of(state).problem.startswith("4 of 6 campaigns are up to date; the others follow after ")
        assert due(pipeline, utc_now()) == []
        tomorrow = utc_now().replace(hour=0, minute=30) + timedelta(days=1)
        assert due(pipeline, tomorrow) == [AssetGroup.CAMPAIGN_DEMOGRAPHICS]
        planned = plan(pipeline.session, [account], SyncRequest(force=True), pipeline.settings)
        (step,) = [step for step in planned.steps if step.group is AssetGroup.CAMPAIGN_DEMOGRAPHICS]
        assert (step.calls, step.most_calls_a_day) == (CAMPAIGNS, 4)
    before = len(world.requests)
    with limited(world, warehouse_url, tmp_path, budget=7) as pipeline:  # five were made: four, and one for names
        succeeded(pipeline.sync(force=True))
        requested = [sent.query for sent in world.requests[before:] if "pivot=MEMBER_SENIORITY" in sent.query]
        assert len(requested) == 2
        assert all(f"sponsoredCampaign%3A{FIRST + 4 + n})" in query for n, query in enumerate(requested))
        assert set(pipeline.table(ASSET)["campaign_id"]) == {FIRST + n for n in range(CAMPAIGNS)}
        assert status_of(pipeline.settings, pipeline.warehouse, checked=[account]).checks == []


@pytest.mark.whole
def test_it_stays_due_where_it_came_before_the_daily_metrics(warehouse_url: str, tmp_path: Path) -> None:
    """Without impressions no campaign is known to have an audience: that nothing was read confirms nothing."""
    world = World.synthetic(accounts=1, campaigns=CAMPAIGNS, creatives=6, days=40)
    with limited(world, warehouse_url, tmp_path, budget=20) as pipeline:
        (account,) = pipeline.session.accounts("all")
        start, today = pipeline.settings.start_date, utc_now().date()
        first, last = (f"{account}|{day:%Y-%m}-01" for day in (start, today))
        months = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        assert pipeline.materialize([ASSET], tags=months).success
        assert AssetGroup.CAMPAIGN_DEMOGRAPHICS in due(pipeline, utc_now())
        succeeded(pipeline.sync())
        assert set(pipeline.table(ASSET)["campaign_id"]) == {FIRST + n for n in range(CAMPAIGNS)}
        assert AssetGroup.CAMPAIGN_DEMOGRAPHICS not in due(pipeline, utc_now())


def due(pipeline: Pipeline, at: datetime) -> list[AssetGroup]:
    """The groups that are due at a time, with a TTL of a week."""
    gate = FreshnessGate(
        pipeline.warehouse.engine,
        streams=pipeline.settings.streams,
        ttl_minutes=10_080,
        demographics_ttl_minutes=10_080,
        parts=pipeline.settings.parts,
        clock=lambda: at,
    )
    (account,) = (int(account["id"]) for account in pipeline.world.truth.accounts())
    return [state.group for state in gate.states([account]) if state.due]


@pytest.mark.parametrize(
    ("streams", "pivots", "loaded"),
    [
        ("default", "", False),
        ("all", "", False),
        ("default", "MEMBER_SENIORITY", True),
        ("accounts", "all", True),
        ("campaign_demographics", "MEMBER_SENIORITY", True),
    ],
)
def test_its_own_setting_opens_it(monkeypatch: pytest.MonkeyPatch, streams: str, pivots: str, *, loaded: bool) -> None:
    """LAC_CAMPAIGN_DEMOGRAPHICS decides alone, and brings the daily metrics that show which campaigns to read."""
    settings = set_to(monkeypatch, LAC_STREAMS=streams, LAC_CAMPAIGN_DEMOGRAPHICS=pivots)
    assert (ASSET in settings.streams) is loaded
    assert not loaded or "campaign_daily_metrics" in settings.streams


@pytest.mark.parametrize(
    ("streams", "pivots", "says"),
    [
        (
            "accounts,campaign_demographics",
            "",
            "LAC_STREAMS names campaign_demographics, and no member pivot is chosen",
        ),
        ("default", "MEMBER_SENORITY", "did you mean MEMBER_SENIORITY"),
    ],
)
def test_a_contradiction_is_refused(monkeypatch: pytest.MonkeyPatch, streams: str, pivots: str, says: str) -> None:
    """With what to set instead."""
    with pytest.raises(SettingsError) as refused:
        set_to(monkeypatch, LAC_STREAMS=streams, LAC_CAMPAIGN_DEMOGRAPHICS=pivots)
    assert [fault.name for fault in refused.value.faults] == ["LAC_CAMPAIGN_DEMOGRAPHICS"]
    assert says in str(refused.value)


def set_to(monkeypatch: pytest.MonkeyPatch, **given: str) -> Settings:
    """The settings of this environment."""
    for name, value in {"LAC_ENV_FILE": "", "LINKEDIN_CLIENT_ID": "x", "LINKEDIN_CLIENT_SECRET": "y", **given}.items():
        monkeypatch.setenv(name, value)
    return Settings.load()
