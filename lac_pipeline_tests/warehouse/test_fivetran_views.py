"""The tables as Fivetran lays them out, read as dbt packages for that layout do: newest versions, joined to days."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, column, func, inspect, select, table, text, update

from lac_pipeline.linkedin.metrics import CATALOGUE
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.frozen_views import freeze
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.revision import migrations_folder
from lac_pipeline.warehouse.schema.fivetran import FIVETRAN_SCHEMA, FIVETRAN_VIEWS
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, CreativeDailyMetric, table_of
from lac_pipeline.warehouse.schema.view import View, ViewColumn
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import ACCOUNT, load, stored
from lac_pipeline_tests.warehouse.test_frozen_views import MIGRATION

START = datetime(2026, 11, 12, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = DateWindow(date(2026, 11, 1), date(2026, 11, 4))
MONTH = DateWindow(date(2026, 11, 1), date(2026, 12, 1))
ENTITY = ("id", "account_id", "name", "linkedin_last_modified_at")
COLUMNS = {
    "accounts": ("id", "name", "currency"),
    "campaign_groups": ENTITY,
    "campaigns": (*ENTITY, "campaign_group_id"),
    "creatives": (*ENTITY, "campaign_id"),
    "campaign_daily_metrics": ("campaign_id", "date", "account_id", "impressions", "clicks", "cost_in_local_currency"),
    "creative_daily_metrics": ("creative_id", "date", "account_id", "impressions", "clicks", "cost_in_local_currency"),
    "conversion_daily_metrics": ("creative_id", "conversion_id", "date", "account_id", "external_website_conversions"),
}
READ_BY_PACKAGES = {
    "account_history": "id name currency version_tag status type last_modified_time created_time",
    "campaign_group_history": "id name account_id status backfilled run_schedule_start run_schedule_end "
    "last_modified_time created_time",
    "campaign_history": "id name version_tag campaign_group_id account_id status type cost_type creative_selection "
    "daily_budget_amount daily_budget_currency_code unit_cost_amount unit_cost_currency_code format locale_country "
    "locale_language objective_type optimization_target_type audience_expansion_enabled offsite_delivery_enabled "
    "run_schedule_start run_schedule_end last_modified_time created_time",
    "creative_history": "id campaign_id intended_status text_ad_landing_page spotlight_landing_page click_uri "
    "last_modified_at created_at",
    "ad_analytics_by_campaign": "campaign_id day clicks impressions cost_in_local_currency cost_in_usd "
    "conversion_value_in_local_currency external_website_conversions one_click_leads",
    "ad_analytics_by_creative": "creative_id day clicks impressions cost_in_local_currency cost_in_usd "
    "conversion_value_in_local_currency external_website_conversions one_click_leads",
    "geo": "id value",
    "monthly_ad_analytics_by_member_country": "campaign_id month member_country clicks impressions cost_in_usd "
    "cost_in_local_currency conversion_value_in_local_currency external_website_conversions one_click_leads",
    "monthly_ad_analytics_by_member_region": "campaign_id month member_region clicks impressions cost_in_usd "
    "cost_in_local_currency conversion_value_in_local_currency external_website_conversions one_click_leads",
}
"""What the staging models of fivetran/linkedin select of each table."""


def sync(engine: Engine, asset: str, *rows: tuple[Any, ...], at: datetime = START, window: DateWindow = WINDOW) -> None:
    """Load all that LinkedIn returns of an asset of the account, as a fetch that begins at this moment."""
    warehouse = Warehouse(engine, clock=lambda: at)
    days = window if "date" in COLUMNS[asset] else None
    attempt = warehouse.begin(asset, ACCOUNT, run_id="run", trigger="on_demand", window=days)
    load(warehouse, attempt, rows, columns=COLUMNS[asset], accept_shrink=True)


def days(key: int, *costs: str) -> list[tuple[Any, ...]]:
    """What a campaign or creative cost on the first days of the window."""
    return [(key, day, ACCOUNT, 100, 3, Decimal(cost)) for day, cost in zip(WINDOW, costs, strict=False)]


@pytest.fixture
def advertising(engine: Engine) -> Engine:
    """An account with a group, a campaign and a creative, and numbers of one more campaign and creative each."""
    sync(engine, "accounts", (ACCOUNT, "Northwind", "EUR"))
    sync(engine, "campaign_groups", (7, ACCOUNT, "Autumn", START - DAY))
    sync(engine, "campaigns", (1, ACCOUNT, "Spring", START - DAY, 7))
    sync(engine, "creatives", (11, ACCOUNT, "Bikes", START - DAY, 1))
    sync(engine, "campaign_daily_metrics", *days(1, "1.25", "2.50"), *days(2, "0.75"))
    sync(engine, "creative_daily_metrics", *days(11, "1.25", "2.50"), *days(12, "0.75"))
    return engine


def newest(name: str, modified: str = "last_modified_time") -> str:
    """The newest version of each entity, as a sub-query."""
    number = f"row_number() OVER (PARTITION BY id ORDER BY {modified} DESC)"
    return f"(SELECT * FROM (SELECT *, {number} AS n FROM {FIVETRAN_SCHEMA}.{name}) v WHERE n = 1)"  # noqa: S608


def report(engine: Engine, entity: str, *, zone: str = "UTC") -> list[tuple[Any, ...]]:
    """Day, id, account, currency, group, and what it cost, of campaigns or creatives."""
    creative = f"LEFT JOIN {newest('creative_history', 'last_modified_at')} r ON r.id = m.creative_id"
    query = f"""
        SELECT date_trunc('day', m.day) AS day, m.{entity}_id, a.name, a.currency, g.name, c.name,
            sum(m.impressions), sum(m.clicks), sum(m.cost_in_local_currency)
        FROM {FIVETRAN_SCHEMA}.ad_analytics_by_{entity} m
        {creative if entity == "creative" else ""}
        LEFT JOIN {newest("campaign_history")} c ON c.id = {"r" if entity == "creative" else "m"}.campaign_id
        LEFT JOIN {newest("campaign_group_history")} g ON g.id = c.campaign_group_id
        LEFT JOIN {newest("account_history")} a ON a.id = c.account_id
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2, 1"""  # noqa: S608 - names above
    with engine.connect() as connection:
        connection.execute(select(func.set_config("TimeZone", zone, False)))
        return [tuple(row) for row in connection.execute(text(query))]


def rows_of(engine: Engine, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a view, in the order of the first of them."""
    view = table(name, *map(column, columns), schema=FIVETRAN_SCHEMA)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(view).order_by(*(view.c[each] for each in columns)))]


