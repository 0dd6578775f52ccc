"""What an entity was called and how it stood, at any time; and on the day of each fact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, DateTime, Engine, MetaData, Table, Text, delete, insert, select, true

from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.load.history import record_versions
from lac_pipeline.warehouse.schema.histories import history_of
from lac_pipeline.warehouse.schema.tables import HISTORIES, Campaign, CampaignDailyMetric, SyncLog, table_of
from lac_pipeline.warehouse.schema.views.campaign_days import VIEW as CAMPAIGN_DAYS
from lac_pipeline.warehouse.schema.views.creative_days import VIEW as CREATIVE_DAYS
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.warehouse.loads import ACCOUNT, WINDOW, begin_campaigns, load, load_metrics, metric_rows

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COLUMNS = ("id", "account_id", "name", "status", "linkedin_last_modified_at")
HISTORY = HISTORIES["campaigns"]


def sync(engine: Engine, *campaigns: tuple[int, str, str, datetime | None], at: datetime) -> None:
    """Load campaigns (id, name, status, last modified) as a fetch that begins at this moment."""
    warehouse = Warehouse(engine, clock=lambda: at)
    rows = [(campaign_id, ACCOUNT, *rest) for campaign_id, *rest in campaigns]
    load(warehouse, begin_campaigns(warehouse), rows, columns=COLUMNS)


def versions(engine: Engine) -> list[tuple[Any, ...]]:
    """Name, status, whether removed, from and to of every version, in order."""
    names = ("name", "status", "removed", "valid_from", "valid_to")
    with engine.connect() as connection:
        query = select(*(HISTORY.c[name] for name in names)).order_by(HISTORY.c.id, HISTORY.c.valid_from)
        return [tuple(row) for row in connection.execute(query)]


def test_a_change_ends_one_version_and_begins_the_next(engine: Engine) -> None:
    """The moment is LinkedIn's last modification, not the fetch that saw it."""
    sync(engine, (1, "Spring", "ACTIVE", START - DAY), at=START)
    sync(engine, (1, "Summer", "ACTIVE", START + DAY), at=START + 2 * DAY)
    assert versions(engine) == [
        ("Spring", "ACTIVE", False, START - DAY, START + DAY),
        ("Summer", "ACTIVE", False, START + DAY, None),
    ]


def test_nothing_new_makes_no_version(engine: Engine) -> None:
    """A fetch that confirms what is known, or moves the stamp alone, adds nothing."""
    for at in (START, START + DAY):
        sync(engine, (1, "Spring", "ACTIVE", at), at=at)
    assert versions(engine) == [("Spring", "ACTIVE", False, START, None)]


def test_without_a_stamp_the_fetch_dates_the_change(engine: Engine) -> None:
    """What LinkedIn does not date is dated by the fetch that saw it, and so is what changes behind an old stamp."""
    sync(engine, (1, "Spring", "ACTIVE", None), at=START)
    sync(engine, (1, "Spring", "PAUSED", START - DAY), at=START + DAY)
    assert [row[3:] for row in versions(engine)] == [(START, START + DAY), (START + DAY, None)]


def test_removal_and_return_are_versions(engine: Engine) -> None:
    """An entity that LinkedIn stops returning is removed from then on, until it is returned again."""
    for day, campaigns in enumerate([[(1, "Spring", "ACTIVE", None)], [], [(1, "Spring", "ACTIVE", None)]]):
        sync(engine, *campaigns, at=START + day * DAY)
    assert [row[2:4] for row in versions(engine)] == [
        (False, START),
        (True, START + DAY),
        (False, START + 2 * DAY),
    ]


@examples(25, HealthCheck.function_scoped_fixture)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(-5, 5), st.booleans()), min_size=1, max_size=6)
)
def test_histories_have_no_gap_and_one_open_end(engine: Engine, steps: list[tuple[str, int | None, bool]]) -> None:
    """For any records in any order of stamps, versions join end to end and the last is the truth."""
    with engine.begin() as connection:
        for table in (HISTORY, table_of(Campaign), table_of(SyncLog)):
            connection.execute(delete(table))
    for number, (name, offset, there) in enumerate(steps):
        modified = None if offset is None else START + offset * DAY
        sync(engine, *([(1, name, "ACTIVE", modified)] if there else []), at=START + number * DAY)
    found = versions(engine)
    assert [row[4] for row in found[:-1]] == [row[3] for row in found[1:]]
    assert all(row[3] < row[4] for row in found[:-1])
    seen = [(name, there) for name, _, there in steps]
    present = [name for name, there in seen if there]
    assert bool(found) is bool(present)
    if present:
        assert (found[-1][0], found[-1][2], found[-1][4]) == (present[-1], not seen[-1][1], None)


