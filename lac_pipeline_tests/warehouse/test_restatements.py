"""What LinkedIn changes after the fact is logged: old value, new value, when it was seen, and by which run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from lac_pipeline.warehouse.schema.tables import MetricRestatement
from lac_pipeline.warehouse.schema.views.restatements_by_day import VIEW as RESTATEMENTS_BY_DAY
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    METRIC_COLUMNS,
    WINDOW,
    Row,
    load,
    load_metrics,
    metric_rows,
    stored,
)

NOW = datetime(2026, 11, 11, 9, tzinfo=UTC)
OLD, YOUNG = date(2026, 11, 8), date(2026, 11, 9)


@pytest.fixture
def warehouse(engine: Engine) -> Warehouse:
    """A warehouse on the morning after the window's last day."""
    return Warehouse(engine, clock=lambda: NOW)


def logged(engine: Engine) -> list[Row]:
    """The log, without number, account, table and run."""
    return stored(engine, MetricRestatement, "date", "entity_id", "metric", "old_value", "new_value")


def changed(day: date, **values: object) -> list[Row]:
    """The window's rows, with other values in the row of one day."""
    each = [dict(zip(METRIC_COLUMNS, row, strict=True)) for row in metric_rows([1], WINDOW)]
    return [tuple((row | (values if row["date"] == day else {})).values()) for row in each]


def test_a_changed_day_is_logged(warehouse: Warehouse, engine: Engine) -> None:
    """Each metric that changed is one row; those that did not are none."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    seen = load_metrics(warehouse, changed(OLD, clicks=5, cost_in_local_currency=Decimal("2.00")))
    assert logged(engine) == [
        (OLD, 1, "clicks", Decimal(3), Decimal(5)),
        (OLD, 1, "cost_in_local_currency", Decimal("1.25"), Decimal("2.00")),
    ]
    about = stored(engine, MetricRestatement, "account_id", "asset", "seen_at", "run_id")
    assert set(about) == {(ACCOUNT, "campaign_daily_metrics", seen.started_at, "run")}


def test_young_days_are_not_logged(warehouse: Warehouse, engine: Engine) -> None:
    """A day counts from its third day on; before, its numbers still come in."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    load_metrics(warehouse, changed(YOUNG, clicks=5))
    assert logged(engine) == []


def test_a_first_load_restates_nothing(warehouse: Warehouse, engine: Engine) -> None:
    """However old the days are, what was never loaded cannot be restated; loading the same again is no change."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    load_metrics(warehouse, metric_rows([1], WINDOW))
    assert logged(engine) == []


def test_rows_that_come_late_and_rows_that_go_are_logged(warehouse: Warehouse, engine: Engine) -> None:
    """A row on a day that was loaded without it has no old value; one that LinkedIn takes back has no new one."""
    load_metrics(warehouse, metric_rows([1], [OLD]))
    load_metrics(warehouse, [(2, OLD, ACCOUNT, 7, 0, Decimal(0))])
    assert set(logged(engine)) == {
        (OLD, 2, "impressions", None, Decimal(7)),
        (OLD, 1, "impressions", Decimal(100), None),
        (OLD, 1, "clicks", Decimal(3), None),
        (OLD, 1, "cost_in_local_currency", Decimal("1.25"), None),
    }


def test_a_metric_requested_the_first_time_is_no_restatement(warehouse: Warehouse, engine: Engine) -> None:
    """NULL means never requested; what replaces it is new, not a change."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    rows = [(*row, 4) for row in metric_rows([1], WINDOW)]
    load_metrics(warehouse, rows, columns=(*METRIC_COLUMNS, "video_views"))
    assert logged(engine) == []


def test_a_null_is_no_restatement(warehouse: Warehouse, engine: Engine) -> None:
    """A metric that LinkedIn does not give for once was not changed, and neither is it when it is given again."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    load_metrics(warehouse, changed(OLD, clicks=None, impressions=101))
    load_metrics(warehouse, changed(OLD, impressions=101))
    assert logged(engine) == [(OLD, 1, "impressions", Decimal(100), Decimal(101))]


def test_what_a_guarded_load_keeps_is_not_logged(warehouse: Warehouse, engine: Engine) -> None:
    """Rows that the shrink guard keeps did not change."""
    load_metrics(warehouse, metric_rows(range(5), WINDOW))
    load_metrics(warehouse, [])
    assert logged(engine) == []


def test_a_day_sums_its_restatements(warehouse: Warehouse, engine: Engine) -> None:
    """The view shows by account, table and day how much was added, and when."""
    load_metrics(warehouse, metric_rows([1, 2], WINDOW))
    load_metrics(warehouse, metric_rows([1, 2], WINDOW, impressions=90))
    last = load_metrics(warehouse, metric_rows([1, 2], WINDOW, impressions=130))
    with engine.connect() as connection:
        days = connection.execute(select(RESTATEMENTS_BY_DAY.selectable)).mappings().all()
    assert {day["date"] for day in days} == {day for day in WINDOW if day <= OLD}
    assert {(day["rows_changed"], day["values_changed"], day["impressions_added"]) for day in days} == {(2, 4, 60)}
    assert {(day["clicks_added"], day["last_seen_at"]) for day in days} == {(0, last.started_at)}


CONVERSION_COLUMNS = ("creative_id", "conversion_id", "date", "account_id", "external_website_conversions")


def load_conversions(warehouse: Warehouse, *rows: tuple[int, int, int]) -> None:
    """Load what a creative's rules counted on the old day: creative, rule, conversions."""
    attempt = warehouse.begin("conversion_daily_metrics", ACCOUNT, run_id="run", trigger="on_demand", window=WINDOW)
    each = [(creative, rule, OLD, ACCOUNT, number) for creative, rule, number in rows]
    load(warehouse, attempt, each, columns=CONVERSION_COLUMNS)


def test_conversions_that_are_credited_late_are_logged_by_rule(warehouse: Warehouse, engine: Engine) -> None:
    """LinkedIn credits them to the day of the ad for weeks: more by a rule, a rule's first ones, and one taken back."""
    load_conversions(warehouse, (1, 900, 3), (1, 901, 2), (2, 900, 5))
    load_conversions(warehouse, (1, 900, 4), (1, 902, 1), (2, 900, 5))
    log = stored(engine, MetricRestatement, "asset", "entity_id", "conversion_id", "metric", "old_value", "new_value")
    about = ("conversion_daily_metrics", 1)
    assert {(row[:2], row[2], *row[4:]) for row in log} == {
        (about, 900, Decimal(3), Decimal(4)),
        (about, 902, None, Decimal(1)),
        (about, 901, Decimal(2), None),
    }
    with engine.connect() as connection:
        (day,) = connection.execute(select(RESTATEMENTS_BY_DAY.selectable)).mappings()
    assert (day["asset"], day["rows_changed"], day["external_website_conversions_added"]) == (about[0], 1, 0)


def test_old_restatements_are_forgotten(warehouse: Warehouse, engine: Engine) -> None:
    """Retention keeps what was seen lately, however old its day is."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    load_metrics(warehouse, changed(OLD, clicks=5))
    later = Warehouse(engine, clock=lambda: NOW + timedelta(days=100))
    load_metrics(later, changed(OLD, clicks=6))
    assert later.prune_restatements(timedelta(days=90)) == 1
    assert [row[-1] for row in logged(engine)] == [Decimal(6)]
