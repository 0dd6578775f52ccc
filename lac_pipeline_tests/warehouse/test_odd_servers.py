"""Servers, roles and environments with settings of their own: what is stored and shown does not depend on them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, Engine, func, make_url, select, text

from lac_pipeline.errors import DatabaseUnavailableError, UnsuitableDatabaseError
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT, SESSION
from lac_pipeline.postgres.databases import DropDatabase, ensure_database
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import make_engine, translating_errors
from lac_pipeline.postgres.url import read_url, write_url
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.schema.entities import Campaign
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.loads import ACCOUNT, begin_campaigns, load
from lac_pipeline_tests.warehouse.refusing_server import TEXT, refusing_with

ODD: dict[LiteralString, LiteralString] = {
    "TimeZone": "America/New_York",
    "DateStyle": "German, DMY",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
}
ODD_ENVIRONMENT = {
    "PGTZ": "America/New_York",
    "PGDATESTYLE": "German",
    "PGCLIENTENCODING": "LATIN1",
    "PGOPTIONS": "-c TimeZone=Asia/Tokyo -c standard_conforming_strings=off",
}
NAME = "Łódź, Москва, 東京 🚀"
_numbers = itertools.count()
Execute = Callable[[LiteralString, str], None]


@pytest.fixture(autouse=True)
def no_variables_of_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test has exported for Dagster would hide what a role prefers."""
    for name in LIBPQ_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def execute(server: EmbeddedServer) -> Iterator[Execute]:
    """Run a statement that names a role or a database as `{}`."""
    with psycopg.connect(server.url(driver="postgresql"), autocommit=True) as connection:

        def run(statement: LiteralString, name: str) -> None:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

        yield run


@pytest.fixture
def role(execute: Execute, warehouse_url: str) -> Iterator[str]:
    """A role of this test's own, which may use the warehouse but owns nothing and makes no databases."""
    name = f"odd role @/:%#? {os.getpid()}.{next(_numbers)}"
    execute("CREATE ROLE {} LOGIN IN ROLE pg_read_all_data, pg_write_all_data", name)
    yield name
    execute("DROP OWNED BY {}", name)
    execute("DROP ROLE {}", name)


def as_role(url: str, role: str, database: str | None = None) -> str:
    """The same URL for another role, and another database where one is named."""
    return write_url(make_url(url).set(username=role, database=database))


def settings_of(url: str) -> dict[str, str]:
    """What a connection of ours is set to."""
    engine = make_engine(url, pooled=False)
    with engine.connect() as connection:
        found = connection.execute(select(*map(func.current_setting, SESSION))).one()
    return dict(zip(SESSION, found, strict=True))


def test_a_role_with_settings_of_its_own_changes_nothing(execute: Execute, role: str, warehouse_url: str) -> None:
    """`ALTER ROLE ... SET` of time zone, date style, encoding and strings does not reach our connections."""
    for name, value in ODD.items():
        execute(f"ALTER ROLE {{}} SET {name} = '{value}'", role)
    assert settings_of(as_role(warehouse_url, role)) == SESSION


def test_an_environment_with_settings_of_its_own_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, warehouse_url: str
) -> None:
    """PGTZ, PGDATESTYLE, PGCLIENTENCODING and PGOPTIONS do not either."""
    for name, value in ODD_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert settings_of(warehouse_url) == SESSION


def test_the_options_of_the_url_are_kept(execute: Execute, role: str, warehouse_url: str) -> None:
    """Options of the URL reach the server beside our own settings, and its time-out and name win over ours."""
    options = {"options": "-c role=pg_monitor -c TimeZone=Asia/Tokyo", "application_name": "mine"}
    execute("GRANT pg_monitor TO {}", role)
    engine = make_engine(write_url(make_url(warehouse_url).set(username=role).update_query_dict(options)), pooled=False)
    with engine.connect() as connection:
        found = connection.execute(select(*map(func.current_setting, ("role", "TimeZone", "application_name")))).one()
    assert tuple(found) == ("pg_monitor", "UTC", "mine")


def test_names_are_stored_as_they_are(monkeypatch: pytest.MonkeyPatch, warehouse_url: str) -> None:
    """With PGCLIENTENCODING=LATIN1 a campaign's name is the same after the way through COPY and back."""
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    engine = make_engine(warehouse_url, pooled=False)
    warehouse = Warehouse(engine)
    load(warehouse, begin_campaigns(warehouse), [(1, ACCOUNT, NAME, "ACTIVE")])
    with engine.connect() as connection:
        assert connection.scalar(select(Campaign.name)) == NAME


