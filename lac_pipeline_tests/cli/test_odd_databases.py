"""Commands on servers that are set up for something else: another time zone, encoding, or owner of the schema."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, make_url, text

from lac_pipeline.postgres.databases import DropDatabase
from lac_pipeline.postgres.engine import make_engine
from lac_pipeline.postgres.url import write_url
from lac_pipeline.warehouse.roles import RoleStatement
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.cli.terminal import terminal

DAGSTERS_SETTINGS = """
import dagster
from sqlalchemy import text
query = text("SELECT concat_ws(',', current_database(), current_setting('TimeZone'), "
             "current_setting('client_encoding'), current_setting('DateStyle'))")
with dagster.DagsterInstance.get() as instance:
    with instance.run_storage.connect() as runs, instance.schedule_storage.connect() as schedules:
        print("settings", {runs.scalar(query), schedules.scalar(query)})
"""


@pytest.fixture
def odd_role(maintenance: Connection) -> Iterator[str]:
    """A role whose sessions are in New York, in LATIN1, with German dates."""
    name = f"new york @/:%#? {os.getpid()}"
    maintenance.execute(RoleStatement("CREATE ROLE {role} LOGIN SUPERUSER", name))
    for setting in ("timezone = 'America/New_York'", "client_encoding = 'LATIN1'", "datestyle = 'German'"):
        maintenance.execute(RoleStatement(f"ALTER ROLE {{role}} SET {setting}", name))
    yield name
    maintenance.execute(RoleStatement("DROP ROLE {role}", name))


def test_dagsters_own_connections_are_in_utc(
    settings_given: dict[str, str], odd_role: str, maintenance: Connection, tmp_path: Path
) -> None:
    """Whatever the role and the environment prefer, Dagster's storage speaks UTC, UTF-8 and ISO, as ours does."""
    database = f"dagster's 50% {os.getpid()}"
    url = write_url(make_url(settings_given["DATABASE_URL"]).set(username=odd_role))
    odd = {"DATABASE_URL": url, "DAGSTER_POSTGRES_DB": database, "PGTZ": "Asia/Tokyo", "PGCLIENTENCODING": "SQL_ASCII"}
    command = ("lac", "exec", "--", sys.executable, "-c", DAGSTERS_SETTINGS)
    try:
        with terminal(*command, folder=tmp_path, variables=settings_given | odd) as person:
            assert person.end() == 0, person.text
    finally:
        maintenance.execute(DropDatabase(database))
        maintenance.execute(RoleStatement("DROP OWNED BY {role}", odd_role))
    assert f"""settings {{"{database},UTC,UTF8,ISO, MDY"}}""" in " ".join(person.text.split())


def test_a_migration_creates_dagsters_tables_in_a_database_of_their_own(lac: Lac, maintenance: Connection) -> None:
    """The processes that start after it find the tables, and do not all begin to create them."""
    name = f"dagster_{os.getpid()}"
    os.environ["DAGSTER_POSTGRES_DB"] = name
    engine = make_engine(write_url(make_url(os.environ["DATABASE_URL"]).set(database=name)), pooled=False)
    try:
        assert lac("migrate").code == 0
        assert set(inspect(engine).get_table_names()) >= {"runs", "event_logs", "jobs", "alembic_version"}
    finally:
        maintenance.execute(DropDatabase(name))


def test_a_database_in_another_encoding_is_refused_by_migrate_and_doctor(lac: Lac, maintenance: Connection) -> None:
    """Both name the encoding and say what to do; doctor goes on with what needs no database."""
    name = f"latin1_{os.getpid()}"
    maintenance.execute(
        text(f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc")
    )
    os.environ["DATABASE_URL"] = write_url(make_url(os.environ["DATABASE_URL"]).set(database=name))
    try:
        migrated, examined = lac("migrate"), lac("doctor")
    finally:
        maintenance.execute(DropDatabase(name))
    assert (migrated.code, examined.code) == (1, 1)
    for result in (migrated.error, examined.out):
        assert "its encoding is LATIN1" in " ".join(result.split())
        assert "POSTGRES_DB" in result


def test_another_loaders_schema_is_named_by_migrate_and_doctor(
    lac: Lac, maintenance: Connection, database_url: str
) -> None:
    """Both name the tables that are not ours, and the setting for a database of its own."""
    with make_engine(database_url, pooled=False).begin() as connection:
        connection.execute(text("CREATE SCHEMA linkedin_ads"))
        connection.execute(text("CREATE TABLE linkedin_ads.account_history (_fivetran_synced timestamptz)"))
    os.environ["DATABASE_URL"] = database_url
    migrated, examined = lac("migrate"), lac("doctor")
    assert (migrated.code, examined.code) == (1, 1)
    for result in (migrated.error, examined.out):
        assert "account_history" in result
        assert "POSTGRES_DB" in result


def test_doctor_names_tables_that_another_loader_adds_to_our_schema(lac: Lac, engine: Engine) -> None:
    """Where the schema is ours, doctor warns of what somebody else keeps in it, and goes on."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE linkedin_ads.fivetran_audit (_fivetran_synced timestamptz)"))
    examined = lac("doctor")
    assert "it also holds what is not lac's: fivetran_audit" in " ".join(examined.out.split())
    assert "may read and write every table" in examined.out
