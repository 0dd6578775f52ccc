"""What LinkedIn gives for one account or campaign a call: an error about one of them costs the others nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, insert

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import GroupSync
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.single_records import SingleRecordSource
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import PermissionMissingError, QuotaSpentError, RetryableError
from lac_pipeline.linkedin.lookups import ATTEMPTS, PROBES
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.linkedin.resource import OfEach
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.entities import TRACKING
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import resource_of
from lac_pipeline.streams.entities import CAMPAIGN_TRACKING_PARAMETERS
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.query.entity_ids import entity_ids
from lac_pipeline.warehouse.schema.tables import Campaign
from lac_pipeline_tests.defs.conftest import running_pipeline
from lac_pipeline_tests.linkedin.doubles import Clock, simulated

ASSET, ENDPOINT = CAMPAIGN_TRACKING_PARAMETERS.name, CAMPAIGN_TRACKING_PARAMETERS.endpoint
CAMPAIGNS = 8


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[SimulatorServer]:
    """One account with parameters of its own, and campaigns of which some have theirs."""
    with SimulatorServer(World.synthetic(campaigns=CAMPAIGNS, creatives=8, days=3, clock=clock)) as sim:
        yield sim


def of_each() -> OfEach:
    """How the stream's records are read."""
    found = resource_of(ASSET).of_each
    assert found is not None
    return found


async def read(
    simulator: SimulatorServer, clock: Clock, engine: Engine, *, version: str = "202609"
) -> tuple[set[object], list[RejectedRecord]]:
    """What has parameters, by URN, and what could not be read."""
    world = simulator.world
    account = int(world.truth.accounts()[0]["id"])
    campaigns = tuple(int(campaign["id"]) for campaign in world.truth.campaigns(account))
    source = SingleRecordSource(CAMPAIGN_TRACKING_PARAMETERS, of_each(), version, campaigns)
    async with simulated(simulator, clock=clock) as client:
        naming = Naming(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
        batches = [batch async for batch in source.batches(client, AccountWindow(account, None, ()), naming)]
    pages = [batch.validator.validate(batch.records) for batch in batches if isinstance(batch, Batch)]
    assert [page.rejected for page in pages if page.rejected] == []
    rows = {row[0] for page in pages for row in page.rows}
    return rows, [batch for batch in batches if isinstance(batch, RejectedRecord)]


def expected(world: World) -> set[object]:
    """The URNs of what has parameters, in the simulator's own books."""
    return {
        f"urn:li:{'sponsoredAccount' if each.id == each.account_id else 'sponsoredCampaign'}:{each.id}"
        for each in world.entities.listed(TRACKING, None)
    }


@pytest.mark.anyio
@pytest.mark.parametrize("empty", [False, True])
async def test_only_what_is_set_is_a_row(
    simulator: SimulatorServer, clock: Clock, engine: Engine, *, empty: bool
) -> None:
    """Where nothing is set LinkedIn returns 404, or an empty record: neither is a row, and neither is a failure."""
    simulator.world.switches.empty_tracking_parameters = empty
    loaded, unread = await read(simulator, clock, engine)
    assert (loaded, unread) == (expected(simulator.world), [])
    assert 2 < len(loaded) < 1 + CAMPAIGNS
    assert simulator.world.calls[ENDPOINT] == 1 + CAMPAIGNS


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 403, 500])
async def test_one_campaign_costs_the_others_nothing(
    simulator: SimulatorServer, clock: Clock, engine: Engine, status: int
) -> None:
    """The one that LinkedIn fails on is named with what LinkedIn returned, and known by its key."""
    failing = "urn:li:sponsoredCampaign:1000000"
    simulator.world.faults.add(ENDPOINT, kind="status", status=status, about=failing)
    loaded, (unread,) = await read(simulator, clock, engine)
    assert loaded == expected(simulator.world) - {failing}
    assert (unread.record_id, unread.key) == ("1000000", {"ad_entity": failing})
    assert str(status) in unread.reason


@pytest.mark.anyio
async def test_where_nothing_can_be_read_the_rest_is_not_tried(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """When LinkedIn fails on each of the first, the stream fails, after few calls."""
    simulator.world.faults.add(ENDPOINT, kind="status", status=500)
    with pytest.raises(RetryableError):
        await read(simulator, clock, engine)
    assert simulator.world.calls[ENDPOINT] == PROBES * ATTEMPTS


@pytest.mark.anyio
async def test_what_the_token_may_not_read_is_no_failure_of_a_campaign(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """Refused everywhere, the stream is: it is skipped as a whole. A spent quota ends the read at once."""
    simulator.world.faults.add(ENDPOINT, kind="status", status=403)
    with pytest.raises(PermissionMissingError):
        await read(simulator, clock, engine)
    simulator.world.faults.clear()
    simulator.world.quotas.limit(ENDPOINT, member_day=1)
    with pytest.raises(QuotaSpentError):
        await read(simulator, clock, engine)


@pytest.mark.anyio
async def test_an_older_version_has_none_of_accounts(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """Before 202608 only campaigns are requested."""
    loaded, unread = await read(simulator, clock, engine, version="202607")
    account = f"urn:li:sponsoredAccount:{simulator.world.truth.accounts()[0]['id']}"
    assert (loaded, unread) == (expected(simulator.world) - {account}, [])
    assert simulator.world.calls[ENDPOINT] == CAMPAIGNS


def test_message_campaigns_and_removed_ones_are_not_requested(engine: Engine) -> None:
    """LinkedIn refuses the first and does not know the others."""
    rows = [
        {"id": 1, "account_id": 7, "name": "a", "type": "SPONSORED_UPDATES", "removed_at": None},
        {"id": 2, "account_id": 7, "name": "b", "type": "SPONSORED_INMAILS", "removed_at": None},
        {"id": 3, "account_id": 7, "name": "c", "type": "TEXT_AD", "removed_at": utc_now()},
        {"id": 4, "account_id": 7, "name": "d", "type": None, "removed_at": None},
        {"id": 5, "account_id": 8, "name": "e", "type": "TEXT_AD", "removed_at": None},
    ]
    with engine.begin() as connection:
        connection.execute(insert(Campaign), rows)
    each = of_each()
    assert entity_ids(engine, each.stream, 7, without=each.without) == [1, 4]


@pytest.mark.whole
def test_what_was_loaded_of_failing_campaigns_stays(warehouse_url: str, tmp_path: Path) -> None:
    """Most calls fail with 500: that is no new form of records. Their rows stay, and each is named until it is read."""
    world = World.synthetic(accounts=1, campaigns=12, creatives=12, days=2)
    start = utc_now().date() - timedelta(days=1)
    with running_pipeline(world, start, warehouse_url, tmp_path, LAC_STREAMS=ASSET) as pipeline:
        pipeline.sync()
        before = pipeline.table(ASSET)
        failing = [str(number) for number in range(1_000_000, 1_000_010)]
        world.faults.add(ENDPOINT, kind="status", status=500, about="sponsoredCampaign:100000")
        assert statuses(pipeline.sync(force=True))[ASSET] == "partial"
        pd.testing.assert_frame_equal(pipeline.table(ASSET), before)
        assert sorted(rejection.record_id for rejection in pipeline.rejections()) == failing
        world.faults.clear()
        assert statuses(pipeline.sync(force=True))[ASSET] == "success"
        assert pipeline.rejections() == []


def statuses(results: list[GroupSync]) -> dict[str, str]:
    """How each attempt ended."""
    assert [result.failure for result in results if result.failure] == []
    return {attempt.attempt.asset: attempt.status for result in results for attempt in result.attempts}
