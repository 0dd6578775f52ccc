"""Loads beside other loads: later fetches, concurrency, broken connections, suspicious shrinking."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
from sqlalchemy import Connection, Engine, and_, column, event, func, select, table

from lac_pipeline.errors import DatabaseBusyError, DatabaseUnavailableError
from lac_pipeline.postgres import engine as engine_module
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.schema.tables import Campaign, CampaignDailyMetric
from lac_pipeline.warehouse.warehouse import TRIES, Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    WINDOW,
    begin_campaigns,
    begin_metrics,
    campaign_rows,
    counts,
    load,
    load_campaigns,
    load_metrics,
    metric_rows,
    stored,
)

_SESSIONS = table("pg_stat_activity", column("pid"), column("datname"))
LAST_DAYS = DateWindow(date(2026, 11, 9), WINDOW.end)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Let retries follow at once."""
    with stamina.set_testing(True, attempts=TRIES, cap=True):
        yield


def test_days_that_a_later_fetch_loaded_are_left_alone(warehouse: Warehouse, engine: Engine) -> None:
    """A long backfill that ends after a refresh begun later fills all days but those of the refresh."""
    backfill = begin_metrics(warehouse)
    load_metrics(warehouse, metric_rows([1], LAST_DAYS, impressions=2), LAST_DAYS)
    result = load(warehouse, backfill, metric_rows([1], WINDOW, impressions=1))
    assert (counts(result), result.superseded, result.status) == ((8, 0, 0, 0), 2, "success")
    found = stored(engine, CampaignDailyMetric, "date", "impressions")
    assert found == [(day, 2 if day in LAST_DAYS else 1) for day in WINDOW]


def test_days_that_a_later_fetch_loaded_are_not_pruned(warehouse: Warehouse, engine: Engine) -> None:
    """A row that a later fetch brought survives an earlier fetch that did not have it."""
    earlier = begin_metrics(warehouse)
    load_metrics(warehouse, metric_rows([1], LAST_DAYS), LAST_DAYS)
    assert load(warehouse, earlier, []).pruned == 0
    assert len(stored(engine, CampaignDailyMetric)) == LAST_DAYS.days


def test_entities_of_an_earlier_fetch_are_left_out(warehouse: Warehouse, engine: Engine) -> None:
    """Of two fetches of campaigns the one that began later stands, whichever ends last."""
    earlier = begin_campaigns(warehouse)
    load_campaigns(warehouse, campaign_rows([1], status="PAUSED"))
    result = load(warehouse, earlier, campaign_rows([1, 2], status="ACTIVE"))
    assert (counts(result), result.superseded) == ((0, 0, 0, 0), 2)
    assert stored(engine, Campaign, "id", "status") == [(1, "PAUSED")]


def test_a_later_fetch_that_failed_supersedes_nothing(warehouse: Warehouse) -> None:
    """Only fetches that were loaded count against earlier ones."""
    earlier = begin_metrics(warehouse)
    warehouse.fail(begin_metrics(warehouse), RuntimeError("no response"))
    assert load(warehouse, earlier, metric_rows([1], WINDOW)).inserted == 10


def test_attempts_at_the_same_moment_stay_apart(engine: Engine) -> None:
    """With a clock that stands still two attempts get two rows, in the order in which they began."""
    warehouse = Warehouse(engine, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    first, second = begin_metrics(warehouse), begin_metrics(warehouse)
    assert second.started_at - first.started_at == timedelta(microseconds=1)


def test_a_window_that_loses_most_rows_is_not_pruned(warehouse: Warehouse, engine: Engine) -> None:
    """LinkedIn returns 200 with nothing when access is lost: the rows stay, and the numbers are logged."""
    load_metrics(warehouse, metric_rows(range(5), WINDOW))
    result = load_metrics(warehouse, metric_rows([0], WINDOW))
    assert (result.status, result.pruned) == ("partial", 0)
    assert result.shrink is not None
    assert (result.shrink.stored, result.shrink.missing) == (50, 40)
    assert len(stored(engine, CampaignDailyMetric)) == 50
    [*_, attempt] = warehouse.read.attempts_of("run")
    assert attempt.errors[0]["fix"] == f"if the rows are really gone: `lac sync --account {ACCOUNT} --accept-shrink`"


def test_new_rows_do_not_hide_lost_ones(warehouse: Warehouse) -> None:
    """The guard compares with the rows of the window before the load, however many rows are new."""
    load_metrics(warehouse, metric_rows(range(5), WINDOW))
    result = load_metrics(warehouse, metric_rows(range(10, 40), WINDOW))
    assert result.shrink is not None
    assert (result.shrink.stored, result.shrink.missing) == (50, 50)


def test_shrinking_can_be_accepted(warehouse: Warehouse, engine: Engine) -> None:
    """With `accept_shrink` the rows go, and the sync is a success."""
    load_metrics(warehouse, metric_rows(range(5), WINDOW))
    result = load_metrics(warehouse, [], accept_shrink=True)
    assert (result.status, result.pruned, result.shrink) == ("success", 50, None)
    assert stored(engine, CampaignDailyMetric) == []


@pytest.mark.parametrize(("campaigns", "left"), [(2, 0), (5, 3)], ids=["only 20 rows", "less than half"])
def test_ordinary_losses_are_pruned(warehouse: Warehouse, campaigns: int, left: int) -> None:
    """Up to 20 rows, or up to half of the rows, may vanish without an alarm."""
    load_metrics(warehouse, metric_rows(range(campaigns), WINDOW))
    result = load_metrics(warehouse, metric_rows(range(left), WINDOW))
    assert (result.status, result.pruned) == ("success", 20)


def test_entities_have_the_guard_too(warehouse: Warehouse, engine: Engine) -> None:
    """An account that suddenly shows no campaigns does not lose them."""
    load_campaigns(warehouse, campaign_rows(range(30)))
    assert load_campaigns(warehouse, []).status == "partial"
    assert {removed for (removed,) in stored(engine, Campaign, "removed_at")} == {None}


def test_two_loads_at_once_in_opposite_orders(warehouse: Warehouse, engine: Engine) -> None:
    """Neither deadlock nor duplicate: one load waits for the other, and the later fetch stands."""
    rows = metric_rows(range(200), WINDOW)
    for _ in range(3):
        attempts = [begin_metrics(warehouse) for _ in range(2)]
        responses = [rows, [(*row[:3], 1, *row[4:]) for row in reversed(rows)]]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(load, [warehouse] * 2, attempts, responses))
        assert {row[0] for row in stored(engine, CampaignDailyMetric, "impressions")} == {1}
    assert len(stored(engine, CampaignDailyMetric)) == len(rows)


