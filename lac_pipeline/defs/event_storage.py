"""Dagster's event log in PostgreSQL, with as few statements for its events as their tables need.

dagster-postgres writes the events that are planned for a run one by one, though Dagster hands them over together: 90
days of two assets are 180 events with four statements each. It also sends a NOTIFY for each event to which nothing
listens any more. Here what comes together is inserted together; rows and tables are Dagster's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from dagster import DagsterEventType, EventLogEntry
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster_postgres.event_log import PostgresEventLogStorage

_INSERT = SqlEventLogStorageTable.insert()
_INSERT_ONE = _INSERT.returning(SqlEventLogStorageTable.c.id)
_INSERT_SOME = _INSERT.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)


class BatchingEventLogStorage(PostgresEventLogStorage):
    """PostgreSQL's event log that inserts a batch of events by one statement, whatever they are about."""

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event."""
        self._store([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events that Dagster gathered, in their order; it leaves out those of failed materializations."""
        stored = [event for event in events if not event.get_dagster_event().is_asset_failed_to_materialize]
        if stored:
            self._store(stored)

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
        for event, event_id in stored:
            if event.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(event, event_id)


def _is_about_asset(event: EventLogEntry) -> bool:
    dagster_event = event.dagster_event
    return dagster_event is not None and dagster_event.event_type in ASSET_EVENTS and bool(dagster_event.asset_key)


def _kind(event: EventLogEntry) -> tuple[str, DagsterEventType]:
    """What the row of an asset keeps the last event of."""
    dagster_event = event.get_dagster_event()
    return str(dagster_event.asset_key), dagster_event.event_type