@pytest.mark.parametrize("name", READ_BY_PACKAGES)
def test_the_packages_find_every_column(name: str) -> None:
    """A column that is not there would be filled with NULL by the packages, without a word."""
    [view] = [view for view in FIVETRAN_VIEWS if view.name == name]
    assert {*READ_BY_PACKAGES[name].split(), "_fivetran_synced"} <= {each.name for each in view.columns}


@pytest.mark.parametrize(("entity", "model"), [("campaign", CampaignDailyMetric), ("creative", CreativeDailyMetric)])
def test_days_and_costs_are_those_of_the_tables(advertising: Engine, entity: str, model: Any) -> None:  # noqa: ANN401
    """Each row of ours comes once, with the same numbers, and under its account."""
    names = (f"{entity}_id", "date", "impressions", "clicks", "cost_in_local_currency")
    ours = sorted(stored(advertising, model, *names))
    found = report(advertising, entity)
    assert sorted((key, day.date(), *numbers) for day, key, _, _, _, _, *numbers in found) == ours
    assert {(account, currency) for _, _, account, currency, *_ in found} == {("Northwind", "EUR")}


def test_spend_of_what_was_deleted_keeps_its_account(advertising: Engine) -> None:
    """A campaign or creative that no finder returns stands under its account, by its id, in a group for the unknown."""
    campaigns, creatives = report(advertising, "campaign"), report(advertising, "creative")
    assert campaigns[-1][1:6] == (2, "Northwind", "EUR", "(unknown)", "2")
    assert creatives[-1][1:6] == (12, "Northwind", "EUR", "(unknown)", "(unknown)")
    assert rows_of(advertising, "campaign_history", "id", "status") == [
        (-ACCOUNT, "REMOVED"),
        (1, None),
        (2, "REMOVED"),
    ]
    assert rows_of(advertising, "creative_history", "id", "campaign_id") == [(11, 1), (12, -ACCOUNT)]


def test_nothing_is_added_where_everything_is_known(advertising: Engine) -> None:
    """Rows that stand for the unknown come and go with it."""
    sync(advertising, "campaigns", (1, ACCOUNT, "Spring", START, 7), (2, ACCOUNT, "Fall", START, 7), at=START + DAY)
    sync(advertising, "creatives", (11, ACCOUNT, "Bikes", START, 1), (12, ACCOUNT, "Cars", START, 2), at=START + DAY)
    assert rows_of(advertising, "campaign_group_history", "id") == [(7,)]
    assert {key for (key,) in rows_of(advertising, "campaign_history", "id")} == {1, 2}
    assert {key for (key,) in rows_of(advertising, "creative_history", "id")} == {11, 12}