def test_ten_accounts_at_once(engine: Engine, warehouse_url: str) -> None:
    """Loads of different accounts do not wait for one another, and none is lost."""
    crowded = make_engine(warehouse_url, pool_size=5)
    warehouse = Warehouse(crowded)

    def run(account: int) -> int:
        rows = [(account * 1000 + row[0], row[1], account, *row[3:]) for row in metric_rows(range(20), WINDOW)]
        return load(warehouse, begin_metrics(warehouse, account_id=account), rows).inserted

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(run, range(1, 11))) == [200] * 10
    crowded.dispose()
    assert len(stored(engine, CampaignDailyMetric)) == 2000


def _break_once(engine: Engine, beginning: str) -> list[str]:
    """Kill the session that sends the first statement with this beginning; the list shows that it happened."""
    killed: list[str] = []

    def kill(_: Connection, __: object, statement: str, *___: object) -> None:
        if not killed and statement.startswith(beginning):
            killed.append(statement)
            others = and_(_SESSIONS.c.datname == func.current_database(), _SESSIONS.c.pid != func.pg_backend_pid())
            with engine.connect() as connection:
                connection.execute(select(func.pg_terminate_backend(_SESSIONS.c.pid)).where(others))

    event.listen(engine, "before_cursor_execute", kill)
    return killed


@pytest.mark.parametrize(
    ("stored_before", "statement"),
    [([], "INSERT INTO linkedin_ads.campaign_daily_metrics"), ([2], "WITH written")],
    ids=["first load", "later load"],
)
@pytest.mark.usefixtures("impatient")
def test_a_lost_connection_repeats_the_whole_load(
    warehouse: Warehouse, engine: Engine, stored_before: list[int], statement: str
) -> None:
    """A session that is killed in the middle of a load costs a second try, and nothing else."""
    before = metric_rows(stored_before, WINDOW)
    if before:
        load_metrics(warehouse, before)
    attempt = begin_metrics(warehouse)
    killed = _break_once(engine, statement)
    assert counts(load(warehouse, attempt, before + metric_rows([1], WINDOW))) == (10, 0, len(before), 0)
    assert len(killed) == 1


@pytest.mark.usefixtures("impatient")
def test_a_lock_of_another_session_ends_the_load(
    warehouse: Warehouse, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load that cannot lock the rows in time fails, has written nothing, and can be run again."""
    monkeypatch.setattr(engine_module, "LOCK_TIMEOUT", "50ms")
    load_metrics(warehouse, metric_rows([1], WINDOW))
    attempt = begin_metrics(warehouse)
    with engine.begin() as other:
        other.execute(select(CampaignDailyMetric).with_for_update())
        with pytest.raises(DatabaseBusyError, match="try again"):
            load(warehouse, attempt, metric_rows([1], WINDOW, impressions=5))
    assert counts(load(warehouse, attempt, metric_rows([1], WINDOW, impressions=5))) == (0, 10, 0, 0)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_stays_away_ends_the_load(warehouse: Warehouse, engine: Engine) -> None:
    """After its tries a load ends with a clear error."""
    attempt = begin_metrics(warehouse)
    elsewhere = make_engine("postgresql://lac@127.0.0.1:1/nowhere")
    with pytest.raises(DatabaseUnavailableError):
        load(Warehouse(elsewhere), attempt, metric_rows([1], WINDOW))
    assert stored(engine, CampaignDailyMetric) == []
