"""What a wrong clock may do: the warehouse goes by PostgreSQL's clock, and a stamp from its future orders nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from lac_pipeline.clock import utc_now
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.streams import STREAMS, AssetGroup
from lac_pipeline.warehouse.load.rejects import open_rejections
from lac_pipeline.warehouse.load.sync_log import close_attempt
from lac_pipeline.warehouse.query.freshness import FreshnessGate
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.query.usage import ApiUsage
from lac_pipeline.warehouse.schema.base import AHEAD
from lac_pipeline.warehouse.schema.tables import Campaign, CampaignDailyMetric, MetricRestatement
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    begin_metrics,
    campaign_rows,
    load_campaigns,
    load_metrics,
    metric_rows,
    stored,
)

SIX_HOURS = timedelta(hours=6)
DAYS = DateWindow(date(2026, 10, 1), date(2026, 10, 4))


def ahead(by: timedelta) -> Callable[[], datetime]:
    """A clock that runs ahead of this machine's."""
    return lambda: utc_now() + by


@pytest.fixture
def early(engine: Engine) -> Warehouse:
    """A warehouse that was loaded under a clock six hours ahead."""
    return Warehouse(engine, clock=ahead(SIX_HOURS))


def test_attempts_begin_by_the_clock_of_the_server(engine: Engine, warehouse: Warehouse) -> None:
    """Machines whose clocks differ order their attempts by one clock: PostgreSQL's."""
    with engine.connect() as connection:
        before = connection.scalar(select(func.clock_timestamp()))
        attempt = begin_metrics(warehouse)
        after = connection.scalar(select(func.clock_timestamp()))
    assert before is not None
    assert after is not None
    assert before < attempt.started_at < after


def test_a_load_from_the_future_does_not_supersede_a_later_one(
    engine: Engine, early: Warehouse, warehouse: Warehouse
) -> None:
    """After the clock was corrected, the next load writes its rows, and logs what changed."""
    load_metrics(early, metric_rows([1], DAYS), DAYS)
    result = load_metrics(warehouse, metric_rows([1], DAYS, impressions=7), DAYS)
    assert (result.updated, result.superseded) == (3, 0)
    assert {row[0] for row in stored(engine, CampaignDailyMetric, "impressions")} == {7}
    assert len(stored(engine, MetricRestatement)) == 3


def test_entities_from_the_future_do_not_supersede_later_ones(
    engine: Engine, early: Warehouse, warehouse: Warehouse
) -> None:
    """A campaign that was paused after the clock was corrected is shown as paused."""
    load_campaigns(early, campaign_rows([1], status="ACTIVE"))
    assert load_campaigns(warehouse, campaign_rows([1], status="PAUSED")).superseded == 0
    assert stored(engine, Campaign, "status") == [("PAUSED",)]


def test_a_small_difference_of_clocks_orders_as_before(engine: Engine, warehouse: Warehouse) -> None:
    """A few seconds are no wrong clock: of two loads the one that is stamped later stands."""
    load_metrics(Warehouse(engine, clock=ahead(AHEAD / 10)), metric_rows([1], DAYS), DAYS)
    assert load_metrics(warehouse, metric_rows([1], DAYS, impressions=7), DAYS).superseded == 3


def test_a_rejection_from_the_future_closes_when_the_record_is_valid(
    engine: Engine, early: Warehouse, warehouse: Warehouse
) -> None:
    """The quarantine does not wait until the wrong clock's time has come."""
    bad = RejectedRecord("1|2026-10-01", "clicks", "-5", "less than 0", {"clicks": -5})
    load_metrics(early, metric_rows([2], DAYS), DAYS, rejected=[bad])
    assert len(open_rejections(engine)) == 1
    load_metrics(warehouse, metric_rows([1, 2], DAYS), DAYS)
    assert open_rejections(engine) == []


def test_an_account_synced_in_the_future_is_due(engine: Engine) -> None:
    """It would be fresh for six hours too long; one sync after the correction makes it fresh again."""
    gate = FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440)
    last = (utc_now() + SIX_HOURS).date()  # of both clocks, also in the evening
    today = DateWindow.inclusive(last - timedelta(days=4), last)
    for warehouse, verdict in (
        (Warehouse(engine, clock=ahead(SIX_HOURS)), (True, Reason(Cause.FUTURE))),
        (Warehouse(engine), (False, Reason(Cause.FRESH, 0))),
    ):
        for asset in STREAMS.names_in(AssetGroup.METRICS):
            attempt = warehouse.begin(asset, ACCOUNT, run_id="run", trigger="scheduled", window=today)
            with engine.begin() as connection:
                close_attempt(connection, attempt, status="success", at=attempt.started_at)
        assert gate.should_sync(ACCOUNT, AssetGroup.METRICS) == verdict


def test_an_account_synced_in_the_future_is_not_read_from_the_beginning(engine: Engine) -> None:
    """It was synced, only not known when: the days of a refresh are read, not its whole history."""
    gate = FreshnessGate(engine, streams=STREAMS, ttl_minutes=240, demographics_ttl_minutes=1440)
    load_metrics(Warehouse(engine, clock=ahead(SIX_HOURS)), [], DAYS)
    for asset in STREAMS.names_in(AssetGroup.ENTITIES):
        attempt = Warehouse(engine, clock=ahead(SIX_HOURS)).begin(
            asset, ACCOUNT, run_id="run", trigger="scheduled", window=None
        )
        with engine.begin() as connection:
            close_attempt(connection, attempt, status="success", at=attempt.started_at)
    [state] = [state for state in gate.states([ACCOUNT]) if state.group is AssetGroup.ENTITIES]
    assert (state.due, state.synced_at is None) == (True, False)


def test_a_quota_spent_by_a_wrong_clock_does_not_last(engine: Engine) -> None:
    """LinkedIn's day quotas end at the next midnight (UTC), so a later end was written under a wrong clock."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    ApiUsage(engine).mark_spent("adAnalytics", until=datetime(2026, 11, 24, tzinfo=UTC))
    assert ApiUsage(engine).record_call("adAnalytics", None, at=now) is None
