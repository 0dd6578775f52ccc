"""Dagster's event log in PostgreSQL, with as few statements for its events as their tables need.

dagster-postgres writes the events that are planned for a run one by one, though Dagster hands them over together: 90
days of two assets are 180 events with four statements each. Each result of a check costs it an update more. It also
sends a NOTIFY for each event to which nothing listens any more. Here what comes together is inserted together; rows and
tables are Dagster's own. Of two accounts and four days, 40 of 75 statements for events were for the checks, and 40 read
which accounts there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from dagster import DagsterEventType, EventLogEntry
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster_postgres.event_log import PostgresEventLogStorage
from sqlalchemy import ARRAY, BigInteger, BindParameter, Connection, Text, bindparam, func
from sqlalchemy.sql.dml import ReturningUpdate

_INSERT = SqlEventLogStorageTable.insert()
_INSERT_ONE = _INSERT.returning(SqlEventLogStorageTable.c.id)
_INSERT_SOME = _INSERT.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)


def _finish() -> ReturningUpdate[tuple[int]]:
    """Make the statement that writes results into the rows of planned checks; the events are in the log by then."""
    types = {"ids": BigInteger, "assets": Text, "checks": Text, "statuses": Text, "targets": BigInteger}
    arrays: list[BindParameter[Any]] = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    given = func.unnest(*arrays).table_valued(*types).render_derived("given").c
    log, row = SqlEventLogStorageTable.c, AssetCheckExecutionsTable.c
    planned = (row.asset_key == given.assets, row.check_name == given.checks, row.run_id == log.run_id)
    return (
        AssetCheckExecutionsTable.update()
        .where(log.id == given.ids, *planned, row.partition.is_(None))
        .values(
            execution_status=given.statuses,
            evaluation_event=log.event,
            evaluation_event_timestamp=log.timestamp,
            evaluation_event_storage_id=log.id,
            materialization_event_storage_id=given.targets,
        )
        .returning(log.id)
    )


_FINISH = _finish()


class BatchingEventLogStorage(PostgresEventLogStorage):
    """PostgreSQL's event log that inserts a batch of events by one statement, whatever they are about.

    The results of a step's checks, and the outputs between them, wait for the step's next other event, and are stored
    with it: each result is followed by one, at the latest by that of the step's end. While a run is executed here, the
    partitions that Dagster reads again and again are read once.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as the stock class has them
        super().__init__(*arguments, **options)
        self._lock = Lock()
        self._waiting: dict[str, list[EventLogEntry]] = {}
        self._partitions: dict[str, Sequence[str]] = {}
        self._runs = self._changes = 0

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event, now or together with the next one of its run."""
        waited = self._waited(event.run_id)
        # Of a step: what a sensor reports belongs to no run, and nothing follows it.
        result = event.dagster_event_type is DagsterEventType.ASSET_CHECK_EVALUATION and event.step_key is not None
        between = event.dagster_event_type is DagsterEventType.STEP_OUTPUT and waited
        if result or between:
            self._waiting[event.run_id] = [*waited, event]
        else:
            self._store_behind(waited, [event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events that Dagster gathered, in their order; it leaves out those of failed materializations."""
        stored = [event for event in events if not event.get_dagster_event().is_asset_failed_to_materialize]
        waited = [waiting for run_id in {event.run_id for event in stored} for waiting in self._waited(run_id)]
        if stored:
            self._store_behind(waited, stored)

    def _store_behind(self, waited: Sequence[EventLogEntry], events: Sequence[EventLogEntry]) -> None:
        """Store events behind those that waited for them; what waited goes on waiting where that fails.

        Dagster drops a line of the log that cannot be stored, and the run goes on: no result may be lost with it. One
        that was inserted before the connection was lost is then in the log twice.
        """
        try:
            self._store([*waited, *events])
        except Exception:
            for event in waited:
                self._waiting.setdefault(event.run_id, []).append(event)
            raise

    def _waited(self, run_id: str) -> list[EventLogEntry]:
        return self._waiting.pop(run_id, [])

    @contextmanager
    def remembering_partitions(self) -> Iterator[None]:
        """Read dynamic partitions once while a run is executed: those that others add meanwhile are not its own."""
        with self._lock:
            self._runs += 1
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1
                self._partitions.clear()

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """The keys of dynamic partitions, in the order in which they were added."""
        keys, changes = self._partitions.get(partitions_def_name), self._changes
        if keys is None:
            keys = super().get_dynamic_partitions(partitions_def_name)
            with self._lock:
                if self._runs and changes == self._changes:
                    self._partitions[partitions_def_name] = keys
        return keys

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether the key is one of them."""
        if self._runs:
            return partition_key in self.get_dynamic_partitions(partitions_def_name)
        return super().has_dynamic_partition(partitions_def_name, partition_key)

    def add_dynamic_partitions(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        """Add keys, where they are not there yet."""
        super().add_dynamic_partitions(partitions_def_name, partition_keys)
        self._forget_partitions()

    def delete_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> None:
        """Delete a key."""
        super().delete_dynamic_partition(partitions_def_name, partition_key)
        self._forget_partitions()

    def _forget_partitions(self) -> None:
        with self._lock:
            self._changes += 1
            self._partitions.clear()

    def _store(self, events: Sequence[EventLogEntry]) -> None:
        """Insert the events, and what Dagster's other tables keep of them."""
        rows = [self._event_to_row(event) for event in events]
        with self._connect() as connection:
            inserted = (
                connection.execute(_INSERT_ONE, rows[0]) if len(rows) == 1 else connection.execute(_INSERT_SOME, rows)
            )
            stored = list(zip(events, (int(row[0]) for row in inserted), strict=True))
            of_assets = [(event, event_id) for event, event_id in stored if _is_about_asset(event)]
            if of_assets:
                self._store_asset_event_tags(connection, *zip(*of_assets, strict=True))
            newest = {_kind(event): (event, event_id) for event, event_id in of_assets}
            for event, event_id in newest.values():
                self._store_asset_event(connection, event, event_id)
            finished = _finish_checks(connection, stored)
        for event, event_id in stored:
            if event.dagster_event_type in ASSET_CHECK_EVENTS and event_id not in finished:
                self.store_asset_check_event(event, event_id)


