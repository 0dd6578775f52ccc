"""The role that the pipeline gets from `deploy/postgres/10-lac.sql`: enough for all of its work, and no more."""

from __future__ import annotations

import psycopg
import pytest

from lac_pipeline_tests.deploy.conftest import PreparedServer


def connect(
    server: PreparedServer, *, user: str | None = None, database: str = "linkedin_ads"
) -> psycopg.Connection[tuple[object, ...]]:
    """Sign in over TCP with the pipeline's password."""
    return psycopg.connect(
        host="127.0.0.1", port=server.port, user=user or server.role, password=server.password, dbname=database
    )


@pytest.mark.parametrize("database", ["linkedin_ads", "dagster"])
def test_the_role_may_make_what_it_needs_in_its_databases(prepared_server: PreparedServer, database: str) -> None:
    """It owns both databases, so that migrations and Dagster can make schemas and tables."""
    owner = "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'tried'"
    with connect(prepared_server, database=database) as connection:
        connection.execute("CREATE SCHEMA tried")
        assert connection.execute(owner).fetchone() == (prepared_server.role,)
        connection.execute("DROP SCHEMA tried")
        assert connection.execute(owner).fetchone() is None


def test_the_role_may_nothing_beyond_them(prepared_server: PreparedServer) -> None:
    """It is no superuser, and may make neither roles nor databases."""
    with connect(prepared_server) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
    assert row == (False,) * 5


def test_the_role_reads_no_files_of_the_server(prepared_server: PreparedServer) -> None:
    """Reading server files, the usual road from a database to its machine, is refused."""
    with connect(prepared_server) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT pg_read_file('postgresql.conf')")


def test_the_superuser_cannot_sign_in_over_the_network(prepared_server: PreparedServer) -> None:
    """It has no password any more, so the pipeline's password opens nothing but the pipeline's role."""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(prepared_server, user=prepared_server.superuser)
