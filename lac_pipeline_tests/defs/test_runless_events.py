"""Materializations of no run are those that Dagster itself records, by fewer statements."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
import sqlalchemy

from lac_pipeline.commands.stack.environment import EVENT_BATCH
from lac_pipeline.defs.runless_events import report_materializations
from lac_pipeline.defs.storage import pooled_engine

DAYS = [f"510000001|2026-11-{day:02}" for day in range(1, 21)]
MATERIALIZATIONS = [dg.AssetMaterialization("campaign_daily_metrics", partition=day) for day in DAYS]


@pytest.fixture
def instance(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance whose storage is that of dagster.yaml, in a process that `lac` prepared."""
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", EVENT_BATCH)
    url = database_url.replace("+psycopg:", "+psycopg2:")
    custom = {
        "module": "lac_pipeline.defs.storage",
        "class": "PooledPostgresStorage",
        "config": {"postgres_url": url},
    }
    with dg.instance_for_test(overrides={"storage": {"custom": custom}}) as instance:
        yield instance
    pooled_engine(url).dispose()


def stored(instance: dg.DagsterInstance) -> list[tuple[object, ...]]:
    """What the log holds of each materialization, the newest first."""
    records = instance.fetch_materializations(dg.AssetKey("campaign_daily_metrics"), limit=100).records
    entries = [(record.event_log_entry, record.partition_key) for record in records]
    return [(each.run_id, each.job_name, each.level, each.dagster_event_type, day) for each, day in entries]


def test_they_are_recorded_as_by_dagster(instance: dg.DagsterInstance) -> None:
    """Run, job, level, partition and kind are those of events that Dagster records one by one."""
    for materialization in MATERIALIZATIONS:
        instance.report_runless_asset_event(materialization)
    expected = stored(instance)
    report_materializations(instance, MATERIALIZATIONS)
    assert len(expected) == len(DAYS)
    assert stored(instance) == [*expected, *expected]


def test_they_are_inserted_together(instance: dg.DagsterInstance, database_url: str) -> None:
    """Twenty materializations of an asset are one insert, and the row of the asset."""
    instance.report_runless_asset_event(MATERIALIZATIONS[0])  # looks at the schema
    statements: list[str] = []
    engine = pooled_engine(database_url.replace("+psycopg:", "+psycopg2:"))
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    report_materializations(instance, MATERIALIZATIONS)
    assert len([each for each in statements if each.startswith("INSERT INTO event_logs")]) == 1
    assert len(statements) <= 3


def test_none_are_recorded_without_one(instance: dg.DagsterInstance) -> None:
    """A replay that loaded nothing records nothing."""
    report_materializations(instance, [])
    assert stored(instance) == []
