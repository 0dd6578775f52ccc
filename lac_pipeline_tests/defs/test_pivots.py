"""Audience splits: a member pivot that LinkedIn refuses, or fails on, costs the others nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from lac_pipeline.commands.session.sync_results import GroupSync
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.reports import FAILURES
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import BadRequestError, LinkedInError, QuotaSpentError, ReauthorizeError, RetryableError
from lac_pipeline.reporting.check_wording import words_of
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS, MEMBER_PIVOTS
from lac_pipeline.warehouse.check_results import Check, UnreadPivot
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline.windows import ONE_DAY, DateWindow, month_of
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.linkedin.doubles import Clock, simulated
from lac_pipeline_tests.models.copied_rows import rows_of

PIVOTS = list(MEMBER_PIVOTS)


def choosing(pivots: str) -> Settings:
    """Settings that choose these pivots."""
    return Settings.model_construct(lac_metrics="impressions", linkedin_api_version="202609", lac_member_pivots=pivots)


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[SimulatorServer]:
    """One account that is active on each of the last days."""
    with SimulatorServer(World.synthetic(campaigns=2, creatives=4, days=40, clock=clock)) as sim:
        yield sim


async def read(
    simulator: SimulatorServer, clock: Clock, engine: Engine, *, pivots: str = "all", months: int = 1
) -> tuple[set[str], list[UnreadPivot]]:
    """The pivots that were read, as their validators know them, and those that could not be read."""
    end = month_of(clock().date()).end
    window = DateWindow(month_of(end - ONE_DAY * (31 * months - 1)).start, end)
    account = next(iter(simulator.world.truth.accounts()))["id"]
    partition = AccountWindow(account, window, ())
    async with simulated(simulator, clock=clock) as client:
        naming = Naming(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
        source = source_of(AUDIENCE_DEMOGRAPHICS, choosing(pivots))
        batches = [batch async for batch in source.batches(client, partition, naming)]
    read = [batch for batch in batches if isinstance(batch, Batch)]
    rows = [row for batch in read if batch.decoded for row in rows_of(batch.validator.columns, batch.decoded.text)]
    return {str(row[-1]) for row in rows}, [batch for batch in batches if isinstance(batch, UnreadPivot)]


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("pivot", [PIVOTS[0], PIVOTS[4], PIVOTS[-1]])
async def test_one_pivot_costs_the_others_nothing(
    simulator: SimulatorServer, clock: Clock, engine: Engine, pivot: str, status: int
) -> None:
    """Refused or failing for good, first or last: the other eight are read, and the one is named."""
    simulator.world.faults.add("adAnalytics", kind="status", status=status, about=f"pivot={pivot}&")
    loaded, unread = await read(simulator, clock, engine)
    assert loaded == set(PIVOTS) - {pivot}
    assert [unread_pivot.pivot for unread_pivot in unread] == [pivot]
    assert f"{status}" in unread[0].detail


@pytest.mark.anyio
async def test_a_pivot_is_read_whole_or_not_at_all(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """A pivot of which one of several responses is refused yields no row: half of it would look like all of it."""
    simulator.world.switches.analytics_cap = 40
    october = "dateRange=(start:(year:2026,month:10,day:1),end:(year:2026,month:10"
    october = f"pivot=MEMBER_INDUSTRY&timeGranularity=MONTHLY&{october}"
    simulator.world.faults.add("adAnalytics", kind="status", status=400, about=october)
    loaded, unread = await read(simulator, clock, engine, pivots="MEMBER_INDUSTRY,MEMBER_SENIORITY", months=2)
    assert (loaded, [unread_pivot.pivot for unread_pivot in unread]) == ({"MEMBER_SENIORITY"}, ["MEMBER_INDUSTRY"])
    months = [request for request in simulator.world.requests if "pivot=MEMBER_INDUSTRY" in request.query]
    assert len(months) > 1


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 500])
async def test_when_no_pivot_can_be_read_the_account_fails(
    simulator: SimulatorServer, clock: Clock, engine: Engine, status: int
) -> None:
    """Nothing was loaded, so nothing is partial; when LinkedIn is down, not every pivot is tried."""
    simulator.world.faults.add("adAnalytics", kind="status", status=status)
    expected: type[LinkedInError] = BadRequestError if status == 400 else RetryableError
    with pytest.raises(expected):
        await read(simulator, clock, engine)
    pivots = {request.query.partition("pivot=")[2].partition("&")[0] for request in simulator.world.requests}
    assert len(pivots) == (len(PIVOTS) if status == 400 else FAILURES)


@pytest.mark.anyio
async def test_a_spent_quota_ends_the_read_at_once(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """What concerns every pivot is tried with none of the others."""
    simulator.world.quotas.limit("adAnalytics", member_day=3)
    with pytest.raises(QuotaSpentError):
        await read(simulator, clock, engine)
    assert simulator.world.calls["adAnalytics"] == 4


@pytest.mark.anyio
async def test_a_dead_token_ends_the_read_at_once(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """Signing in again is for all pivots."""
    simulator.world.edit.revoke(simulator.world.token)
    simulator.world.edit.revoke(simulator.world.refresh_token)
    with pytest.raises(ReauthorizeError):
        await read(simulator, clock, engine)
    assert simulator.world.calls["adAnalytics"] <= 2


@pytest.mark.anyio
async def test_only_chosen_pivots_are_read(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """A pivot that LAC_MEMBER_PIVOTS leaves out is not requested."""
    chosen = await read(simulator, clock, engine, pivots="MEMBER_COMPANY, member_seniority")
    assert chosen == ({"MEMBER_COMPANY", "MEMBER_SENIORITY"}, [])
    queries = [request.query for request in simulator.world.requests if request.endpoint == "adAnalytics"]
    assert {query.partition("pivot=")[2].partition("&")[0] for query in queries} == chosen[0]


def attempt_at(asset: str, result: GroupSync) -> AttemptRecord:
    """The attempt at an asset in the sync of its group."""
    [attempt] = [record for record in result.attempts if record.attempt.asset == asset]
    return attempt


def test_a_refused_pivot_is_known_until_it_is_read(pipeline: Pipeline) -> None:
    """The sync is partial, the others are loaded, its old rows stay, and a check fails until a load has read it."""
    account = pipeline.session.accounts("all")[0]
    demographics = "audience_demographics"
    [*_, first] = pipeline.sync(str(account), force=True)
    assert attempt_at(demographics, first).status == "success"
    before = pipeline.table(demographics)
    pipeline.world.faults.add("adAnalytics", kind="status", status=400, about="pivot=MEMBER_INDUSTRY&")
    campaign = pipeline.world.truth.campaigns(account)[0]["id"]
    pipeline.world.edit.vanish("adCampaigns", campaign, month_of(pipeline.world.now().date()))
    [*_, partial] = pipeline.sync(str(account), force=True)
    attempt = attempt_at(demographics, partial)
    assert (attempt.status, partial.failure) == ("partial", None)
    assert "MEMBER_INDUSTRY" in str(attempt.errors[0]["summary"])
    after = pipeline.table(demographics)
    was, now = (frame.groupby("pivot_type")["impressions"].sum() for frame in (before, after))
    assert [pivot for pivot in was.index if now[pivot] >= was[pivot]] == ["MEMBER_INDUSTRY"]
    assert now["MEMBER_INDUSTRY"] == was["MEMBER_INDUSTRY"]
    [state] = CheckStates(pipeline.warehouse.engine).not_passed([account])
    problem, fix = words_of(state)
    assert (state.check, state.is_error) == (Check.PIVOTS_LOADED, True)
    assert ("MEMBER_INDUSTRY" in problem, "LAC_MEMBER_PIVOTS" in fix) == (True, True)
    pipeline.world.faults.clear()
    pipeline.sync(str(account), force=True)
    assert CheckStates(pipeline.warehouse.engine).not_passed([account]) == []
    reloaded = pipeline.table(demographics).groupby("pivot_type")["impressions"].sum()
    assert reloaded["MEMBER_INDUSTRY"] < was["MEMBER_INDUSTRY"]
