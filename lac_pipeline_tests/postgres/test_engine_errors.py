"""PostgreSQL's errors in words."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import Engine, MetaData, Table, create_engine, func, literal, make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateSchema

from lac_pipeline.errors import (
    ConfigError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    SchemaOutdatedError,
    StorageError,
)
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.postgres.engine import failure_behind, is_passing, limit_waits, make_engine, translating_errors
from lac_pipeline.warehouse.query.readings import Readings

SECRET = "hunter2-never-shown"


def failure(url: str) -> StorageError:
    """What reading from this database raises."""
    engine = make_engine(url)
    try:
        with pytest.raises(StorageError) as caught:
            Readings(engine).known_account_ids()
    finally:
        engine.dispose()
    return caught.value


def test_a_wrong_password_is_an_error_without_it(server: EmbeddedServer) -> None:
    """The login is refused, the settings to check are named, and the password is nowhere, not even in the traceback."""
    url = make_url(server.url(tcp=True)).set(password=SECRET).render_as_string(hide_password=False)
    error = failure(url)
    assert isinstance(error, DatabaseUnavailableError)
    assert "POSTGRES_PASSWORD" in str(error.fix)
    assert SECRET not in "".join(traceback.format_exception(error))


def test_a_server_that_is_down_is_an_error() -> None:
    """Nothing listens: the error names this and where to look."""
    error = failure("postgresql://lac:secret@127.0.0.1:1/lac")
    assert isinstance(error, DatabaseUnavailableError)
    assert error.summary == "PostgreSQL cannot be reached"
    assert "DATABASE_URL" in str(error.fix)


def test_an_unknown_host_is_an_error() -> None:
    """A host that does not resolve has another error than a server that is down."""
    assert failure("postgresql://lac@no-such-host.invalid/lac").summary == "PostgreSQL's host is not known"


def test_an_option_that_does_not_exist_is_an_error() -> None:
    """What is not an option of libpq, such as that of another client, is named as part of the URL."""
    error = failure("postgresql://lac@127.0.0.1:1/lac?pgbouncer=true")
    assert error.summary == "DATABASE_URL holds an option that PostgreSQL's client does not know"
    assert "pgbouncer" in str(error.detail)


def test_a_missing_database_is_an_error(server: EmbeddedServer) -> None:
    """The server runs, but the database is not there: `lac migrate` makes it."""
    error = failure(server.url("no_such_database"))
    assert isinstance(error, DatabaseUnavailableError)
    assert "lac migrate" in str(error.fix)


def test_an_empty_database_is_an_error(database_url: str) -> None:
    """The error about a database without our tables names `lac migrate`."""
    error = failure(database_url)
    assert isinstance(error, SchemaOutdatedError)
    assert error.fix == "run `lac migrate`"


def test_an_old_schema_is_an_error(database_url: str) -> None:
    """The error about a table that lacks a column names `lac migrate` too."""
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(CreateSchema("linkedin_ads"))
        Table("accounts", MetaData(schema="linkedin_ads")).create(connection)
    engine.dispose()
    assert isinstance(failure(database_url), SchemaOutdatedError)


def test_a_statement_that_takes_too_long_is_an_error(engine: Engine) -> None:
    """A time-out is no outage: the error names the lock of another process, and is not tried again at once."""
    with engine.connect() as connection:
        connection.execute(select(func.set_config("statement_timeout", "20ms", True)))
        with pytest.raises(DatabaseBusyError) as caught, translating_errors():
            connection.execute(select(func.pg_sleep(5)))
    cause = caught.value.__cause__
    assert isinstance(cause, OperationalError)
    assert not is_passing(cause)


def test_a_refused_value_is_shown_without_the_row(engine: Engine) -> None:
    """A number that does not fit is PostgreSQL's complaint, with its code; parameters are not shown."""
    with pytest.raises(StorageError, match="SQLSTATE 22") as caught, translating_errors(), engine.begin() as connection:
        connection.execute(select(func.sqrt(-1), literal(SECRET)))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", ["mysql://lac:hunter2@host/db", "not a url", "postgresql://lac:hunter2@host:port/db"])
def test_a_url_of_something_else_is_a_wrong_setting(url: str) -> None:
    """What is no URL of PostgreSQL is refused before anything connects, without being repeated."""
    with pytest.raises(ConfigError, match="DATABASE_URL") as caught:
        make_engine(url)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_loads_have_bounded_waits_and_others_do_not(engine: Engine) -> None:
    """The limits hold for one transaction and leave the pooled connection as it was."""
    with engine.connect() as connection:
        limit_waits(connection)
        assert connection.scalar(select(func.current_setting("lock_timeout"))) == "30s"
        connection.rollback()
        assert connection.scalar(select(func.current_setting("lock_timeout"))) == "0"


def test_connections_are_read_committed_in_utc_and_named(engine: Engine) -> None:
    """Every connection is in UTC and names its application."""
    names = ("transaction_isolation", "TimeZone", "application_name")
    with engine.connect() as connection:
        settings = connection.execute(select(*map(func.current_setting, names))).one()
    assert tuple(settings) == ("read committed", "UTC", "lac")


def test_a_failure_of_postgresqls_is_found_behind_others() -> None:
    """Dagster's storage uses another driver and raises its own errors; the error behind them is shown."""
    engine = create_engine("postgresql+psycopg2://lac:secret@127.0.0.1:1/dagster")

    def retried() -> None:
        try:
            engine.connect()
        except OperationalError as error:
            raise RuntimeError("too many retries") from error

    with pytest.raises(RuntimeError) as failure:
        retried()
    failure_found = failure_behind(failure.value)
    assert isinstance(failure_found, DatabaseUnavailableError)
    assert "refused" in str(failure_found.detail)
    assert failure_behind(RuntimeError("a fault")) is None
