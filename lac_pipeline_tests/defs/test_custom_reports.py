"""Declared reports on their way from LinkedIn: more rows than a response holds, and a replay after they changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from lac_pipeline.archive.left_out import LeftOut, SplitOtherwise
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.replay import Replay
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.reports import ReportSource
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.errors import IncompleteResponseError
from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams.custom_reports import report_stream
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.defs.conftest import running_pipeline
from lac_pipeline_tests.linkedin.doubles import Clock, simulated

DEVICES_A_DAY = 4
METRICS = ("impressions", "clicks")
REPORT = """
[[report]]
name = "devices"
pivots = [{pivots}]
granularity = "DAILY"
metrics = ["impressions", "clicks"]
"""


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[SimulatorServer]:
    """One account with campaigns that are active on each of the last days."""
    with SimulatorServer(World.synthetic(accounts=1, campaigns=3, creatives=6, days=10, clock=clock)) as sim:
        yield sim


async def rows_of(simulator: SimulatorServer, clock: Clock, engine: Engine, *pivots: str) -> tuple[int, int, list[str]]:
    """How many rows of a declared report were read, how many LinkedIn has, and the requests."""
    stream = report_stream("devices", pivots, "DAILY", tuple(BY_NAME[name] for name in METRICS))
    source = ReportSource(stream, pivots[-1:], tuple(BY_NAME[name] for name in METRICS))
    today = clock().date()
    window = DateWindow(today - timedelta(days=5), today)
    (account,) = (int(each["id"]) for each in simulator.world.truth.accounts())
    truth = simulator.world.truth.analytics(account, pivots[-1], "DAILY", window, METRICS, within=pivots[:-1])
    async with simulated(simulator, clock=clock) as client:
        naming = Naming(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
        batches = [batch async for batch in source.batches(client, AccountWindow(account, window, ()), naming)]
    read = {str(row["pivotValues"]) + str(row["dateRange"]) for each in batches for row in _records(each)}
    return len(read), len(truth), [request.query for request in simulator.world.requests]


def _records(batch: object) -> list[dict[str, object]]:
    assert isinstance(batch, Batch)
    return batch.records


@pytest.mark.anyio
async def test_a_day_over_the_cap_is_requested_by_campaigns(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """A report with CAMPAIGN among its pivots is whole, though no response holds one of its days."""
    simulator.world.switches.analytics_cap = 2 * DEVICES_A_DAY
    read, expected, requests = await rows_of(simulator, clock, engine, "CAMPAIGN", "IMPRESSION_DEVICE_TYPE")
    assert read == expected > 0
    assert any("campaigns=List(" in query for query in requests)


@pytest.mark.anyio
async def test_a_day_over_the_cap_that_cannot_be_parted_fails(
    simulator: SimulatorServer, clock: Clock, engine: Engine
) -> None:
    """Nothing is cut without a word: the error says what to do."""
    simulator.world.switches.analytics_cap = DEVICES_A_DAY
    with pytest.raises(IncompleteResponseError, match="cuts the DAILY analytics by CAMPAIGN_GROUP and") as caught:
        await rows_of(simulator, clock, engine, "CAMPAIGN_GROUP", "IMPRESSION_DEVICE_TYPE")
    assert "CAMPAIGN or CREATIVE is among its pivots" in str(caught.value.fix)


def test_a_replay_leaves_out_what_was_split_otherwise(warehouse_url: str, tmp_path: Path) -> None:
    """Responses by other pivots are none to the report of today; they are named, and nothing fails."""
    declared = tmp_path / "reports.toml"
    declared.write_text(REPORT.format(pivots='"IMPRESSION_DEVICE_TYPE"'))
    world = World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)
    given = {"LAC_REPORTS": str(declared), "LAC_STREAMS": "accounts"}
    start = utc_now().date() - timedelta(days=2)
    with running_pipeline(world, start, warehouse_url, tmp_path, **given) as pipeline:
        assert [result.failure for result in pipeline.sync() if result.failure] == []
        stored = len(pipeline.table("report_devices"))
        declared.write_text(REPORT.format(pivots='"CAMPAIGN"'))
        yesterday = utc_now().date() - timedelta(days=1)
        replay = Replay(Settings.load(), warehouse=pipeline.warehouse, instance=pipeline.instance, since=yesterday)
        (account,) = pipeline.session.accounts("all")
        results = list(replay.replay(account))
        assert [result.failure for result in results if result.failure] == []
        left = [each.cause for each in results if isinstance(each, LeftOut) and each.asset == "report_devices"]
        assert left == [SplitOtherwise(1)]
        assert (stored > 0, len(pipeline.table("report_devices"))) == (True, 0)
