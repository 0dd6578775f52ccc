"""Roles that may read the warehouse and nothing else."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from lac_pipeline.errors import ConfigError, StorageError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.roles import Reader, RoleStatement, grant_reader
from lac_pipeline.warehouse.schema.fivetran import FIVETRAN_SCHEMA, FIVETRAN_VIEWS, SCHEMAS
from lac_pipeline.warehouse.schema.tables import SCHEMA, Base
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.loads import WINDOW, load_metrics, metric_rows

_numbers = itertools.count()


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    """A name with odd characters that no other test's role has; roles belong to the whole server."""
    name = f'an "analyst" {os.getpid()}.{next(_numbers)}'
    yield name
    with engine.begin() as connection:
        connection.execute(RoleStatement("DROP OWNED BY {role}", name))
        connection.execute(RoleStatement("DROP ROLE {role}", name))


@pytest.fixture
def reader(engine: Engine, warehouse_url: str, name: str) -> Iterator[Engine]:
    """An engine that is logged in as the reader."""
    grant_reader(engine, name)
    url = make_url(warehouse_url).set(username=name)
    reading = make_engine(url.render_as_string(hide_password=False))
    yield reading
    reading.dispose()


def refusal(reader: Engine, statement: str) -> str:
    """PostgreSQL's error for a statement that it refuses."""
    with reader.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.commit()
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text(statement))
    return str(caught.value.orig)


def test_a_reader_reads_every_view_and_table(engine: Engine, reader: Engine) -> None:
    """Unqualified names are those of the schema."""
    load_metrics(Warehouse(engine), metric_rows([1], WINDOW))
    with reader.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM campaign_performance")) == WINDOW.days
        for name in {*(view.name for view in VIEWS), *(table.name for table in Base.metadata.tables.values())}:
            allowed = connection.scalar(select(func.has_table_privilege(f"{SCHEMA}.{name}", "SELECT")))
            assert allowed is (name not in {"oauth_tokens", "lead_answers"})


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM campaign_daily_metrics",
        "UPDATE accounts SET name = 'mine'",
        "CREATE TABLE linkedin_ads.mine (id int)",
        "SELECT access_token FROM oauth_tokens",
    ],
)
def test_a_reader_does_nothing_else(reader: Engine, statement: str) -> None:
    """Writing and the tokens are refused by rights, not only by a setting that can be undone."""
    assert "permission denied" in refusal(reader, statement)


def test_later_tables_are_read_too(engine: Engine, reader: Engine) -> None:
    """What a later migration adds needs no new grant."""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {SCHEMA}.later AS SELECT 1 AS one"))
    with reader.connect() as connection:
        assert connection.scalar(text("SELECT one FROM later")) == 1


def test_granting_again_changes_nothing(engine: Engine, name: str) -> None:
    """The second time the role is there; both times it sees the same."""
    first, second = grant_reader(engine, name), grant_reader(engine, name)
    assert (first.created, second) == (True, Reader(name, False, first.relations))


@pytest.mark.parametrize("taken", ["", "owner"])
def test_the_owner_is_no_reader(engine: Engine, taken: str) -> None:
    """The user who loads cannot be made read-only, and a role needs a name."""
    with engine.connect() as connection:
        owner = connection.scalar(select(func.current_user()))
    with pytest.raises(ConfigError, match="reader"):
        grant_reader(engine, str(owner) if taken else taken)


def test_a_reader_reads_the_views_for_packages(engine: Engine, reader: Engine) -> None:
    """Those of Fivetran's layout too, and what a later version adds to them."""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE VIEW {FIVETRAN_SCHEMA}.later AS SELECT 1 AS one"))
    with reader.connect() as connection:
        for view in (*(view.name for view in FIVETRAN_VIEWS), "later"):
            counted = text(f"SELECT count(*) FROM (SELECT * FROM {FIVETRAN_SCHEMA}.{view} LIMIT 0) AS none")  # noqa: S608 - names above
            assert connection.scalar(counted) == 0


