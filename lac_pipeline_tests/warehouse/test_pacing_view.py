"""Budgets beside spend: an even pace, and spend that is unknown where days are not loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from lac_pipeline.ratios import ratio
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_
from lac_pipeline.warehouse.schema.views.campaign_pacing import VIEW
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse import advertising

EURO, YEN = 1, 2
START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
SINCE_START = DateWindow(date(2026, 11, 1), date(2026, 11, 12))
TOTAL: dict[str, Any] = {"total_budget_amount": Decimal(600), "total_budget_currency": "EUR"}
DAILY: dict[str, Any] = {"daily_budget_amount": Decimal(10), "daily_budget_currency": "EUR"}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to a database with an account in euros, in a session far from UTC."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))
        advertising.account(connection, EURO, "EUR")
        yield connection


def pacing(connection: Connection, *costs: str | None, loads: bool = True, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """The view's row of a campaign that cost so much on the days since the 1st, synced at noon of the 11th."""
    advertising.campaign(connection, 7, EURO, run_schedule_start=START, **fields)
    each = {START.date() + timedelta(n): cost for n, cost in enumerate(costs)}
    advertising.days(connection, 7, EURO, each)
    if loads:
        advertising.loaded(connection, EURO, SINCE_START, NOON)
    return next(row for row in advertising.rows_of(connection, VIEW) if row["campaign_id"] == 7)


def test_a_total_budget_is_spread_over_the_schedule(connection: Connection) -> None:
    """At an even pace, 10.5 of 30 days spend 35 % of the budget."""
    row = pacing(connection, "100.5", "39.5", run_schedule_end=END, **TOTAL)
    assert (row["as_of"], row["days_elapsed"], row["share_of_time"]) == (NOON, Decimal("10.5"), Decimal("0.35"))
    assert (row["spend_to_date"], row["expected_spend"], row["budget_left"]) == (140, 210, 460)
    assert row["pacing"] == ratio(Decimal(140), Decimal(210)) == Decimal("0.666667")
    assert row["share_of_budget"] == ratio(Decimal(140), Decimal(600)) == Decimal("0.233333")


def test_a_daily_budget_alone_is_expected_for_each_day(connection: Connection) -> None:
    """Without an end there is no share of time, and without a total budget none of it is left or spent."""
    row = pacing(connection, "50", "34", **DAILY)
    assert (row["expected_spend"], row["pacing"], row["spend_to_date"]) == (105, Decimal("0.8"), 84)
    assert (row["share_of_time"], row["share_of_budget"], row["budget_left"]) == (None, None, None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({**TOTAL, **DAILY, "run_schedule_end": END}, 105),
        ({**TOTAL, "daily_budget_amount": Decimal(30), "daily_budget_currency": "EUR", "run_schedule_end": END}, 210),
        ({**DAILY, "total_budget_amount": Decimal(60), "total_budget_currency": "EUR"}, 60),
        (TOTAL, None),
        ({}, None),
        ({**DAILY, "daily_budget_currency": "USD"}, None),
        ({**TOTAL, "run_schedule_end": START}, None),
    ],
    ids=["daily-less", "total-less", "no-end", "total-without-end", "no-budget", "other-currency", "no-time"],
)
def test_the_smaller_budget_sets_the_pace(connection: Connection, fields: dict[str, Any], expected: int | None) -> None:
    """Two budgets limit each other; what has no pace, or another currency, has no expected spend."""
    assert pacing(connection, "5", **fields)["expected_spend"] == expected


@pytest.mark.parametrize("status", ["PAUSED", "COMPLETED", "ARCHIVED"])
def test_a_campaign_that_stands_still_is_shown(connection: Connection, status: str) -> None:
    """A paused campaign has its pace and its status, so that it explains itself."""
    row = pacing(connection, "21", run_schedule_end=END, status=status, **TOTAL)
    assert (row["campaign_status"], row["spend_to_date"], row["pacing"]) == (status, 21, Decimal("0.1"))


def test_time_stops_at_the_end(connection: Connection) -> None:
    """A campaign that ended expects all of its budget, however long ago it was."""
    row = pacing(connection, "590", run_schedule_end=datetime(2026, 11, 4, tzinfo=UTC), **TOTAL)
    assert (row["share_of_time"], row["days_elapsed"], row["expected_spend"]) == (1, 3, 600)


def test_a_campaign_that_has_not_begun_has_spent_nothing(connection: Connection) -> None:
    """Before the start zero is known, and nothing is expected."""
    pacing(connection, run_schedule_end=END, **TOTAL)
    advertising.campaign(connection, 8, EURO, run_schedule_start=END, run_schedule_end=END + timedelta(10), **TOTAL)
    row = next(found for found in advertising.rows_of(connection, VIEW) if found["campaign_id"] == 8)
    assert (row["spend_complete"], row["spend_to_date"], row["expected_spend"]) == (True, 0, 0)
    assert (row["share_of_time"], row["pacing"], row["budget_left"]) == (0, None, 600)


def test_a_campaign_without_a_start_has_no_pace(connection: Connection) -> None:
    """How long it has run is unknown, so no day has elapsed for certain and nothing is expected."""
    pacing(connection, "5", **DAILY)
    advertising.campaign(connection, 8, EURO, run_schedule_end=END, **TOTAL, **DAILY)
    row = next(found for found in advertising.rows_of(connection, VIEW) if found["campaign_id"] == 8)
    unknown = ("days_elapsed", "share_of_time", "expected_spend", "pacing", "spend_to_date", "spend_loaded")
    assert {name: row[name] for name in unknown} == dict.fromkeys(unknown)
    assert row["spend_complete"] is False


