"""Commands on a server that takes no changes, or whose user may not make what is missing: errors of four parts."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, make_url

from lac_pipeline.postgres.databases import CreateDatabase
from lac_pipeline.postgres.url import write_url
from lac_pipeline.warehouse.roles import RoleStatement
from lac_pipeline_tests.cli.conftest import CommandResult, Lac

COMMANDS = [("migrate",), ("sync", "--account", "all"), ("up",), ("doctor",)]


@pytest.fixture
def role(maintenance: Connection) -> Iterator[str]:
    """A role that may read and write all tables, and make none."""
    name = f"refused_{os.getpid()}"
    maintenance.execute(RoleStatement("CREATE ROLE {role} LOGIN IN ROLE pg_read_all_data, pg_write_all_data", name))
    yield name
    maintenance.execute(RoleStatement("DROP ROLE {role}", name))


@pytest.fixture
def as_role(signed_in: Lac, settings_given: dict[str, str], role: str, maintenance: Connection) -> Lac:
    """The command with that role, where Dagster's database is there and empty."""
    maintenance.execute(CreateDatabase(settings_given["DAGSTER_POSTGRES_DB"], template="template0"))
    os.environ["DATABASE_URL"] = write_url(make_url(settings_given["DATABASE_URL"]).set(username=role))
    return signed_in


def printed(result: CommandResult) -> str:
    """What the failed command printed, on one line."""
    assert result.code == 1
    return " ".join(f"{result.out} {result.error}".split())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_takes_no_changes(
    as_role: Lac, role: str, maintenance: Connection, command: tuple[str, ...]
) -> None:
    """Each command says so before it begins anything, and which setting it may be."""
    maintenance.execute(RoleStatement("ALTER ROLE {role} SET default_transaction_read_only = on", role))
    result = printed(as_role(*command))
    assert "PostgreSQL takes no changes" in result
    assert "default_transaction_read_only = off" in result


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_in_which_dagster_may_make_no_tables(
    as_role: Lac, settings_given: dict[str, str], role: str, command: tuple[str, ...]
) -> None:
    """The right that is missing, and the statement that grants it, are named; Dagster's traceback is not shown."""
    result = printed(as_role(*command))
    assert f"user {role} may not make tables in the database {settings_given['DAGSTER_POSTGRES_DB']}" in result
    assert f'GRANT USAGE, CREATE ON SCHEMA public TO "{role}"' in result


def test_a_database_in_which_no_schema_may_be_made(as_role: Lac, database_url: str, role: str) -> None:
    """`lac migrate` on an empty database of somebody else's says which right it takes."""
    os.environ["DATABASE_URL"] = write_url(make_url(database_url).set(username=role))
    result = printed(as_role("migrate"))
    assert "PostgreSQL does not allow this user to do that" in result
    assert "GRANT CREATE ON DATABASE" in result


@pytest.mark.whole
def test_doctor_on_a_standby(
    signed_in: Lac, settings_given: dict[str, str], role: str, maintenance: Connection
) -> None:
    """Where everything is there and only changes are refused, doctor's finding says so, and the rest is looked at."""
    assert signed_in("sync", "--account", "all").code == 0
    os.environ["DATABASE_URL"] = write_url(make_url(settings_given["DATABASE_URL"]).set(username=role))
    maintenance.execute(RoleStatement("ALTER ROLE {role} SET default_transaction_read_only = on", role))
    result = signed_in("doctor")
    assert "FAIL  changes" in result.out
    assert "ok    Dagster instance" in result.out
    assert "PostgreSQL takes no changes" in printed(signed_in("sync", "--account", "all", "--force"))
