"""Campaigns by week and month, and campaign groups by day: sums of days, and which of them are whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text, update

from lac_pipeline.linkedin.metrics import CATALOGUE
from lac_pipeline.linkedin.objectives import LEAD_GENERATION
from lac_pipeline.ratios import ratio
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, CampaignGroup
from lac_pipeline.warehouse.schema.view import View
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.warehouse.schema.views.campaign_group_performance import VIEW as GROUPS
from lac_pipeline.warehouse.schema.views.campaign_performance_monthly import VIEW as MONTHLY
from lac_pipeline.warehouse.schema.views.campaign_performance_weekly import VIEW as WEEKLY
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse import advertising

DOCUMENT = Path(__file__).parents[2] / "docs/warehouse.md"
EURO, YEN = 1, 2
SUNDAY = date(2026, 11, 1)
SYNCED = datetime(2026, 11, 11, 12, tzinfo=UTC)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to a database with two accounts in two currencies, in a session far from UTC."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL TIME ZONE 'America/Los_Angeles'"))
        for account_id, currency in ((EURO, "EUR"), (YEN, "JPY")):
            advertising.account(connection, account_id, currency)
            advertising.loaded(connection, account_id, DateWindow(date(2026, 10, 28), date(2026, 11, 12)), SYNCED)
        yield connection


def test_a_week_begins_on_monday(connection: Connection) -> None:
    """Sunday belongs to the week before, Monday to its own; each sum and ratio is that of its days."""
    advertising.campaign(connection, 7, EURO)
    costs = {SUNDAY - timedelta(1): "2.5", SUNDAY: "1.5", SUNDAY + timedelta(1): "3"}
    advertising.days(connection, 7, EURO, {day: str(cost) for day, cost in costs.items()})
    first, second = advertising.rows_of(connection, WEEKLY, "week")
    assert (first["week"], first["active_days"], first["cost_in_local_currency"]) == (date(2026, 10, 26), 2, 4)
    assert (second["week"], second["active_days"], second["cost_in_local_currency"]) == (date(2026, 11, 2), 1, 3)
    assert (first["impressions"], first["clicks"]) == (200, 8)
    assert first["cpc"] == ratio(Decimal(4), 8) == Decimal("0.5")
    assert first["ctr"] == ratio(8, 200) == Decimal("0.04")


def test_the_first_week_of_a_year_may_begin_in_the_year_before(connection: Connection) -> None:
    """ISO weeks cross the turn of the year."""
    advertising.campaign(connection, 7, EURO)
    advertising.days(connection, 7, EURO, {date(2025, 12, 31): "1", date(2026, 1, 1): "1", date(2026, 1, 4): "1"})
    [week] = advertising.rows_of(connection, WEEKLY)
    assert (week["week"], week["active_days"]) == (date(2025, 12, 29), 3)


def test_months_and_weeks_that_are_not_all_loaded_are_marked(connection: Connection) -> None:
    """The month of the first loaded day and the running one are partial; a week with every day read is complete."""
    advertising.campaign(connection, 7, EURO)
    advertising.days(connection, 7, EURO, {date(2026, 10, 30): "1", date(2026, 11, 4): "1", date(2026, 11, 10): "1"})
    months = advertising.rows_of(connection, MONTHLY, "month")
    assert [(row["month"].month, row["loaded_days"], row["complete"]) for row in months] == [
        (10, 4, False),
        (11, 10, False),
    ]
    weeks = advertising.rows_of(connection, WEEKLY, "week")
    assert [(row["loaded_days"], row["complete"]) for row in weeks] == [(5, False), (7, True), (2, False)]


def test_a_month_read_after_its_end_is_complete(connection: Connection) -> None:
    """Overlapping loads count each day once."""
    advertising.campaign(connection, 7, EURO)
    advertising.days(connection, 7, EURO, {date(2026, 10, 5): "1"})
    for first, last in (((10, 1), (10, 20)), ((10, 15), (11, 1))):
        window = DateWindow(date(2026, *first), date(2026, *last))
        advertising.loaded(connection, EURO, window, datetime(2026, 11, 20, first[1], tzinfo=UTC))
    [october] = advertising.rows_of(connection, MONTHLY)
    assert (october["loaded_days"], october["complete"]) == (31, True)


def test_an_open_reject_leaves_a_month_complete_and_can_be_excluded(connection: Connection) -> None:
    """The query of docs/warehouse.md has the months in which no record is rejected, until the record is valid."""
    advertising.campaign(connection, 7, EURO)
    days: dict[date, str | None] = dict.fromkeys((date(2026, 9, 5), date(2026, 10, 5)), "1")
    advertising.days(connection, 7, EURO, days)
    window = DateWindow(date(2026, 9, 1), date(2026, 11, 1))
    advertising.loaded(connection, EURO, window, SYNCED + timedelta(hours=1))
    record = {"asset": "campaign_daily_metrics", "account_id": EURO, "record_id": "7", "run_id": "r", "digest": "d"}
    wrong = {"field": "clicks", "value": "-1", "reason": "negative", "raw": {}}
    day = {"partition_start": date(2026, 10, 9), "partition_end": date(2026, 10, 10)}
    seen = {"first_seen": SYNCED, "last_seen": SYNCED}
    advertising.put(connection, RejectedRecord_, record | wrong | day | seen)
    blocks = DOCUMENT.read_text().split("```sql\n")[1:]
    [sql] = [block.split("```")[0] for block in blocks if "campaign_performance_monthly" in block]
    query = text(sql.rstrip(" \n;"))
    assert [row["complete"] for row in advertising.rows_of(connection, MONTHLY)] == [True, True]
    assert [row.month.month for row in connection.execute(query)] == [9]
    connection.execute(update(RejectedRecord_).values(closed_at=SYNCED))
    assert {row.month.month for row in connection.execute(query)} == {9, 10}


@pytest.mark.parametrize("view", [WEEKLY, MONTHLY], ids=lambda view: view.name)
def test_a_period_is_unknown_where_a_day_is(connection: Connection, view: View) -> None:
    """An unknown cost makes the sum and its ratios unknown, and leaves the other sums alone."""
    advertising.campaign(connection, 7, EURO, objective_type=LEAD_GENERATION)
    advertising.days(connection, 7, EURO, {date(2026, 11, 3): "1", date(2026, 11, 4): None})
    [row] = advertising.rows_of(connection, view)
    assert (row["cost_in_local_currency"], row["cpc"], row["cpl"], row["clicks"]) == (None, None, None, 8)


@pytest.mark.parametrize("view", [WEEKLY, MONTHLY, GROUPS], ids=lambda view: view.name)
def test_accounts_stay_apart(connection: Connection, view: View) -> None:
    """Rows of two accounts are never added, and each has its currency."""
    for campaign_id, account_id in ((7, EURO), (8, YEN)):
        advertising.campaign(connection, campaign_id, account_id)
        advertising.days(connection, campaign_id, account_id, {date(2026, 11, 3): str(campaign_id)})
    rows = advertising.rows_of(connection, view, "account_id")
    assert [(row["currency"], row["cost_in_local_currency"]) for row in rows] == [("EUR", 7), ("JPY", 8)]


def test_an_account_that_was_never_read_has_no_loaded_days(connection: Connection) -> None:
    """Rows without any logged load are shown with none of their days known to be whole."""
    advertising.days(connection, 9, 3, {date(2026, 11, 3): "1"})
    [row] = advertising.rows_of(connection, WEEKLY)
    assert (row["campaign_name"], row["loaded_days"], row["complete"]) == ("9", 0, False)


def test_a_group_is_the_sum_of_its_campaigns(connection: Connection) -> None:
    """CPL is of the group's lead campaigns alone; campaigns without a known group have a row of their own."""
    advertising.put(connection, CampaignGroup, {"id": 70, "account_id": EURO, "name": "Always on", "status": "ACTIVE"})
    objectives = {7: LEAD_GENERATION, 8: "BRAND_AWARENESS"}
    for campaign_id, objective in objectives.items():
        advertising.campaign(connection, campaign_id, EURO, campaign_group_id=70, objective_type=objective)
    day = date(2026, 11, 3)
    for campaign_id, cost, leads in ((7, 30, 2), (8, 50, 1), (9, 5, 0)):
        row = {"campaign_id": campaign_id, "account_id": EURO, "date": day, "impressions": 1000, "clicks": 10}
        advertising.put(
            connection, CampaignDailyMetric, {**row, "cost_in_local_currency": cost, "one_click_leads": leads}
        )
    group, other = advertising.rows_of(connection, GROUPS, "campaign_group_id")
    assert (group["campaign_group_name"], group["active_campaigns"], group["week"]) == (
        "Always on",
        2,
        date(2026, 11, 2),
    )
    assert (group["cost_in_local_currency"], group["cpl"]) == (80, ratio(Decimal(30), 2))
    assert (group["spend_per_lead"], group["cpm"]) == (ratio(Decimal(80), 3), ratio(Decimal(80), 2000, 1000))
    assert (group["fetched_at"], other["campaign_group_id"], other["cost_in_local_currency"]) == (SYNCED, None, 5)


def test_no_view_sums_what_does_not_sum() -> None:
    """Reach, rates and averages are in no view that adds days, campaigns or segments."""
    adding = [view for view in VIEWS if "GROUP BY" in view.rows]
    assert {view.name for view in (WEEKLY, MONTHLY, GROUPS)} <= {view.name for view in adding}
    lasting = {metric.column for metric in CATALOGUE if not metric.additive}
    assert [view.name for view in adding if lasting & {column.name for column in view.columns}] == []
