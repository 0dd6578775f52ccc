"""A schema `linkedin_ads` that another program has made is recognised, named, and left alone."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, inspect, text

from lac_pipeline.errors import StorageError, UnsuitableDatabaseError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.schema.tables import SCHEMA, Base
from lac_pipeline.warehouse.suitability import require_room_for_dagster

FIVETRAN = ["account_history", "campaign_history", "ad_analytics_by_campaign", "_fivetran_synced"]
OURS_BY_NAME = ["accounts", "campaigns"]


@pytest.fixture
def occupied(database_url: str) -> Engine:
    """An engine on a database whose schema is there already, made by another program."""
    engine = make_engine(database_url, pooled=False)
    run(engine, f"CREATE SCHEMA {SCHEMA}")
    return engine


def run(engine: Engine, *statements: str) -> None:
    """Run statements in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def make_tables(engine: Engine, *names: str) -> None:
    """Make tables as another loader would: of other columns than ours."""
    run(engine, *(f"CREATE TABLE {SCHEMA}.{name} (foreign_id text)" for name in names))


def refusals(engine: Engine, url: str) -> list[UnsuitableDatabaseError]:
    """What `lac migrate` raises, and what every other command does, doctor among them."""
    with pytest.raises(UnsuitableDatabaseError) as migrating:
        migrate.upgrade(url)
    with pytest.raises(UnsuitableDatabaseError) as reading:
        migrate.require_head(engine)
    return [migrating.value, reading.value]


@pytest.mark.parametrize("names", [FIVETRAN, OURS_BY_NAME, ["_fivetran_synced"]])
def test_another_loaders_tables_are_named_and_left_alone(occupied: Engine, database_url: str, names: list[str]) -> None:
    """The error names the tables and the setting for a database of its own; nothing is made beside them."""
    make_tables(occupied, *names)
    for error in refusals(occupied, database_url):
        assert all(name in str(error.detail) for name in names)
        assert "POSTGRES_DB" in str(error.fix)
    assert set(inspect(occupied).get_table_names(SCHEMA)) == set(names)


def test_a_loader_that_uses_alembic_too_is_recognised(occupied: Engine, database_url: str) -> None:
    """Its revision is none of ours, and neither are its tables: the schema is not a newer one of ours."""
    make_tables(occupied, *FIVETRAN)
    run(occupied, f"CREATE TABLE {SCHEMA}.alembic_version AS SELECT '7f3a' AS version_num")
    assert all("account_history" in str(error.detail) for error in refusals(occupied, database_url))


def test_an_empty_schema_is_taken(occupied: Engine, database_url: str) -> None:
    """A schema that an administrator has made for us holds nothing, and is filled."""
    migrate.upgrade(database_url)
    migrate.require_head(occupied)
    assert {model.name for model in Base.metadata.tables.values()} <= set(inspect(occupied).get_table_names(SCHEMA))


def test_a_table_of_a_person_beside_ours_is_no_harm(engine: Engine, warehouse_url: str) -> None:
    """Additions to our own schema cause no error."""
    make_tables(engine, "budgets_by_hand")
    migrate.upgrade(warehouse_url)
    migrate.require_head(engine)
    assert "budgets_by_hand" in inspect(engine).get_table_names(SCHEMA)


def test_a_table_in_the_way_of_a_migration_is_an_error(engine: Engine, warehouse_url: str) -> None:
    """The error names an object in the way of a later migration, and what to do."""
    migrate.downgrade(warehouse_url, "0001")
    make_tables(engine, "account_snapshots")
    with pytest.raises(StorageError, match="already in the database") as caught:
        migrate.upgrade(warehouse_url)
    assert "account_snapshots" in str(caught.value.detail)
    assert "rename it" in str(caught.value.fix)


def test_dagster_is_kept_out_of_another_programs_database(database_url: str) -> None:
    """A database with another program's revision is refused; an empty one, one of Dagster's and one of ours are not."""
    engine = make_engine(database_url, pooled=False)
    migrate.upgrade(database_url)
    require_room_for_dagster(engine)
    run(engine, "CREATE TABLE dashboards (id int)", "CREATE TABLE alembic_version (version_num text)")
    with pytest.raises(UnsuitableDatabaseError, match="named for Dagster, is another program's") as caught:
        require_room_for_dagster(engine)
    assert "dashboards" in str(caught.value.detail)
    assert "DAGSTER_POSTGRES_DB" in str(caught.value.fix)
    run(engine, "CREATE TABLE runs (id int)")
    require_room_for_dagster(engine)
