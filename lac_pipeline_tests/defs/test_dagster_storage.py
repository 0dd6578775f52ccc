"""Dagster's storage keeps its connections, and what it finds in the schema."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.storage import DagsterPostgresStorage
from sqlalchemy import Connection, make_url, text

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.storage import KEPT, PooledPostgresStorage, pooled_engine
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT

PARTITIONS = "linkedin_account"


@pytest.fixture
def url(database_url: str) -> Iterator[str]:
    """An empty database, by the driver that Dagster uses."""
    url = database_url.replace("+psycopg:", "+psycopg2:")
    yield url
    pooled_engine(url).dispose()


@pytest.fixture
def storage(url: str) -> PooledPostgresStorage:
    """The storage of a process that starts in an empty database."""
    return PooledPostgresStorage(url)


def count_connections(url: str) -> list[object]:
    """Collect the connections that the process opens from now on."""
    opened: list[object] = []
    sqlalchemy.event.listen(pooled_engine(url), "connect", lambda connection, _: opened.append(connection))
    return opened


def test_many_queries_share_a_connection(url: str) -> None:
    """Runs, events and schedules are read and written over one connection, where each query had one of its own."""
    PooledPostgresStorage(url)
    pooled_engine(url).dispose()
    opened = count_connections(url)
    storage = PooledPostgresStorage(url)
    for number in range(20):
        storage.event_log_storage.add_dynamic_partitions(PARTITIONS, [str(number)])
        storage.run_storage.get_runs()
        storage.schedule_storage.all_instigator_state()
    assert len(opened) == 1


def test_the_tables_of_a_new_database_are_created_over_the_pool(url: str) -> None:
    """Dagster's own classes open a connection for each step of that, forty together."""
    opened: list[object] = []

    def note(connection: object, _: object) -> None:
        opened.append(connection)

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", note)
    try:
        PooledPostgresStorage(url).schedule_storage.all_instigator_state()
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", note)
    assert len(opened) <= KEPT


def test_instances_of_one_process_share_the_pool(url: str, storage: PooledPostgresStorage) -> None:
    """A second instance opens no connection, and does not look for the tables that the first one found."""
    opened = count_connections(url)
    PooledPostgresStorage(url).run_storage.get_runs()
    assert opened == []


def test_instances_whose_passwords_expire_share_the_pool_too(
    storage: PooledPostgresStorage, maintenance: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sensors make an instance for each tick, and what each kept open would only end with a garbage collection."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made up")  # the token is signed here, and this server looks at no password
    url = pooled_engine(storage.postgres_url).url
    database = {"username": url.username, "hostname": "localhost", "db_name": url.database, "params": dict(url.query)}
    config = {"postgres_db": database, "auth_provider": {"aws_wif": {"region": "eu-west-1"}}}
    instances = [PooledPostgresStorage.from_config_value(None, config) for _ in range(5)]
    assert [instance.run_storage.get_runs() for instance in instances] == [[]] * 5
    open_now = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    assert maintenance.scalar(open_now, {"name": url.database}) <= 2 * KEPT
    vars(instances[0].run_storage)["_engine"].dispose()


def test_threads_that_query_at_once_do_not_wait_for_each_other(storage: PooledPostgresStorage) -> None:
    """More threads than kept connections all get a response."""
    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda _: storage.run_storage.get_runs(), range(48)))
    assert results == [[]] * 48


def test_connections_that_the_server_closed_are_replaced(
    storage: PooledPostgresStorage, maintenance: Connection
) -> None:
    """After a restart of PostgreSQL the next query works."""
    storage.run_storage.get_runs()
    others = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = :name"
    name = pooled_engine(storage.postgres_url).url.database
    assert [row[0] for row in maintenance.execute(text(others), {"name": name})]
    assert storage.run_storage.get_runs() == []


