"""Roles that may read the warehouse and nothing else."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from lac_pipeline.errors import ConfigError
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.warehouse.roles import Reader, RoleStatement, grant_reader
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