def test_a_fact_has_the_name_and_status_of_its_day(engine: Engine) -> None:
    """Days before a change keep the old name; days before all history get the oldest known, and are marked."""
    morning = datetime(2026, 11, 5, 6, tzinfo=UTC)
    sync(engine, (1, "Spring", "ACTIVE", datetime(2026, 11, 3, tzinfo=UTC)), at=START + 3 * DAY)
    sync(engine, (1, "Summer", "PAUSED", morning), at=START + 5 * DAY)
    load_metrics(Warehouse(engine), metric_rows([1], WINDOW))
    names = ("campaign_name", "campaign_status", "history_known")
    with engine.connect() as connection:
        rows = connection.execute(select(CAMPAIGN_DAYS.selectable)).mappings()
        days = {row["date"].day: tuple(row[name] for name in names) for row in rows}
    assert {day: days[day] for day in (2, 3, 4, 5, 10)} == {
        2: ("Spring", "ACTIVE", False),
        3: ("Spring", "ACTIVE", True),
        4: ("Spring", "ACTIVE", True),
        5: ("Summer", "PAUSED", True),
        10: ("Summer", "PAUSED", True),
    }


def test_a_creative_day_without_history_is_shown_by_its_id(engine: Engine) -> None:
    """Facts of entities that were never seen keep their row."""
    warehouse = Warehouse(engine)
    attempt = warehouse.begin("creative_daily_metrics", ACCOUNT, run_id="r", trigger="on_demand", window=WINDOW)
    load(warehouse, attempt, [(5, WINDOW.start, ACCOUNT, 1)], columns=("creative_id", "date", "account_id", "clicks"))
    with engine.connect() as connection:
        [row] = connection.execute(select(CREATIVE_DAYS.selectable)).mappings()
    assert (row["creative_name"], row["history_known"], row["clicks"]) == ("5", False, 1)


def test_entities_loaded_before_the_migration_get_their_first_version(engine: Engine, warehouse_url: str) -> None:
    """A database that holds rows already is not left without a history, and keeps its facts on the way down."""
    sync(engine, (1, "Spring", "ACTIVE", START), at=START)
    load_metrics(Warehouse(engine), metric_rows([1], WINDOW))
    migrate.downgrade(warehouse_url, "0004")
    migrate.upgrade(warehouse_url)
    assert versions(engine) == [("Spring", "ACTIVE", False, START, None)]
    with engine.connect() as connection:
        assert len(connection.execute(select(CampaignDailyMetric)).all()) == WINDOW.days


def test_a_key_of_two_columns_makes_versions_of_its_own(engine: Engine) -> None:
    """Rows that share a part of their key have separate versions, each with one that is open."""
    metadata = MetaData(schema="linkedin_ads")
    roles = Table(
        "roles",
        metadata,
        Column("account_id", BigInteger, primary_key=True, autoincrement=False),
        Column("role", Text),
        Column("user_urn", Text, primary_key=True),
        Column("linkedin_last_modified_at", DateTime(timezone=True)),
    )
    history = history_of(roles, "role")
    assert [column.name for column in history.primary_key] == ["account_id", "user_urn", "valid_from"]
    with engine.begin() as connection:
        metadata.create_all(connection)
        for stored, at in (("VIEWER", START), ("ACCOUNT_MANAGER", START + DAY)):
            connection.execute(delete(roles))
            rows = [("anna", stored), ("berta", "VIEWER")]
            connection.execute(insert(roles), [{"account_id": 1, "user_urn": who, "role": role} for who, role in rows])
            record_versions(connection, history, roles, scope=true(), fetched_at=at)
        query = select(history.c.user_urn, history.c.role, history.c.valid_from, history.c.valid_to)
        assert [tuple(row) for row in connection.execute(query.order_by(history.c.user_urn, history.c.valid_from))] == [
            ("anna", "VIEWER", START, START + DAY),
            ("anna", "ACCOUNT_MANAGER", START + DAY, None),
            ("berta", "VIEWER", START, None),
        ]