def test_taking_a_connection_that_was_just_used_sends_nothing(
    url: str, storage: PooledPostgresStorage, maintenance: Connection
) -> None:
    """The pool sends no query of its own; a query before each use would cost as much as what it is for."""
    storage.run_storage.get_runs()
    with pooled_engine(url).connect() as connection:
        newest = "SELECT query FROM pg_stat_activity WHERE pid = :pid"
        pid = connection.connection.driver_connection.get_backend_pid()  # type: ignore[union-attr]
        assert "FROM runs" in str(maintenance.scalar(text(newest), {"pid": pid}))


def test_the_schema_is_inspected_once(url: str, storage: PooledPostgresStorage) -> None:
    """A query that depends on a table looks for it the first time only."""
    statements: list[str] = []
    storage.event_log_storage.get_dynamic_partitions(PARTITIONS)
    engine = pooled_engine(url)
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    storage.event_log_storage.get_dynamic_partitions(PARTITIONS)
    assert len(statements) == 1
    assert "dynamic_partitions" in statements[0]


@pytest.mark.parametrize("stock_first", [True, False])
def test_the_stock_storage_reads_the_same_database(url: str, *, stock_first: bool) -> None:
    """What one of the two classes has written the other one reads, so either can be put into dagster.yaml."""
    first, second = (
        (DagsterPostgresStorage, PooledPostgresStorage)
        if stock_first
        else (PooledPostgresStorage, DagsterPostgresStorage)
    )
    first(url).event_log_storage.add_dynamic_partitions(PARTITIONS, ["510000001"])
    assert second(url).event_log_storage.get_dynamic_partitions(PARTITIONS) == ["510000001"]


@pytest.mark.parametrize("file", ["dagster.yaml", "deploy/celery/dagster.yaml"])
def test_the_instance_uses_it(file: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`dagster.yaml` names the pooled storage, and an instance made from it works."""
    root = Path(__file__).parents[2]
    config = (root / file).read_text().partition("compute_logs:")[0]
    (tmp_path / "dagster.yaml").write_text(config)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        instance.add_dynamic_partitions(PARTITIONS, ["510000001"])
        assert instance.get_dynamic_partitions(PARTITIONS) == ["510000001"]
        assert vars(instance.run_storage)["_engine"] is pooled_engine(url)


def test_connections_are_in_utc_whatever_the_environment_prefers(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A process that `lac` did not start, and one that serves the UI, speak UTC and UTF-8 all the same."""
    for name, value in {"PGTZ": "America/New_York", "PGCLIENTENCODING": "LATIN1", "PGDATESTYLE": "German"}.items():
        monkeypatch.setenv(name, value)
    runs = PooledPostgresStorage(url).run_storage
    assert isinstance(runs, PostgresRunStorage)
    assert settings_of(runs) == ("UTC", "UTF8", "ISO, MDY")
    runs.optimize_for_webserver(statement_timeout=15000, pool_recycle=60, max_overflow=1)
    assert settings_of(runs) == ("UTC", "UTF8", "ISO, MDY")
    runs._engine.dispose()


def test_a_run_is_dated_in_utc_in_a_database_of_new_york(
    monkeypatch: pytest.MonkeyPatch, url: str, maintenance: Connection
) -> None:
    """PostgreSQL's clock dates a run; in the database's zone it would be hours old at once, or never new."""
    for name in LIBPQ_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    maintenance.execute(text(f"ALTER DATABASE {make_url(url).database} SET timezone = 'America/New_York'"))
    storage = PooledPostgresStorage(url)
    storage.run_storage.add_run(dg.DagsterRun(job_name="sync"))
    (record,) = storage.run_storage.get_run_records()
    assert abs(utc_now() - record.create_timestamp.replace(tzinfo=UTC)) < timedelta(minutes=10)


def settings_of(storage: PostgresRunStorage) -> tuple[object, ...]:
    """What a connection of Dagster's is set to."""
    names = ("TimeZone", "client_encoding", "DateStyle")
    with storage.connect() as connection:
        return tuple(connection.scalar(text(f"SELECT current_setting('{name}')")) for name in names)
