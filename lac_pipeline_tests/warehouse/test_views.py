"""The views for people, and the ratios, which are computed and never stored."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, insert, inspect, select

from lac_pipeline.linkedin.objectives import LEAD_GENERATION
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.reporting import sums
from lac_pipeline.reporting.snapshot_document import Ratios
from lac_pipeline.reporting.sums import PeriodSums
from lac_pipeline.streams import Partitioning, stream_of
from lac_pipeline.warehouse.load.attempts import SkippedAsset
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.schema.fivetran import FIVETRAN_VIEWS
from lac_pipeline.warehouse.schema.operational_tables import STATUSES, SyncLog
from lac_pipeline.warehouse.schema.tables import Campaign, CampaignDailyMetric, table_of
from lac_pipeline.warehouse.schema.view import View
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.warehouse.schema.views.account_performance import VIEW as ACCOUNT_PERFORMANCE
from lac_pipeline.warehouse.schema.views.account_syncs import VIEW as ACCOUNT_SYNCS
from lac_pipeline.warehouse.schema.views.audience_breakdown import VIEW as AUDIENCE_BREAKDOWN
from lac_pipeline.warehouse.schema.views.campaign_breakdown import VIEW as CAMPAIGN_BREAKDOWN
from lac_pipeline.warehouse.schema.views.campaign_days import VIEW as CAMPAIGN_DAYS
from lac_pipeline.warehouse.schema.views.campaign_performance import VIEW as CAMPAIGN_PERFORMANCE
from lac_pipeline.warehouse.schema.views.creative_days import VIEW as CREATIVE_DAYS
from lac_pipeline.warehouse.schema.views.creative_performance import VIEW as CREATIVE_PERFORMANCE
from lac_pipeline.warehouse.schema.views.reach_and_frequency import VIEW as REACH_AND_FREQUENCY
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import ONE_DAY, DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    WINDOW,
    begin_campaigns,
    campaign_rows,
    load,
    load_campaigns,
    load_metrics,
    metric_rows,
    rejection,
)

MONTH = DateWindow(date(2026, 11, 1), date(2026, 12, 1))


def rows_of(engine: Engine, view: View) -> list[dict[str, Any]]:
    """All rows of a view."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(view.selectable)).mappings()]


def load_as(warehouse: Warehouse, asset: str, columns: tuple[str, ...], row: tuple[Any, ...]) -> None:
    """Load one row of an asset."""
    window = {Partitioning.ACCOUNT_DAY: WINDOW, Partitioning.ACCOUNT_MONTH: MONTH}.get(stream_of(asset).partitioning)
    attempt = warehouse.begin(asset, ACCOUNT, run_id="run", trigger="on_demand", window=window)
    load(warehouse, attempt, [row], columns=columns)


@pytest.mark.parametrize("view", [*VIEWS, *FIVETRAN_VIEWS], ids=lambda view: view.relation)
def test_a_view_in_the_database_is_its_source(module_engine: Engine, view: View) -> None:
    """Running the source's statements changes no definition; columns and comments are those of the documents."""
    inspector = inspect(module_engine)
    columns = [(column["name"], column["comment"]) for column in inspector.get_columns(view.name, view.schema)]
    assert columns == [(column.name, column.comment) for column in view.columns]
    assert all(column.comment for column in view.columns)
    assert inspector.get_table_comment(view.name, view.schema)["text"] == view.grain
    definition = select(func.pg_get_viewdef(view.relation))
    with module_engine.connect() as connection:
        migrated = connection.scalar(definition)
        connection.exec_driver_sql(view.ddl)
        assert connection.scalar(definition) == migrated
        connection.rollback()


def test_a_campaign_day_has_names_ratios_and_the_time_of_its_last_check(warehouse: Warehouse, engine: Engine) -> None:
    """`fetched_at` is the start of the last fetch that covered the day, also when it changed nothing."""
    load_as(warehouse, "accounts", ("id", "name", "currency"), (ACCOUNT, "Northwind", "EUR"))
    load_campaigns(warehouse, campaign_rows([1]))
    first = load_metrics(warehouse, metric_rows([1], WINDOW))
    again = load_metrics(warehouse, metric_rows([1], [WINDOW.start]), DateWindow.inclusive(WINDOW.start, WINDOW.start))
    days = {row["date"]: row for row in rows_of(engine, CAMPAIGN_PERFORMANCE)}
    day = days[WINDOW.start]
    assert (day["account_name"], day["currency"], day["campaign_name"]) == ("Northwind", "EUR", "Campaign 1")
    assert (day["ctr"], day["cpc"], day["cpm"]) == (Decimal("0.03"), Decimal("0.416667"), Decimal("12.5"))
    assert (day["week"], day["month"]) == (date(2026, 10, 26), date(2026, 11, 1))
    assert (day["fetched_at"], days[WINDOW.last]["fetched_at"]) == (again.started_at, first.started_at)