def test_connections_that_are_not_ours_are_set_by_the_environment(
    execute: Execute, role: str, monkeypatch: pytest.MonkeyPatch, warehouse_url: str
) -> None:
    """The client library puts the variables that we export before what the role prefers, also for Dagster."""
    for name, value in ODD.items():
        execute(f"ALTER ROLE {{}} SET {name} = '{value}'", role)
    for name, value in LIBPQ_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PGOPTIONS", ODD_ENVIRONMENT["PGOPTIONS"])
    with psycopg.connect(write_url(read_url(as_role(warehouse_url, role)).set(drivername="postgresql"))) as connection:
        names = ("TimeZone", "DateStyle", "client_encoding")
        assert [connection.execute(f"SHOW {name}").fetchone() for name in names] == [(SESSION[name],) for name in names]


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1252", "EUC_JP"])
def test_a_database_that_cannot_hold_every_name_is_refused(
    server: EmbeddedServer, maintenance: Connection, encoding: str
) -> None:
    """`lac migrate` and every other command name the encoding and show how to get a database in UTF-8."""
    name = f"{encoding.lower()}_{os.getpid()}_{next(_numbers)}"
    maintenance.execute(
        text(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
    )
    engine = make_engine(server.url(name), pooled=False)
    with pytest.raises(UnsuitableDatabaseError, match=f"its encoding is {encoding}") as migrating:
        migrate.upgrade(server.url(name))
    with pytest.raises(UnsuitableDatabaseError, match=f"its encoding is {encoding}"):
        migrate.require_head(engine)
    assert "run `lac migrate`, which makes it in UTF-8" in str(migrating.value.fix)
    maintenance.execute(DropDatabase(name))


def test_a_missing_database_is_made_in_utf_8_by_any_server(reachable_path: Path) -> None:
    """Where new databases are LATIN1 by default, ours is made in UTF-8 all the same."""
    with EmbeddedServer(reachable_path, durable=False) as own:
        with psycopg.connect(own.url(driver="postgresql"), autocommit=True) as connection:
            connection.execute("ALTER DATABASE template1 IS_TEMPLATE false")
            connection.execute("DROP DATABASE template1")
            connection.execute(
                "CREATE DATABASE template1 ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'"
            )
        assert ensure_database(own.url("ads")) is True
        migrate.upgrade(own.url("ads"))


@pytest.mark.parametrize(
    ("state", "summary"),
    [
        ("28P01", "PostgreSQL refuses the login"),
        ("28000", "PostgreSQL refuses the login"),
        ("3D000", "the database does not exist"),
        ("53300", "PostgreSQL has no free connection"),
        ("57P03", "PostgreSQL is not ready"),
        ("08P01", "the connection to PostgreSQL is refused"),
    ],
)
def test_a_refusal_is_understood_in_any_language(state: str, summary: str) -> None:
    """The SQLSTATE decides; the server's words are passed on as they are."""
    with refusing_with(state) as port:
        engine = make_engine(f"postgresql://lac:secret@127.0.0.1:{port}/ads", pooled=False)
        with pytest.raises(DatabaseUnavailableError) as caught, translating_errors():
            engine.connect()
    assert caught.value.summary == summary
    assert str(caught.value.detail).endswith(f"FATAL: {TEXT} (SQLSTATE {state})")


def test_a_database_that_cannot_be_created_is_an_error(execute: Execute, role: str, warehouse_url: str) -> None:
    """A role without CREATEDB learns which database is missing and the statement that makes it."""
    url = as_role(warehouse_url, role, database='no "such" one')
    with pytest.raises(DatabaseUnavailableError, match='the database no "such" one does not exist') as caught:
        ensure_database(url)
    assert 'CREATE DATABASE "no ""such"" one" ' in str(caught.value.fix)


def test_a_role_shut_out_of_every_other_database_uses_its_own(
    execute: Execute, role: str, engine: Engine, warehouse_url: str
) -> None:
    """Neither CREATEDB nor CONNECT on `postgres` is needed where the database is there."""
    execute("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", "postgres")
    try:
        assert ensure_database(as_role(warehouse_url, role)) is False
    finally:
        execute("GRANT CONNECT ON DATABASE {} TO PUBLIC", "postgres")


def test_a_database_is_made_without_the_maintenance_database(
    execute: Execute, role: str, engine: Engine, warehouse_url: str
) -> None:
    """With CREATEDB but without CONNECT on `postgres`, a second database is made by way of the first."""
    name = f'a b"c%d/é {os.getpid()}'
    execute("ALTER ROLE {} CREATEDB", role)
    execute("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", "postgres")
    try:
        made = ensure_database(as_role(warehouse_url, role, database=name), via=[str(engine.url.database)])
    finally:
        execute("GRANT CONNECT ON DATABASE {} TO PUBLIC", "postgres")
    assert made is True
    assert ensure_database(as_role(warehouse_url, role, database=name)) is False
    execute("DROP DATABASE {}", name)