def build_models(url: str, name: str) -> None:
    """Log in as a role, and do what dbt does: make a schema, a table of ours in it, and a temporary one."""
    building = make_engine(make_url(url).set(username=name).render_as_string(hide_password=False))
    try:
        with building.begin() as connection:
            connection.execute(text("CREATE SCHEMA analytics"))
            connection.execute(text("CREATE TABLE analytics.spend AS SELECT * FROM linkedin_ads.campaign_performance"))
            connection.execute(text(f"CREATE VIEW analytics.days AS SELECT * FROM {FIVETRAN_SCHEMA}.geo"))  # noqa: S608
            connection.execute(text("CREATE TEMPORARY TABLE new_rows AS SELECT 1 AS one"))
    finally:
        building.dispose()


@pytest.mark.parametrize("was_a_reader", [False, True])
def test_dbt_builds_in_schemas_of_its_own(engine: Engine, warehouse_url: str, name: str, was_a_reader: bool) -> None:
    """Also where only named users may connect or make temporary tables, and where the role was read-only before."""
    database = make_url(warehouse_url).database or ""
    with engine.begin() as connection:
        closed = "REVOKE ALL ON DATABASE {database} FROM PUBLIC"
        connection.execute(RoleStatement(closed, name, database=database))
    if was_a_reader:
        grant_reader(engine, name)
    assert grant_reader(engine, name, builds=True).builds
    build_models(warehouse_url, name)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM campaign_daily_metrics",
        "CREATE TABLE linkedin_ads.mine (id int)",
        "CREATE TABLE linkedin_ads_fivetran.mine (id int)",
        "DROP SCHEMA linkedin_ads_fivetran CASCADE",
        "SELECT access_token FROM oauth_tokens",
        "SELECT * FROM lead_answers",
    ],
)
def test_dbt_writes_nothing_of_ours(engine: Engine, reader: Engine, name: str, statement: str) -> None:
    """The right to make schemas opens none of ours."""
    grant_reader(engine, name, builds=True)
    message = refusal(reader, statement)
    assert "permission denied" in message or "must be owner" in message


def test_without_dbt_a_role_makes_schemas_no_longer(engine: Engine, reader: Engine, name: str) -> None:
    """What a grant gives is what the role then has."""
    grant_reader(engine, name, builds=True)
    grant_reader(engine, name)
    assert "permission denied" in refusal(reader, "CREATE SCHEMA analytics")


def test_a_right_that_the_loader_cannot_pass_on_is_refused(
    engine: Engine, warehouse_url: str, name: str, loader: str
) -> None:
    """PostgreSQL only warns of it: the error says what an administrator has to do, and nothing changes."""
    grant_reader(engine, name)
    loading = make_engine(make_url(warehouse_url).set(username=loader).render_as_string(hide_password=False))
    try:
        with pytest.raises(StorageError, match="may not make schemas") as caught:
            grant_reader(loading, name, builds=True)
    finally:
        loading.dispose()
    assert "GRANT CREATE ON DATABASE" in str(caught.value.fix)
    with pytest.raises(DBAPIError, match="read-only"):
        build_models(warehouse_url, name)


@pytest.fixture
def loader(engine: Engine, name: str) -> Iterator[str]:
    """A role that loads but does not own the database."""
    loader = f"loader_{os.getpid()}_{next(_numbers)}"
    with engine.begin() as connection:
        connection.execute(RoleStatement("CREATE ROLE {role} LOGIN CREATEROLE", loader))
        for schema in SCHEMAS:
            for text_ in (
                "GRANT ALL ON SCHEMA {schema} TO {role} WITH GRANT OPTION",
                "GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role} WITH GRANT OPTION",
            ):
                connection.execute(RoleStatement(text_, loader, schema=schema))
    yield loader
    with engine.begin() as connection:
        for text_ in ("DROP OWNED BY {role} CASCADE", "DROP ROLE {role}"):
            connection.execute(RoleStatement(text_, loader))