def test_ratios_without_a_denominator_are_null(warehouse: Warehouse, engine: Engine) -> None:
    """Nothing divides by zero."""
    load_metrics(warehouse, [(1, WINDOW.start, ACCOUNT, 0, 0, Decimal("1.5"))])
    [row] = rows_of(engine, CAMPAIGN_PERFORMANCE)
    assert [row[name] for name in ("ctr", "cpc", "cpm", "cpl")] == [None] * 4


COUNTS = st.none() | st.integers(0, 200) | st.integers(0, 2**63 - 1) | st.sampled_from([0, 2, 128, 500_000, 10**6])


@st.composite
def costs(draw: st.DrawFn) -> Decimal | None:
    """Amounts of every size and scale, as LinkedIn sends them and as it might."""
    places = draw(st.integers(0, 20))
    units = draw(st.none() | st.integers(0, 10**4) | st.integers(-(10**45), 10**45))
    return None if units is None else Decimal(f"{units}E-{places}")


OBJECTIVES = st.sampled_from([LEAD_GENERATION, "BRAND_AWARENESS", None])
FACTS = st.tuples(costs(), COUNTS, COUNTS, COUNTS, OBJECTIVES)
TIES = [(Decimal(f"{tie}.0000005"), 1, 1, 1, LEAD_GENERATION) for tie in range(3)]
EXTREMES = [
    (Decimal(1), 128, 1, 3, LEAD_GENERATION),
    (Decimal(0), 0, 0, 0, None),
    (Decimal(10) ** 40 + 1, 3, 7, 11, LEAD_GENERATION),
    (Decimal("1E-18"), 3, 2**63 - 1, 9, None),
    (Decimal("-0.0000015"), 1, 1, 1, LEAD_GENERATION),
]
NAMES = ("cost_in_local_currency", "impressions", "clicks", "one_click_leads")