def test_a_campaign_without_its_group_and_a_creative_without_its_campaign_are_joined(advertising: Engine) -> None:
    """A group or campaign that is only named by others has a row, and so has the one of those that name none."""
    sync(advertising, "campaigns", (1, ACCOUNT, "Spring", START, 8), (2, ACCOUNT, "Fall", START, None), at=START + DAY)
    sync(advertising, "creatives", (11, ACCOUNT, "Bikes", START, 3), (12, ACCOUNT, "Cars", START, None), at=START + DAY)
    assert {row[1:6] for row in report(advertising, "campaign")} == {
        (1, "Northwind", "EUR", "8", "Spring"),
        (2, "Northwind", "EUR", "(unknown)", "Fall"),
    }
    assert {row[1:6] for row in report(advertising, "creative")} == {
        (11, "Northwind", "EUR", "(unknown)", "3"),
        (12, "Northwind", "EUR", "(unknown)", "(unknown)"),
    }


def test_a_removal_is_the_newest_version(advertising: Engine) -> None:
    """LinkedIn does not date it, so that its own stamp would make two versions the newest, or the wrong one."""
    sync(advertising, "campaigns", at=START + DAY)
    versions = rows_of(advertising, "campaign_history", "id", "last_modified_time", "version_tag", "status")
    modified = (START - DAY).replace(tzinfo=None)
    assert [row for row in versions if row[0] == 1] == [
        (1, modified, "1", None),
        (1, (START + DAY).replace(tzinfo=None), "2", "REMOVED"),
    ]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_the_day_is_that_of_utc_in_every_session(advertising: Engine, zone: str) -> None:
    """A date would become the session's midnight, and a time with zone another hour, wherever dbt connects from."""
    days = {row[0] for row in report(advertising, "campaign", zone=zone)}
    assert days == {datetime(2026, 11, 1), datetime(2026, 11, 2)}  # noqa: DTZ001 - without zone is what is tested
    with advertising.connect() as connection:
        connection.execute(select(func.set_config("TimeZone", zone, False)))
        stamp = text(f"SELECT max(last_modified_at)::timestamp FROM {FIVETRAN_SCHEMA}.creative_history WHERE id = 11")  # noqa: S608
        assert connection.scalar(stamp) == (START - DAY).replace(tzinfo=None)


def test_rows_are_synced_when_they_were_last_covered(advertising: Engine) -> None:
    """A sync that changes nothing counts, of the days and entities that it covered and of no others."""
    later = START + DAY
    sync(
        advertising,
        "campaign_daily_metrics",
        *days(1, "1.25"),
        at=later,
        window=DateWindow.inclusive(WINDOW.start, WINDOW.start),
    )
    sync(advertising, "campaigns", (1, ACCOUNT, "Spring", START - DAY, 7), at=later)
    synced = rows_of(advertising, "ad_analytics_by_campaign", "campaign_id", "day", "_fivetran_synced")
    assert [at for _, _, at in synced] == [later, START]
    assert {at for (_, at) in rows_of(advertising, "campaign_history", "id", "_fivetran_synced")} == {later}
    assert {at for (_, at) in rows_of(advertising, "creative_history", "id", "_fivetran_synced")} == {START}


def test_metrics_that_were_not_chosen_are_null(advertising: Engine) -> None:
    """Every metric of the catalogue is a column, so that a package may name any; without a request it is NULL."""
    names = [metric.column for metric in CATALOGUE]
    [row, *_] = rows_of(advertising, "ad_analytics_by_creative", *names)
    values = dict(zip(names, row, strict=True))
    assert (values["impressions"], values["video_views"], values["cost_in_usd"]) == (100, None, None)


def test_segments_of_a_campaign_have_month_place_and_name(engine: Engine) -> None:
    """Months are texts, countries the numbers of `geo`, and company sizes LinkedIn's words."""
    warehouse = Warehouse(engine)
    attempt = warehouse.begin("campaign_demographics", ACCOUNT, run_id="run", trigger="on_demand", window=MONTH)
    segments = [("MEMBER_COUNTRY_V2", "urn:li:geo:103644278"), ("MEMBER_COMPANY_SIZE", "SIZE_2_TO_10")]
    columns = ("campaign_id", "month", "pivot_type", "segment", "account_id", "impressions", "clicks")
    load(warehouse, attempt, [(1, MONTH.start, *each, ACCOUNT, 50, 4) for each in segments], columns=columns)
    UrnNames(engine).keep({"urn:li:geo:103644278": "United States", "urn:li:geo:1": NoName.NOT_FOUND}, at=START)
    by_country = rows_of(engine, "monthly_ad_analytics_by_member_country", "month", "member_country", "impressions")
    assert by_country == [("2026-11", 103644278, 50)]
    by_size = rows_of(engine, "monthly_ad_analytics_by_member_company_size", "campaign_id", "member_company_size")
    assert by_size == [(1, "SIZE_2_TO_10")]
    assert rows_of(engine, "geo", "id", "value") == [(103644278, "United States")]


