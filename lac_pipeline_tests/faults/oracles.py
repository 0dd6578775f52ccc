"""What must hold after any history of failures: what the tables hold, and what a replay makes of the archive."""

from __future__ import annotations

from datetime import date

import dagster as dg
from sqlalchemy import Engine, Table, delete, select

from lac_pipeline.commands.replay import Replay
from lac_pipeline.settings import Settings
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.schema.tables import (
    HISTORIES,
    CheckStateRow,
    MetricRestatement,
    RejectedRecord_,
    StreamState,
    SyncLog,
    UrnName,
    stream_table,
    table_of,
)
from lac_pipeline.warehouse.warehouse import Warehouse

Contents = dict[str, list[tuple[object, ...]]]
OURS = frozenset({"id_of_row", "created_at", "updated_at", "run_id"})
"""Columns that tell when and by which run our own program wrote a row."""


def stored() -> dict[str, Table]:
    """The tables that loads fill, with every version of a record and every number that changed."""
    tables = {asset: stream_table(asset) for asset in STREAMS.names}
    return tables | {table.name: table for table in HISTORIES.values()} | {"restatements": table_of(MetricRestatement)}


def contents(engine: Engine) -> Contents:
    """Everything that loads have written, in no particular order."""
    found: Contents = {}
    with engine.connect() as connection:
        for name, table in stored().items():
            ours = OURS | ({"id"} if name == "restatements" else set())
            columns = [column for column in table.columns if column.name not in ours]
            found[name] = sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
    return found


def empty(engine: Engine) -> None:
    """Empty the tables that loads fill, and what is remembered of the loads."""
    kept = [table_of(model) for model in (SyncLog, StreamState, RejectedRecord_, UrnName, CheckStateRow)]
    with engine.begin() as connection:
        for table in [*stored().values(), *kept]:
            connection.execute(delete(table))


def replay(settings: Settings, warehouse: Warehouse, instance: dg.DagsterInstance, *, since: date) -> list[str]:
    """Replay all accounts of the archive; return what failed."""
    replaying = Replay(settings, warehouse=warehouse, instance=instance, since=since)
    results = [result for account in replaying.accounts("all") for result in replaying.replay(account)]
    return [result.failure for result in results if result.failure is not None]


def differences(before: Contents, after: Contents) -> dict[str, list[object]]:
    """The rows of each table that are not in both, for the report of a failing test."""
    found: dict[str, list[object]] = {}
    for name, rows in before.items():
        if rows != after[name]:
            lost: list[object] = [("lost", row) for row in rows if row not in after[name]]
            made_up: list[object] = [("made up", row) for row in after[name] if row not in rows]
            found[name] = [len(rows), len(after[name]), *lost[:3], *made_up[:3]]
    return found
