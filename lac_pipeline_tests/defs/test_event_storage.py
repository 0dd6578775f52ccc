"""The event log holds what Dagster's own storage would, written by fewer statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationPlanned,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import (
    AssetMaterializationPlannedData,
    DagsterEventType,
    StepMaterializationData,
)
from dagster._core.execution.plan.objects import StepSuccessData
from dagster._core.execution.plan.outputs import StepOutputData, StepOutputHandle
from dagster_postgres.event_log import PostgresEventLogStorage
from sqlalchemy import text

from lac_pipeline.defs.event_storage import BatchingEventLogStorage
from lac_pipeline.defs.storage import PooledPostgresStorage, pooled_engine

RUN, JOB, STEP = "6b4d4f57-6f0a-4a0e-8a9c-1a6a4d9b6f5e", "sync", "campaigns"
ASSETS = (dg.AssetKey("campaigns"), dg.AssetKey("creatives"))
PARTITIONS = [f"510000001|2026-11-{day:02}" for day in range(1, 21)]
TABLES = {
    "event_logs": "run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition",
    "asset_keys": "asset_key, last_run_id, last_materialization_timestamp",
    "asset_check_executions": "asset_key, check_name, partition, run_id, execution_status, evaluation_event, "
    "evaluation_event_timestamp, evaluation_event_storage_id, materialization_event_storage_id",
    "asset_event_tags": "asset_key, key, value, event_timestamp",
}


@pytest.fixture
def url(database_url: str) -> Iterator[str]:
    """A database with Dagster's tables, by the driver that Dagster uses."""
    url = database_url.replace("+psycopg:", "+psycopg2:")
    PooledPostgresStorage(url)
    yield url
    pooled_engine(url).dispose()


def entry(event_type: DagsterEventType, data: Any) -> dg.EventLogEntry:  # noqa: ANN401 - Dagster's many
    """An event of the run."""
    event = dg.DagsterEvent(event_type.value, JOB, step_key=STEP, event_specific_data=data)
    return dg.EventLogEntry(  # type: ignore[no-untyped-call]
        error_info=None, level=10, user_message="", run_id=RUN, timestamp=1.75e9, step_key=STEP, job_name=JOB,
        dagster_event=event,
    )  # fmt: skip


def planned() -> list[dg.EventLogEntry]:
    """What is planned when a run of two assets, twenty days and a check is created."""
    days = [AssetMaterializationPlannedData(asset, partition=day) for asset in ASSETS for day in PARTITIONS]
    check = AssetCheckEvaluationPlanned(asset_key=ASSETS[0], check_name="unique_keys")
    return [
        *(entry(DagsterEventType.ASSET_MATERIALIZATION_PLANNED, day) for day in days),
        entry(DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, check),
    ]


def materialized() -> list[dg.EventLogEntry]:
    """What an asset with a data version materializes."""
    return [
        entry(
            DagsterEventType.ASSET_MATERIALIZATION,
            StepMaterializationData(
                dg.AssetMaterialization(
                    ASSETS[0], partition=day, metadata={"rows": 3}, tags={"dagster/data_version": day}
                )
            ),
        )
        for day in PARTITIONS
    ]


