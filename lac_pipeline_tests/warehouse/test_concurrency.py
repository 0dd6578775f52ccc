"""Many syncs at once, each with connections of its own, as runs in processes of their own have."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

from sqlalchemy import Engine, select

from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.schema.tables import HISTORIES, CampaignDailyMetric, MetricRestatement
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    WINDOW,
    Row,
    begin_campaigns,
    begin_metrics,
    campaign_rows,
    load,
    metric_rows,
    stored,
)

ACCOUNTS = range(1, 11)
LAST_DAYS = DateWindow(date(2026, 11, 9), WINDOW.end)
MUCH_LATER = datetime(2026, 12, 1, tzinfo=UTC)
Sync = Callable[[Warehouse], object]


def rows_of(account: int, window: DateWindow, *, impressions: int) -> list[Row]:
    """Rows of twenty campaigns of the account, on all days of the window."""
    rows = metric_rows(range(20), window, impressions=impressions)
    return [(account * 1000 + row[0], row[1], account, *row[3:]) for row in rows]


def at_once(url: str, syncs: list[Sync]) -> None:
    """Run the syncs at the same moment, each on an engine of its own; an error of any is raised."""
    start = Barrier(len(syncs))

    def run(sync: Sync) -> None:
        engine = make_engine(url, pool_size=1)
        try:
            start.wait()
            sync(Warehouse(engine))
        finally:
            engine.dispose()

    with ThreadPoolExecutor(len(syncs)) as pool:
        list(pool.map(run, syncs))


def test_a_backfill_of_ten_accounts_beside_the_sensor(engine: Engine, warehouse_url: str) -> None:
    """Of each account a backfill begun first and a refresh begun later load together: every day is the later one's."""
    warehouse = Warehouse(engine)
    syncs: list[Sync] = []
    for account in ACCOUNTS:
        for window, impressions in ((WINDOW, 1), (LAST_DAYS, 2)):
            attempt = begin_metrics(warehouse, window, account_id=account)
            rows = rows_of(account, window, impressions=impressions)
            syncs.append(lambda own, attempt=attempt, rows=rows: load(own, attempt, rows))  # type: ignore[misc]
    at_once(warehouse_url, syncs)
    found = stored(engine, CampaignDailyMetric, "date", "impressions")
    assert len(found) == len(ACCOUNTS) * 20 * WINDOW.days
    assert {(day in LAST_DAYS, impressions) for day, impressions in found} == {(True, 2), (False, 1)}


def test_one_change_seen_by_two_syncs_is_logged_once(engine: Engine, warehouse_url: str) -> None:
    """The second of two syncs of an account finds what the first has written, and logs nothing of its own."""
    warehouse = Warehouse(engine, clock=lambda: MUCH_LATER)
    load(warehouse, begin_metrics(warehouse), metric_rows([1], WINDOW))
    later = Warehouse(engine, clock=lambda: MUCH_LATER + timedelta(hours=1))
    attempts = [begin_metrics(later) for _ in range(4)]
    rows = metric_rows([1], WINDOW, impressions=7)
    syncs: list[Sync] = [lambda own, attempt=attempt: load(own, attempt, rows) for attempt in attempts]  # type: ignore[misc]
    at_once(warehouse_url, syncs)
    assert len(stored(engine, MetricRestatement)) == WINDOW.days


def test_versions_stay_in_order_when_syncs_race(engine: Engine, warehouse_url: str) -> None:
    """However many syncs of an account's campaigns end together, each campaign has one current version."""
    warehouse = Warehouse(engine)
    syncs: list[Sync] = []
    for number in range(8):
        attempt = begin_campaigns(warehouse)
        rows = campaign_rows(range(30), status=f"STATUS {number}")
        syncs.append(lambda own, attempt=attempt, rows=rows: load(own, attempt, rows))  # type: ignore[misc]
    at_once(warehouse_url, syncs)
    history = HISTORIES["campaigns"]
    with engine.connect() as connection:
        current = connection.execute(select(history.c.id, history.c.status).where(history.c.valid_to.is_(None))).all()
    assert sorted(current) == [(index, "STATUS 7") for index in range(30)]