def test_spend_before_the_first_loaded_day_is_unknown(connection: Connection) -> None:
    """Days before LAC_START_DATE are not zero: the loaded part is shown apart, and no share is made of it."""
    advertising.loaded(connection, EURO, DateWindow(date(2026, 11, 3), date(2026, 11, 12)), NOON)
    row = pacing(connection, None, None, "70", loads=False, run_schedule_end=END, **TOTAL)
    assert (row["loaded_from"], row["spend_complete"]) == (date(2026, 11, 3), False)
    assert [row[name] for name in ("spend_to_date", "pacing", "share_of_budget", "budget_left")] == [None] * 4
    assert (row["spend_loaded"], row["expected_spend"]) == (70, 210)


@pytest.mark.parametrize(
    ("windows", "complete"),
    [
        ([((11, 1), (11, 6), 6), ((11, 6), (11, 12), 11)], True),
        ([((11, 1), (11, 6), 6), ((11, 7), (11, 12), 11)], False),
        ([((11, 1), (11, 6), 5), ((11, 6), (11, 12), 11)], False),
    ],
    ids=["joined", "gap", "read-before-its-end"],
)
def test_a_gap_between_loads_is_unknown(
    connection: Connection, windows: list[tuple[tuple[int, int], tuple[int, int], int]], complete: bool
) -> None:
    """Loads that join cover what they span; a day between them, or read before it ended, is not known."""
    for first, end, day in windows:
        window = DateWindow(date(2026, *first), date(2026, *end))
        advertising.loaded(connection, EURO, window, datetime(2026, 11, day, 12, tzinfo=UTC))
    row = pacing(connection, "10", loads=False, **DAILY)
    assert (row["spend_complete"], row["spend_to_date"] is not None) == (complete, complete)


def test_days_read_without_their_cost_are_unknown(connection: Connection) -> None:
    """A load that left the cost out of its request covers nothing, and a row without a cost is not zero."""
    advertising.loaded(connection, EURO, SINCE_START, NOON, parts=["clicks"])
    row = pacing(connection, loads=False, **DAILY)
    assert (row["spend_complete"], row["spend_to_date"]) == (False, None)
    advertising.loaded(connection, EURO, SINCE_START, NOON + timedelta(1), parts=["cost_in_local_currency"])
    advertising.days(connection, 7, EURO, {START.date(): None, START.date() + timedelta(1): "3"})
    [row] = advertising.rows_of(connection, VIEW)
    assert (row["spend_complete"], row["spend_to_date"], row["spend_loaded"]) == (False, None, 3)


def test_a_refused_record_makes_the_spend_unknown(connection: Connection) -> None:
    """A day that was refused may have cost anything, until it validates."""
    place = {"asset": advertising.ASSET, "account_id": EURO, "digest": "d", "record_id": "7|2026-11-03", "field": "f"}
    span = {"partition_start": date(2026, 11, 3), "partition_end": date(2026, 11, 4)}
    seen = {"value": "?", "reason": "?", "raw": {}, "run_id": "r", "first_seen": NOON, "last_seen": NOON}
    advertising.put(connection, RejectedRecord_, {**place, **span, **seen})
    assert pacing(connection, "10", **DAILY)["spend_complete"] is False
    connection.execute(text("UPDATE linkedin_ads.rejected_records SET closed_at = now()"))
    [row] = advertising.rows_of(connection, VIEW)
    assert (row["spend_complete"], row["spend_to_date"]) == (True, 10)


def test_before_the_first_sync_nothing_is_known(connection: Connection) -> None:
    """A campaign without loaded metrics is listed, and all that depends on them is unknown."""
    row = pacing(connection, loads=False, run_schedule_end=END, **TOTAL)
    unknown = ("as_of", "loaded_from", "spend_to_date", "spend_loaded", "days_elapsed", "share_of_time", "pacing")
    assert ([row[name] for name in unknown], row["spend_complete"]) == ([None] * 7, False)
    assert (row["total_budget_amount"], row["expected_spend"]) == (600, None)


def test_days_are_utc_days_and_accounts_keep_their_currency(connection: Connection) -> None:
    """A start written in another time zone is its UTC day, and each account has its own money and its own sync."""
    advertising.account(connection, YEN, "JPY")
    evening = datetime(2026, 11, 2, 1, tzinfo=timezone(timedelta(hours=5)))
    yen = {"daily_budget_amount": Decimal(9000), "daily_budget_currency": "JPY"}
    advertising.campaign(connection, 8, YEN, run_schedule_start=evening, **yen)
    advertising.days(connection, 8, YEN, {date(2026, 10, 31): "4000", date(2026, 11, 1): "2000"})
    advertising.loaded(
        connection, YEN, DateWindow(date(2026, 11, 1), date(2026, 11, 3)), datetime(2026, 11, 2, 20, tzinfo=UTC)
    )
    pacing(connection, "84", **DAILY)
    euro, japan = advertising.rows_of(connection, VIEW, "account_id")
    assert (euro["currency"], euro["spend_to_date"], euro["expected_spend"]) == ("EUR", 84, 105)
    assert (japan["currency"], japan["spend_to_date"], japan["days_elapsed"]) == ("JPY", 2000, 1)
    assert (japan["expected_spend"], japan["pacing"]) == (9000, Decimal("0.222222"))