def contents(url: str) -> dict[str, list[Any]]:
    """What the tables hold, in the order of its events; they are empty afterwards."""
    with pooled_engine(url).connect() as connection:
        found = {
            table: list(connection.execute(text(f"SELECT {columns} FROM {table} ORDER BY id")))  # noqa: S608 - constants
            for table, columns in TABLES.items()
        }
        connection.execute(text(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE"))
    return found


@pytest.mark.parametrize("events", [planned(), materialized()], ids=["planned", "materialized"])
def test_a_batch_leaves_the_rows_that_stock_dagster_writes(url: str, events: list[dg.EventLogEntry]) -> None:
    """Events, assets, tags and checks are stored as by the storage of dagster-postgres."""
    PostgresEventLogStorage(url).store_event_batch(events)
    expected = contents(url)
    assert expected["event_logs"]
    BatchingEventLogStorage(url).store_event_batch(events)
    assert contents(url) == expected


def test_a_single_event_leaves_the_rows_that_stock_dagster_writes(url: str) -> None:
    """An event that comes alone is stored as by the storage of dagster-postgres."""
    for event in (planned()[0], planned()[-1], materialized()[0]):
        PostgresEventLogStorage(url).store_event(event)
        expected = contents(url)
        BatchingEventLogStorage(url).store_event(event)
        assert contents(url) == expected


def test_what_is_planned_takes_as_many_statements_however_many_days_there_are(url: str) -> None:
    """Forty planned materializations of two assets are one insert and a row of each asset."""
    statements: list[str] = []
    storage = PooledPostgresStorage(url).event_log_storage
    storage.store_event(planned()[0])  # looks at the schema
    sqlalchemy.event.listen(pooled_engine(url), "before_cursor_execute", lambda *call: statements.append(call[2]))
    storage.store_event_batch(planned()[:-1])
    assert len(statements) == 1 + len(ASSETS)


def test_events_of_checks_are_stored_with_the_next_event_of_their_step(url: str) -> None:
    """Results of checks, and outputs between them, wait for the step's next event, and keep their order and rows."""
    check = AssetCheckEvaluation(check_name="unique_keys", asset_key=ASSETS[0], passed=True)
    output = StepOutputData(StepOutputHandle(STEP, "unique_keys"))
    events = [
        entry(DagsterEventType.STEP_OUTPUT, output),
        entry(DagsterEventType.ASSET_CHECK_EVALUATION, check),
        entry(DagsterEventType.STEP_OUTPUT, output),
        entry(DagsterEventType.STEP_SUCCESS, StepSuccessData(duration_ms=1.0)),  # type: ignore[no-untyped-call]
    ]
    stock, ours = PostgresEventLogStorage(url), BatchingEventLogStorage(url)
    for event in events:
        stock.store_event(event)
    expected = contents(url)
    stored: list[int | None] = []
    with pooled_engine(url).connect() as connection:
        for event in events:
            ours.store_event(event)
            stored.append(connection.scalar(text("SELECT count(*) FROM event_logs")))
    assert stored == [1, 1, 1, 4]
    assert contents(url) == expected


@pytest.mark.parametrize(("planned_from", "updates"), [(0, 1), (1, 2), (6, 7)])
def test_results_of_planned_checks_are_one_update(url: str, planned_from: int, updates: int) -> None:
    """They take the place of what was planned, as in stock Dagster; one that was not planned gets a row of its own."""
    about = AssetCheckEvaluationTargetMaterializationData(storage_id=7, run_id=RUN, timestamp=1.75e9)
    results = [
        AssetCheckEvaluation(
            check_name=f"check_{n}",
            asset_key=ASSETS[n % 2],
            passed=bool(n % 3),
            target_materialization_data=about if n % 2 else None,
        )
        for n in range(6)
    ]
    plans = [
        AssetCheckEvaluationPlanned(asset_key=result.asset_key, check_name=result.check_name)
        for result in results[planned_from:]
    ]
    events = [
        *(entry(DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, plan) for plan in plans),
        *(entry(DagsterEventType.ASSET_CHECK_EVALUATION, result) for result in (*results, results[-1])),
        line(),
    ]
    stock, ours = PostgresEventLogStorage(url), PooledPostgresStorage(url).event_log_storage
    for event in events:
        stock.store_event(event)
    expected = contents(url)
    statements: list[str] = []
    sqlalchemy.event.listen(pooled_engine(url), "before_cursor_execute", lambda *call: statements.append(call[2]))
    for event in events:
        ours.store_event(event)
    assert len([statement for statement in statements if statement.startswith("UPDATE")]) == updates
    assert contents(url) == expected


def line() -> dg.EventLogEntry:
    """A line that the run logs."""
    return dg.EventLogEntry(  # type: ignore[no-untyped-call]
        error_info=None, level=20, user_message="3 records fetched", run_id=RUN, timestamp=1.75e9, step_key=STEP,
        job_name=JOB,
    )  # fmt: skip


@pytest.mark.parametrize("failing", [[line()], materialized()], ids=["line", "batch"])
def test_a_result_is_not_lost_with_what_it_waited_for(url: str, failing: list[dg.EventLogEntry]) -> None:
    """Dagster goes on without a line of the log that PostgreSQL does not take, and the next event brings the result."""
    ours = BatchingEventLogStorage(url)
    check = AssetCheckEvaluation(check_name="unique_keys", asset_key=ASSETS[0], passed=False)
    ours.store_event(entry(DagsterEventType.ASSET_CHECK_EVALUATION, check))
    with pooled_engine(url).connect() as connection:
        connection.execute(text("ALTER TABLE event_logs RENAME TO elsewhere"))
        with pytest.raises(sqlalchemy.exc.ProgrammingError):
            ours.store_event(failing[0]) if len(failing) == 1 else ours.store_event_batch(failing)
        connection.execute(text("ALTER TABLE elsewhere RENAME TO event_logs"))
    ours.store_event(line())
    found = contents(url)
    assert [row.dagster_event_type for row in found["event_logs"]] == ["ASSET_CHECK_EVALUATION", None]
    assert [row.execution_status for row in found["asset_check_executions"]] == ["FAILED"]


def test_a_result_that_belongs_to_no_run_is_stored_at_once(url: str) -> None:
    """What a sensor finds out is seen before it finds out the next."""
    evaluation = AssetCheckEvaluation(check_name="account_freshness", asset_key=ASSETS[0], passed=True)
    with dg.DagsterInstance.ephemeral() as instance:
        events = BatchingEventLogStorage(url)
        instance._event_storage = events
        instance.report_runless_asset_event(evaluation)
    assert [row.dagster_event_type for row in contents(url)["event_logs"]] == ["ASSET_CHECK_EVALUATION"]


def test_partitions_are_read_once_while_a_run_is_executed(url: str) -> None:
    """What other processes add meanwhile is seen after the run, and what this one adds at once."""
    ours, other = BatchingEventLogStorage(url), PostgresEventLogStorage(url)
    other.add_dynamic_partitions("linkedin_account", ["1"])
    with ours.remembering_partitions():
        assert ours.has_dynamic_partition("linkedin_account", "1")
        other.add_dynamic_partitions("linkedin_account", ["2"])
        assert ours.get_dynamic_partitions("linkedin_account") == ["1"]
        ours.add_dynamic_partitions("linkedin_account", ["3"])
        assert ours.get_dynamic_partitions("linkedin_account") == ["1", "2", "3"]
        ours.delete_dynamic_partition("linkedin_account", "1")
        assert not ours.has_dynamic_partition("linkedin_account", "1")
        other.add_dynamic_partitions("linkedin_account", ["4"])
    assert ours.get_dynamic_partitions("linkedin_account") == ["2", "3", "4"]