def _finish_checks(connection: Connection, stored: Sequence[tuple[EventLogEntry, int]]) -> set[int]:
    """Write results into the rows that were made when their checks were planned, all by one statement.

    Returns:
        the ids of those that are written, or replaced by a later one; of a check that was not planned, Dagster makes a
        row.
    """
    results = [
        (event_id, event.run_id, evaluation)
        for event, event_id in stored
        if event.dagster_event_type is DagsterEventType.ASSET_CHECK_EVALUATION and event.run_id
        if isinstance(evaluation := event.get_dagster_event().event_specific_data, AssetCheckEvaluation)
        if evaluation.partition is None
    ]
    last = {(evaluation.asset_check_key, run_id): (event_id, evaluation) for event_id, run_id, evaluation in results}
    if not last:
        return set()
    given = [
        (
            event_id,
            evaluation.asset_key.to_string(),
            evaluation.check_name,
            (Status.SUCCEEDED if evaluation.passed else Status.FAILED).value,
            evaluation.target_materialization_data and evaluation.target_materialization_data.storage_id,
        )
        for event_id, evaluation in last.values()
    ]
    columns = dict(zip(("ids", "assets", "checks", "statuses", "targets"), zip(*given, strict=True), strict=True))
    written = set(connection.scalars(_FINISH, {name: [*values] for name, values in columns.items()}))
    return written | ({event_id for event_id, _, _ in results} - {event_id for event_id, _ in last.values()})


def _is_about_asset(event: EventLogEntry) -> bool:
    dagster_event = event.dagster_event
    return dagster_event is not None and dagster_event.event_type in ASSET_EVENTS and bool(dagster_event.asset_key)


def _kind(event: EventLogEntry) -> tuple[str, DagsterEventType]:
    """What the row of an asset keeps the last event of."""
    dagster_event = event.get_dagster_event()
    return str(dagster_event.asset_key), dagster_event.event_type
