"""Dagster's storage in PostgreSQL, with connections that are kept.

dagster-postgres opens a connection for every query and looks up its tables again and again: one run opened 659 sessions
and cost PostgreSQL 4.9 s of CPU. Here the run, event log and schedule storage of a process share one pool, and what
was found in the schema once is remembered. `dagster.yaml` names the class; what it stores is Dagster's own format, so
the stock storage reads it too.
"""

from __future__ import annotations

import functools
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import sqlalchemy
from dagster._serdes import ConfigurableClassData
from dagster_postgres.auth import PgTokenProvider
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.schedule_storage import PostgresScheduleStorage
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, get_token_provider_from_config, pg_url_from_config
from sqlalchemy import Engine

from lac_pipeline.defs.event_storage import BatchingEventLogStorage
from lac_pipeline.postgres.connecting import LIBPQ_ENVIRONMENT
from lac_pipeline.postgres.liveness import replace_dead
from lac_pipeline.settings import export

S = TypeVar("S")
Predicate = Callable[..., bool]

KEPT = 2
"""Connections that a process keeps open; it opens more while it needs them at once."""
AT_ONCE = 30
"""Connections that a process may have beside those, in threads that query at the same time."""
RECYCLED_AFTER = 1800  # seconds; firewalls forget idle connections
MAIN_TABLES = frozenset({"runs", "instance_info", "event_logs", "jobs"})
"""When these are there, Dagster's schema is; without them the stock classes create it."""

_SCHEMA_PREDICATES = {
    PostgresRunStorage: (
        "has_built_index",
        "has_run_stats_index_cols",
        "has_bulk_actions_selector_cols",
        "has_backfill_id_column",
        "has_bulk_action_job_name_column",
        "has_backfill_tags_table",
    ),
    BatchingEventLogStorage: ("has_table", "has_asset_key_col", "_has_asset_key_col_on_connection"),
    PostgresScheduleStorage: (
        "has_instigators_table",
        "_has_instigators_table",
        "_has_asset_daemon_asset_evaluations_table",
        "has_secondary_index_table",
        "has_built_index",
    ),
}
"""Methods that inspect the schema before a query, by storage class. A Dagster version without one has it left out."""

_ENGINE = "_engine"
"""Where a stock storage keeps the engine that it makes; there is no public way to choose it."""
_FOUND = "_found_in_schema"
"""Where a storage keeps what was found, by the name of the predicate and what it looked for."""
_COLUMNS = sqlalchemy.text(
    "SELECT relname, attname FROM pg_catalog.pg_class JOIN pg_catalog.pg_attribute ON attrelid = pg_class.oid "
    "WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p') "
    "AND attnum > 0 AND NOT attisdropped"
)
Schema = frozenset[tuple[str, str]]
"""Tables, each with a column of it."""

_lock = threading.Lock()


class PooledPostgresStorage(DagsterPostgresStorage):
    """Dagster's run, event log and schedule storage over one connection pool a process.

    Args:
        postgres_url: with the driver psycopg2, the only one that Dagster's event log works with.
        should_autocreate_tables: whether to create Dagster's tables where they are missing.
        inst_data: Dagster's own description of this storage.
        token_provider: makes passwords that expire, such as those of a cloud's IAM.
    """

    def __init__(
        self,
        postgres_url: str,
        should_autocreate_tables: bool = True,
        inst_data: ConfigurableClassData | None = None,
        token_provider: PgTokenProvider | None = None,
    ) -> None:
        self.postgres_url = postgres_url
        self.should_autocreate_tables = should_autocreate_tables
        self._inst_data = inst_data
        # Also the engines that Dagster makes itself begin so, in whatever way this process was started.
        export(LIBPQ_ENVIRONMENT)
        engine = pooled_engine(postgres_url, token_provider)
        schema = _schema_of(engine)
        creates = should_autocreate_tables and not {table for table, _ in schema} >= MAIN_TABLES
        for base, attribute in (
            (PostgresRunStorage, "_run_storage"),
            (BatchingEventLogStorage, "_event_log_storage"),
            (PostgresScheduleStorage, "_schedule_storage"),
        ):
            storage = _pooled(base, engine)(postgres_url, creates, token_provider=token_provider)
            setattr(self, attribute, storage)
        found = _found_in(_schema_of(engine) if creates else schema)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            vars(storage)[_FOUND] = {*found, *vars(storage).get(_FOUND, ())}
        super(DagsterPostgresStorage, self).__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        """Make the storage that `dagster.yaml` describes."""
        return cls(
            pg_url_from_config(config_value),
            config_value.get("should_autocreate_tables", True),
            inst_data,
            _token_provider(config_value),
        )