def hold(connection: Connection, facts: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Insert a campaign and its numbers of a day for each; return the numbers, as a snapshot reads them."""
    rows = [{**sums.NOTHING, **dict(zip(NAMES, values, strict=False))} for values in facts]
    campaigns = [{"id": n, "account_id": ACCOUNT, "objective_type": fact[-1]} for n, fact in enumerate(facts)]
    day = {"date": WINDOW.start, "account_id": ACCOUNT}
    keyed = [day | {"campaign_id": n} | {name: row[name] for name in NAMES} for n, row in enumerate(rows)]
    connection.execute(insert(table_of(Campaign)), campaigns)
    connection.execute(insert(table_of(CampaignDailyMetric)), keyed)
    return rows


@examples(40, HealthCheck.function_scoped_fixture)
@given(st.lists(FACTS, min_size=1, max_size=30))
@example(TIES)
@example(EXTREMES)
def test_a_campaigns_ratios_are_the_same_in_python_and_in_sql(engine: Engine, facts: list[tuple[Any, ...]]) -> None:
    """The snapshot and the views give the same ratios: of ties, of nothing, of any size."""
    view = CAMPAIGN_PERFORMANCE.selectable
    names = tuple(Ratios.model_fields)
    with engine.connect() as connection:
        rows = hold(connection, facts)
        in_view = connection.execute(select(*(view.c[name] for name in names)).order_by(view.c.campaign_id)).all()
        connection.rollback()
    for row, fact, found in zip(rows, facts, in_view, strict=True):
        ratios = sums.ratios(PeriodSums.of_campaign(row, fact[-1]))
        assert tuple(getattr(ratios, name) for name in names) == tuple(found)


ADDABLE = st.tuples(
    st.none() | st.integers(0, 10**30).map(lambda units: Decimal(f"{units}E-12")),
    *[st.none() | st.integers(0, 10**12)] * 3,
    OBJECTIVES,
)


@examples(40, HealthCheck.function_scoped_fixture)
@given(st.lists(ADDABLE, min_size=1, max_size=30))
def test_an_accounts_ratios_are_the_same_in_python_and_in_sql(engine: Engine, facts: list[tuple[Any, ...]]) -> None:
    """CPL of an account is of its lead generation campaigns alone, and unknown where a number of theirs is."""
    view = ACCOUNT_PERFORMANCE.selectable
    names = tuple(Ratios.model_fields)
    with engine.connect() as connection:
        rows = hold(connection, facts)
        found = connection.execute(select(*(view.c[name] for name in names))).one()
        connection.rollback()
    leads = [row for row, fact in zip(rows, facts, strict=True) if fact[-1] == LEAD_GENERATION]
    ratios = sums.ratios(PeriodSums(sums.add(rows), sums.add(leads)))
    assert tuple(getattr(ratios, name) for name in names) == tuple(found)


def test_cpl_is_of_lead_generation_campaigns_in_every_view(warehouse: Warehouse, engine: Engine) -> None:
    """Only what was spent for leads is divided by leads; what all cost per lead is called by another name."""
    objectives = {1: LEAD_GENERATION, 2: "BRAND_AWARENESS"}
    columns = ("id", "account_id", "name", "objective_type")
    campaigns = [(campaign_id, ACCOUNT, str(campaign_id), objective) for campaign_id, objective in objectives.items()]
    load_campaigns(warehouse, campaigns, columns=columns)
    creatives = ("id", "account_id", "campaign_id", "name")
    attempt = warehouse.begin("creatives", ACCOUNT, run_id="run", trigger="on_demand", window=None)
    load(
        warehouse,
        attempt,
        [(10 * campaign_id, ACCOUNT, campaign_id, str(campaign_id)) for campaign_id in objectives],
        columns=creatives,
    )
    numbers = {1: (Decimal(300), 10), 2: (Decimal(900), 2)}
    for kind, factor in (("campaign", 1), ("creative", 10)):
        attempt = warehouse.begin(f"{kind}_daily_metrics", ACCOUNT, run_id="run", trigger="on_demand", window=WINDOW)
        rows = [(factor * campaign_id, WINDOW.start, ACCOUNT, *number) for campaign_id, number in numbers.items()]
        days = (f"{kind}_id", "date", "account_id", "cost_in_local_currency", "one_click_leads")
        load(warehouse, attempt, rows, columns=days)
    for view in (CAMPAIGN_PERFORMANCE, CREATIVE_PERFORMANCE, CAMPAIGN_DAYS, CREATIVE_DAYS):
        quotients = {row["campaign_id"]: (row["cpl"], row["spend_per_lead"]) for row in rows_of(engine, view)}
        assert quotients == {1: (30, 30), 2: (None, 450)}
    [day] = rows_of(engine, ACCOUNT_PERFORMANCE)
    assert (day["cpl"], day["spend_per_lead"]) == (30, 100)
    assert (day["lead_generation_cost_in_local_currency"], day["lead_generation_leads"]) == (300, 10)


def test_a_segment_has_no_cpl(warehouse: Warehouse, engine: Engine) -> None:
    """LinkedIn splits the account's activity by segment, and not the activity of lead campaigns."""
    columns = ("account_id", "month", "pivot_type", "segment", "cost_in_local_currency", "one_click_leads")
    row = (ACCOUNT, MONTH.start, "MEMBER_INDUSTRY", "urn:li:industry:4", Decimal(50), 2)
    load_as(warehouse, "audience_demographics", columns, row)
    [found] = rows_of(engine, AUDIENCE_BREAKDOWN)
    assert (found["cpl"], found["spend_per_lead"]) == (None, 25)


def test_an_account_day_is_the_sum_of_its_campaigns(warehouse: Warehouse, engine: Engine) -> None:
    """Campaigns that LinkedIn no longer knows count too."""
    load_metrics(warehouse, metric_rows([1, 2], [WINDOW.start]))
    [row] = rows_of(engine, ACCOUNT_PERFORMANCE)
    assert (row["active_campaigns"], row["impressions"], row["cost_in_local_currency"]) == (2, 200, Decimal("2.50"))


def test_an_account_day_is_unknown_where_a_campaign_is(warehouse: Warehouse, engine: Engine) -> None:
    """The sum of a known and an unknown number is unknown, in that column alone."""
    load_campaigns(
        warehouse,
        [(1, ACCOUNT, "LEAD_GENERATION"), (2, ACCOUNT, "LEAD_GENERATION")],
        columns=("id", "account_id", "objective_type"),
    )
    columns = ("campaign_id", "date", "account_id", "impressions", "cost_in_local_currency", "one_click_leads")
    rows = [(1, WINDOW.start, ACCOUNT, 100, None, 2), (2, WINDOW.start, ACCOUNT, 50, Decimal(5), None)]
    load_metrics(warehouse, rows, columns=columns)
    [row] = rows_of(engine, ACCOUNT_PERFORMANCE)
    unknown = ("cost_in_local_currency", "one_click_leads", "lead_generation_leads", "cpl", "cpm")
    assert (row["impressions"], *(row[name] for name in unknown)) == (150, *[None] * len(unknown))


def test_a_refused_row_is_no_fresher_than_the_fetch_before(warehouse: Warehouse, engine: Engine) -> None:
    """`fetched_at` of a refused row, and of its account's day, stays at the last fetch that could read it."""
    first = load_metrics(warehouse, metric_rows([1, 2], [WINDOW.start]))
    refused = [rejection(f"2|{WINDOW.start}")]
    again = load_metrics(warehouse, metric_rows([1], [WINDOW.start]), rejected=refused)
    fetched = [row["fetched_at"] for row in rows_of(engine, CAMPAIGN_PERFORMANCE)]
    assert sorted(fetched) == [first.started_at, again.started_at]
    assert [row["fetched_at"] for row in rows_of(engine, ACCOUNT_PERFORMANCE)] == [first.started_at]


def test_a_creative_day_names_its_campaign(warehouse: Warehouse, engine: Engine) -> None:
    """Creatives lead to their campaigns; those that are unknown are shown by their id."""
    load_campaigns(warehouse, campaign_rows([1]))
    load_as(warehouse, "creatives", ("id", "account_id", "campaign_id", "name"), (5, ACCOUNT, 1, "Blue"))
    columns = ("creative_id", "date", "account_id", "impressions")
    load_as(warehouse, "creative_daily_metrics", columns, (5, WINDOW.start, ACCOUNT, 10))
    [row] = rows_of(engine, CREATIVE_PERFORMANCE)
    assert (row["creative_name"], row["campaign_name"], row["impressions"]) == ("Blue", "Campaign 1", 10)


@pytest.mark.parametrize(("name", "shown"), [("Software", "Software"), (NoName.NOT_FOUND, "urn:li:industry:4")])
def test_an_audience_segment_has_its_name(warehouse: Warehouse, engine: Engine, name: str | NoName, shown: str) -> None:
    """A URN is shown by its name, or as itself while LinkedIn returns no name."""
    columns = ("account_id", "month", "pivot_type", "segment", "impressions")
    row = (ACCOUNT, MONTH.start, "MEMBER_INDUSTRY", "urn:li:industry:4", 10)
    load_as(warehouse, "audience_demographics", columns, row)
    UrnNames(engine).keep({"urn:li:industry:4": name}, at=warehouse.read.attempts_of("run")[0].attempt.started_at)
    [found] = rows_of(engine, AUDIENCE_BREAKDOWN)
    assert (found["segment_name"], found["fetched_at"] is not None) == (shown, True)


def test_a_run_is_as_good_as_its_worst_attempt(warehouse: Warehouse, engine: Engine) -> None:
    """One row per account and run, with the counts of its assets and all errors in one list."""
    load_campaigns(warehouse, campaign_rows([1, 2]))
    for reason in ("first", "second"):
        warehouse.fail(begin_campaigns(warehouse), RuntimeError(reason), api_calls=2)
    warehouse.skip([SkippedAsset(ACCOUNT, "campaigns", "data_fresh_1min")], run_id="later", trigger="scheduled")
    syncs = {row["run_id"]: row for row in rows_of(engine, ACCOUNT_SYNCS)}
    assert (syncs["run"]["status"], syncs["later"]["status"]) == ("failed", "skipped")
    assert (syncs["run"]["campaigns_fetched"], syncs["run"]["api_calls_made"]) == (2, 5)
    assert {error["summary"] for error in syncs["run"]["errors"]} == {"first", "second"}


def test_every_status_has_its_place_from_worst_to_best(engine: Engine) -> None:
    """A run whose attempts all ended in one way is shown with it, whichever it is."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    attempt = {"account_id": ACCOUNT, "asset": "campaigns", "started_at": at, "trigger": "on_demand"}
    with engine.begin() as connection:
        rows = [
            {**attempt, "status": status, "run_id": status, "started_at": at + n * ONE_DAY}
            for n, status in enumerate(STATUSES)
        ]
        connection.execute(insert(table_of(SyncLog)), rows)
    assert {row["status"]: row["run_id"] for row in rows_of(engine, ACCOUNT_SYNCS)} == {
        status: status for status in STATUSES
    }


REACH = ("account_id", "month", "level", "entity_id", "impressions", "approximate_member_reach")


@pytest.mark.parametrize(
    ("impressions", "reach", "frequency"),
    [(300, 120, Decimal("2.5")), (300, None, None), (300, 0, None), (0, 120, None), (None, 120, None)],
)
def test_frequency_is_unknown_without_reach_or_impressions(
    warehouse: Warehouse, engine: Engine, impressions: int | None, reach: int | None, frequency: Decimal | None
) -> None:
    """Impressions per member reached; a message ad whose sends LinkedIn does not count as impressions has none."""
    load_campaigns(warehouse, campaign_rows([1]))
    load_as(warehouse, "reach_by_month", REACH, (ACCOUNT, MONTH.start, "campaign", 1, impressions, reach))
    [row] = rows_of(engine, REACH_AND_FREQUENCY)
    assert (row["entity_name"], row["frequency"]) == ("Campaign 1", frequency)


def test_each_level_has_a_name_of_its_own(warehouse: Warehouse, engine: Engine) -> None:
    """An id may be that of a campaign and of a group; a group that is not known is shown by its id."""
    load_as(warehouse, "accounts", ("id", "name", "currency"), (ACCOUNT, "Northwind", "EUR"))
    load_campaigns(warehouse, campaign_rows([1]))
    levels = [("account", ACCOUNT), ("campaign_group", 1), ("campaign", 1)]
    attempt = warehouse.begin("reach_by_month", ACCOUNT, run_id="run", trigger="on_demand", window=MONTH)
    load(warehouse, attempt, [(ACCOUNT, MONTH.start, level, key, 5, 5) for level, key in levels], columns=REACH)
    names = {row["level"]: row["entity_name"] for row in rows_of(engine, REACH_AND_FREQUENCY)}
    assert names == {"account": "Northwind", "campaign_group": "1", "campaign": "Campaign 1"}


@pytest.mark.parametrize(
    ("fetched", "complete", "through"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), False, date(2026, 11, 20)),
        (datetime(2026, 12, 2, 23, tzinfo=UTC), False, date(2026, 11, 30)),
        (datetime(2026, 12, 3, 0, tzinfo=UTC), True, date(2026, 11, 30)),
    ],
)
def test_a_month_that_still_runs_says_so(engine: Engine, fetched: datetime, complete: bool, through: date) -> None:
    """It counts the days so far; complete it is two days after its end, as LinkedIn's estimate is late."""
    then = Warehouse(engine, clock=lambda: fetched)
    load_as(then, "reach_by_month", REACH, (ACCOUNT, MONTH.start, "account", ACCOUNT, 300, 120))
    [row] = rows_of(engine, REACH_AND_FREQUENCY)
    assert (row["complete"], row["read_through"], row["fetched_at"]) == (complete, through, fetched)


def test_a_breakdown_shows_its_part_of_the_campaigns_day(warehouse: Warehouse, engine: Engine) -> None:
    """Shares are among the values of one breakdown, and there is none where nothing was spent."""
    load_as(warehouse, "accounts", ("id", "name", "currency"), (ACCOUNT, "Northwind", "EUR"))
    load_campaigns(warehouse, campaign_rows([1]))
    columns = ("campaign_id", "date", "account_id", "breakdown", "value", "impressions", "cost_in_local_currency")
    values = [("DEVICE", "app", 3, 0), ("DEVICE", "web", 1, 0), ("PLACE", "feed", 4, Decimal("1.5"))]
    attempt = warehouse.begin("campaign_daily_breakdowns", ACCOUNT, run_id="r", trigger="on_demand", window=WINDOW)
    load(warehouse, attempt, [(1, WINDOW.start, ACCOUNT, *value) for value in values], columns=columns)
    rows = {row["value"]: row for row in rows_of(engine, CAMPAIGN_BREAKDOWN)}
    assert {value: row["share_of_impressions"] for value, row in rows.items()} == {
        "app": Decimal("0.75"),
        "web": Decimal("0.25"),
        "feed": Decimal(1),
    }
    assert [rows[value]["share_of_cost"] for value in ("app", "feed")] == [None, Decimal(1)]
    assert (rows["app"]["campaign_name"], rows["app"]["currency"], rows["app"]["ctr"]) == ("Campaign 1", "EUR", None)
