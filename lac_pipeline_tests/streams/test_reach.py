"""Reach by month: requested for each level by itself, never for longer than LinkedIn gives it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import Batch
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.linkedin import urn
from lac_pipeline.models.validation import validator_of
from lac_pipeline.settings import Settings
from lac_pipeline.simulator.api.http_server import SimulatorServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams.reach import LEVELS, REACH_BY_MONTH
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.linkedin.doubles import Clock, simulated

ACCOUNT = 510000001
KINDS = {"account": urn.ACCOUNT, "campaign_group": urn.CAMPAIGN_GROUP, "campaign": urn.CAMPAIGN}
AUGUST_TO_NOVEMBER = DateWindow(date(2026, 8, 1), date(2026, 12, 1))


@pytest.fixture
def clock() -> Clock:
    """One clock for both sides."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[SimulatorServer]:
    """The demo's accounts; metrics of ranges that are too long are refused."""
    with SimulatorServer(World.demo(clock=clock)) as sim:
        sim.world.switches.refuse_unsupported_metrics = True
        yield sim


async def read(simulator: SimulatorServer, clock: Clock, engine: Engine, window: DateWindow) -> list[dict[str, Any]]:
    """The valid rows of these months, each as its columns."""
    settings = Settings.model_construct(lac_metrics="clicks", linkedin_api_version="202609")
    source, rows = source_of(REACH_BY_MONTH, settings), []
    async with simulated(simulator, clock=clock) as client:
        naming = Naming(client, UrnNames(engine), AdContents(engine), logging.getLogger(__name__))
        async for batch in source.batches(client, AccountWindow(ACCOUNT, window, ()), naming):
            assert isinstance(batch, Batch)
            page = batch.validator.validate(batch.records)
            assert page.rejected == []
            rows += [dict(zip(source.columns(ACCOUNT), row, strict=True)) for row in page.rows]
    return rows


@pytest.mark.anyio
async def test_each_level_is_read_month_by_month(simulator: SimulatorServer, clock: Clock, engine: Engine) -> None:
    """Account, groups and campaigns have LinkedIn's own estimate, whatever LAC_METRICS names, and no sum of ours."""
    rows = await read(simulator, clock, engine, AUGUST_TO_NOVEMBER)
    metrics, truth = ("impressions", "approximateMemberReach"), simulator.world.truth
    for pivot, level in LEVELS.items():
        expected = {
            (urn.id_of(row["pivotValues"][0], kind=KINDS[level]), month, row["approximateMemberReach"])
            for month in (date(2026, number, 1) for number in (8, 9, 10, 11))
            for row in truth.analytics(ACCOUNT, pivot, "MONTHLY", _month(month), metrics)
        }
        found = [row for row in rows if row["level"] == level]
        assert {(row["entity_id"], row["month"], row["approximate_member_reach"]) for row in found} == expected
        assert len(found) == len(expected) > 0
    assert all(0 < row["audience_penetration"] <= 1 for row in rows)


def _month(first: date) -> DateWindow:
    following = date(first.year, first.month + 1, 1)
    return DateWindow(first, following)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("window", "requests"),
    [(AUGUST_TO_NOVEMBER, 2), (DateWindow(date(2026, 9, 1), date(2026, 12, 1)), 1)],
)
async def test_three_months_are_one_request_a_level(
    simulator: SimulatorServer, clock: Clock, engine: Engine, window: DateWindow, requests: int
) -> None:
    """LinkedIn gives no reach for more than 92 days, and three months in a row never have more."""
    await read(simulator, clock, engine, window)
    queries = [request.query for request in simulator.world.requests if request.endpoint == "adAnalytics"]
    first = [query for query in queries if "count=" not in query]  # ten rows are requested again with a count
    assert len(first) == requests * len(LEVELS)


@pytest.mark.parametrize("year", [2023, 2024])
def test_no_request_is_longer_than_linkedin_allows(year: int) -> None:
    """Wherever a year begins, leap years too: every month is in one range, whole, of at most 92 days."""
    report = REACH_BY_MONTH.report
    assert report is not None
    for first in range(1, 13):
        window = DateWindow(date(year, first, 1), date(year + 1, first, 1))
        ranges = report.ranges(window)
        assert [day for part in ranges for day in part] == list(window)
        assert (len(ranges), {part.start.day for part in ranges}) == (4, {1})
        assert max(part.days for part in ranges) <= 92


def test_reach_that_linkedin_leaves_out_is_unknown() -> None:
    """No number is no zero: members may have seen the ad all the same."""
    days = {"start": {"year": 2026, "month": 10, "day": 1}, "end": {"year": 2026, "month": 10, "day": 31}}
    row = {"dateRange": days, "pivotValues": ["urn:li:sponsoredCampaignGroup:7"], "impressions": 5}
    settings = Settings.model_construct(linkedin_api_version="202609")
    validator = validator_of(
        REACH_BY_MONTH, ACCOUNT, metrics=settings.metrics_of(REACH_BY_MONTH), pivot="CAMPAIGN_GROUP"
    )
    (loaded,) = validator.validate([row]).rows
    values = dict(zip(validator.columns, loaded, strict=True))
    assert (values["level"], values["entity_id"], values["month"]) == ("campaign_group", 7, date(2026, 10, 1))
    assert (values["impressions"], values["approximate_member_reach"], values["audience_penetration"]) == (
        5,
        None,
        None,
    )