def _token_provider(config_value: Mapping[str, Any]) -> PgTokenProvider | None:
    """The provider of a configuration; the same one for each instance of this process, so that they share its pool."""
    with _lock:
        return _provider_of(json.dumps(config_value, sort_keys=True), os.getpid())


@functools.cache
def _provider_of(config: str, _process: int) -> PgTokenProvider | None:
    return get_token_provider_from_config(json.loads(config))


def pooled_engine(postgres_url: str, token_provider: PgTokenProvider | None = None) -> Engine:
    """Return this process's engine for a URL and what makes its passwords; a forked process gets one of its own."""
    with _lock:
        return _pool_of(postgres_url, token_provider, os.getpid())


@functools.cache
def _pool_of(postgres_url: str, token_provider: PgTokenProvider | None, _process: int) -> Engine:
    engine = create_pg_engine(
        postgres_url,
        token_provider,
        isolation_level="AUTOCOMMIT",
        pool_size=KEPT,
        max_overflow=AT_ONCE,
        pool_recycle=RECYCLED_AFTER,
        pool_use_lifo=True,  # the one whose cache in PostgreSQL is filled
        use_native_hstore=False,  # no column of Dagster's has that type, which each connection would look up
    )
    replace_dead(engine)
    return engine


def _schema_of(engine: Engine) -> Schema:
    """The tables and columns that are there, by one query, where Dagster would look for each by several."""
    try:
        with engine.connect() as connection:
            return frozenset((table, column) for table, column in connection.execute(_COLUMNS))
    except sqlalchemy.exc.OperationalError:
        return frozenset()  # the stock classes try again for a while, and log what is wrong


def _found_in(schema: Schema) -> set[tuple[str, ...]]:
    """What Dagster's predicates would find, as `_once_true` remembers it; what is not here they look for themselves."""
    found: set[tuple[str, ...]] = {("has_table", table) for table, _ in schema}
    for name in ("has_asset_key_col", "_has_asset_key_col_on_connection"):
        found |= {(name, column) for table, column in schema if table == "asset_keys"}
    if {("runs", "start_time"), ("runs", "end_time")} <= schema:
        found.add(("has_run_stats_index_cols",))
    return found


def _pooled(base: type[S], engine: Engine) -> Callable[..., S]:
    """Make a storage whose connections are the pool's, and that remembers what its schema has: what was found stays.

    The stock class makes an engine without a pool, and creates its tables with it: forty connections for a new
    database. So while it is made, the engine that it finds in its place is the pool's.
    """
    names: Iterable[str] = _SCHEMA_PREDICATES[base]  # type: ignore[index]
    methods: dict[str, Any] = {name: _once_true(getattr(base, name)) for name in names if hasattr(base, name)}
    kind: type[S] = type(base.__name__, (base,), methods)

    def make(*arguments: Any, **more: Any) -> S:  # noqa: ANN401 - those of the stock class
        setattr(kind, _ENGINE, property(lambda _: engine, lambda _, _own: None))
        try:
            storage = kind(*arguments, **more)
        finally:
            delattr(kind, _ENGINE)
        setattr(storage, _ENGINE, engine)  # the webserver replaces it by one of its own
        return storage

    return make


def _once_true(predicate: Predicate) -> Predicate:
    @functools.wraps(predicate)
    def remembered(storage: Any, *arguments: Any) -> bool:  # noqa: ANN401 - a connection, a table's name
        found = vars(storage).setdefault(_FOUND, set())
        call = (predicate.__name__, *(argument for argument in arguments if isinstance(argument, str)))
        if call not in found and predicate(storage, *arguments):
            found.add(call)
        return call in found

    return remembered