def test_conversions_are_those_of_each_rule(advertising: Engine) -> None:
    """Each row of ours by creative, rule and day."""
    sync(advertising, "conversion_daily_metrics", (11, 90, WINDOW.start, ACCOUNT, 4))
    names = ("creative_id", "conversion_id", "external_website_conversions")
    assert rows_of(advertising, "ad_analytics_by_creative_with_conversion_breakdown", *names) == [(11, 90, 4)]


@pytest.fixture
def dependent(engine: Engine) -> str:
    """A schema of dbt's, with a view on each of ours."""
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA dbt_analyst"))
        for view in FIVETRAN_VIEWS:
            connection.execute(text(f"CREATE VIEW dbt_analyst.{view.name} AS SELECT * FROM {view.relation}"))  # noqa: S608
    return "dbt_analyst"


def wider(view: View) -> View:
    """The view with one more column."""
    return replace(view, columns=(*view.columns, ViewColumn("later", "1", "Added by a later version.")))


def test_a_later_column_leaves_the_views_of_dbt(
    engine: Engine, warehouse_url: str, dependent: str, tmp_path: Path
) -> None:
    """A migration that widens every view replaces it, since dropping it would take dbt's views along, or fail."""
    before = {view.name: inspect(engine).get_view_definition(view.name, dependent) for view in FIVETRAN_VIEWS}
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    (folder / "versions" / "9998.py").write_text(MIGRATION.format(revision="9998", before=migrate.head()))
    freeze(folder / "views" / "9998", (*VIEWS, *map(wider, FIVETRAN_VIEWS)))
    migrate.upgrade(warehouse_url, script_location=folder)
    for view in FIVETRAN_VIEWS:
        assert inspect(engine).get_columns(view.name, FIVETRAN_SCHEMA)[-1]["name"] == "later"
        assert inspect(engine).get_view_definition(view.name, dependent) == before[view.name]


def test_columns_are_only_ever_added_last() -> None:
    """Each frozen copy of a view begins with the columns of the copy before it: else no upgrade could replace it."""
    copies = sorted((migrations_folder() / "views").glob(f"*/{FIVETRAN_SCHEMA}.*.sql"))
    listed: dict[str, list[str]] = {}
    for copy in copies:
        columns = [line.split()[3] for line in copy.read_text().splitlines() if line.startswith("COMMENT ON COLUMN")]
        before = listed.setdefault(copy.name, columns)
        assert columns[: len(before)] == before
        listed[copy.name] = columns
    assert len(listed) == len(FIVETRAN_VIEWS)


def test_a_row_that_could_not_be_brought_up_to_date_stays_behind(advertising: Engine) -> None:
    """A sync that refused LinkedIn's record of a row covers the other rows of the day alone."""
    later = START + DAY
    sync(advertising, "campaign_daily_metrics", *days(1, "1.25", "2.50"), *days(2, "0.75"), at=later)
    with advertising.begin() as connection:
        stale = update(table_of(CampaignDailyMetric)).where(CampaignDailyMetric.campaign_id == 2)
        connection.execute(stale.values(stale_since=later))
    assert rows_of(advertising, "ad_analytics_by_campaign", "campaign_id", "_fivetran_synced") == [
        (1, later),
        (1, later),
        (2, START),
    ]


REPORTS = [view for view in FIVETRAN_VIEWS if "sync_log" in view.rows]


@pytest.mark.parametrize("view", REPORTS, ids=lambda view: view.name)
def test_the_log_of_syncs_is_read_only_for_the_time_of_the_sync(engine: Engine, view: View) -> None:
    """The packages select other columns, and whole tables: a look into the log for each row would take minutes."""
    with engine.connect() as connection:
        plans = {
            columns: "\n".join(connection.scalars(text(f"EXPLAIN SELECT {columns} FROM {view.relation}")))  # noqa: S608
            for columns in ("_fivetran_id, external_website_conversions", "_fivetran_synced")
        }
    assert ["sync_log" in plan for plan in plans.values()] == [False, True]
