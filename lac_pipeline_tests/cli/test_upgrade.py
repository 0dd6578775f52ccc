"""A database of version 0.1, with rows as that version stored them, brought to this one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, column, inspect, select, table, text
from sqlalchemy.schema import DropSchema

from lac_pipeline.cli.terminal.documents import StatusDocument, SyncDocument
from lac_pipeline.settings import export
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.views import VIEWS
from lac_pipeline_tests.cli.conftest import Lac

PAGE = Path(__file__).parents[2] / "docs" / "upgrading.md"
HEAD_OF_0_1 = "0009"
STREAMS_OF_0_1 = (
    *("accounts", "campaign_groups", "campaigns", "creatives"),
    *("campaign_daily_metrics", "creative_daily_metrics", "audience_demographics"),
)
ACCOUNT, GONE = 520000001, 520000099
"""The account that LinkedIn still shows, and one whose rows are all that is left of it."""
AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
FEBRUARY = {"partition_start": "2026-02-01", "partition_end": "2026-03-02"}
HOSTILE = "\x1b[31m[bold]é 🚀 \u202e"
OLD_ERROR = {"type": "ReauthorizeError", "what": "refused", "said": "401", "means": "it ended", "fix": "lac auth login"}
CHANGED = {"alembic_version", "sync_log", "urn_names"}
"""Tables that a migration rewrites: their rows have tests of their own, in `warehouse/test_migrations.py` and below."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class OldDatabase:
    """The command, on a database of 0.1.

    Attributes:
        lac: the command.
        rows: of each table, before the upgrade.
        synced_at: when each stream was last brought up to date.
    """

    lac: Lac
    rows: Rows
    synced_at: dict[str, datetime]


def rows_of(connection: Connection) -> Rows:
    """The rows of every table, as JSON with exact numbers, in the order of their text."""
    found: Rows = {}
    for name in inspect(connection).get_table_names(SCHEMA):
        row = table(name, schema=SCHEMA).alias("row")
        texts = connection.scalars(select(text("to_jsonb(row)::text")).select_from(row)).all()
        found[name] = [json.loads(each, parse_float=str) for each in sorted(texts)]
    return found


def put(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    """Store rows as they are; columns that a table does not have are left out."""
    known = [each["name"] for each in inspect(connection).get_columns(name, SCHEMA)]
    for row in rows:
        names = ", ".join(key for key in row if key in known)
        statement = f"INSERT INTO {SCHEMA}.{name} ({names}) OVERRIDING SYSTEM VALUE "
        statement += f"SELECT {names} FROM jsonb_populate_record(NULL::{SCHEMA}.{name}, CAST(:row AS jsonb))"  # noqa: S608
        connection.execute(text(statement), {"row": json.dumps(row, default=str)})


def put_odd_rows(connection: Connection) -> None:
    """What years of use leave behind: failures, refused records, a lost account, hostile names, names never found."""
    put_odd_loads(connection)
    put_odd_findings(connection)
    put(connection, "api_usage", [{"day": "2026-02-28", "endpoint": "adAnalytics", "account_id": GONE, "calls": 12}])
    names = {"first_seen": str(AT), "checked_at": str(AT)}
    put(connection, "urn_names", [
        {"urn": "urn:li:title:7", "name": "Clerk", "misses": 0, **names},
        {"urn": "urn:li:organization:8", "name": None, "misses": 3, **names},
    ])  # fmt: skip


def put_odd_loads(connection: Connection) -> None:
    """Attempts that failed or never ended, and the rows of an account that is gone."""
    at, stamps = str(AT), {"created_at": str(AT), "updated_at": str(AT), "fetched_at": str(AT)}
    attempt = {"account_id": GONE, "started_at": at, "trigger": "scheduled", "run_id": "gone", "reason": "never_synced"}
    ended = {**attempt, "finished_at": at}
    put(connection, "sync_log", [
        {**ended, "asset": "campaigns", "status": "failed", "errors": [OLD_ERROR]},
        {**attempt, "asset": "creatives", "status": "running"},
        {**ended, "asset": "accounts", "status": "success", "rows_fetched": 1, "rows_inserted": 1},
        {**ended, **FEBRUARY, "asset": "campaign_daily_metrics", "status": "partial", "rows_rejected": 1},
        {**ended, "asset": "campaign_groups", "status": "skipped", "reason": "data_fresh_37min"},
    ])  # fmt: skip
    put(connection, "accounts", [{"id": GONE, "name": HOSTILE, "currency": "SEK", "status": "CANCELED", **stamps}])
    put(connection, "account_history", [{"id": GONE, "name": HOSTILE, "valid_from": at, "removed": True}])
    # A campaign's day whose campaign was deleted at LinkedIn, with a number that only exact decimals hold.
    day = {
        "account_id": GONE,
        "campaign_id": 99,
        "date": "2026-02-28",
        "cost_in_local_currency": "0.1234567890123456789",
    }
    put(connection, "campaign_daily_metrics", [{**day, "impressions": 10**12, **stamps}])


def put_odd_findings(connection: Connection) -> None:
    """A refused record, a restatement to unknown, a comparison with LinkedIn's totals, and a snapshot."""
    at = str(AT)
    refused = {
        "id": 7001,
        "asset": "campaign_daily_metrics",
        "account_id": GONE,
        "digest": "d",
        "record_id": "99|2026-02-27",
    }
    seen = {"run_id": "gone", "first_seen": at, "last_seen": at, "raw": {"clicks": -1}, **FEBRUARY}
    put(
        connection,
        "rejected_records",
        [{**refused, **seen, "field": "clicks", "value": "-1", "reason": HOSTILE, "closed_at": at}],
    )
    restated = {
        "id": 7001,
        "account_id": GONE,
        "date": "2026-02-27",
        "asset": "campaign_daily_metrics",
        "entity_id": 99,
    }
    put(
        connection,
        "metric_restatements",
        [{**restated, "metric": "clicks", "old_value": 3, "new_value": None, "seen_at": at, "run_id": "gone"}],
    )
    compared = {"id": 7001, "account_id": GONE, "asset": "campaign_daily_metrics", "run_id": "gone", "checked_at": at}
    window = {"window_start": "2026-02-01", "window_end": "2026-03-01", "metric": "clicks", "passed": True}
    put(
        connection,
        "reconciliations",
        [{**compared, **window, "linkedin_total": 3, "our_total": 3, "difference": 0, "tolerance": 0}],
    )
    put(
        connection,
        "account_snapshots",
        [{"account_id": GONE, "as_of": "2026-02-28", "schema_version": "1.0", "document": {"a": "0.10"}}],
    )


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as text, in the order of that."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def columns_before(rows: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[str]:
    """The same, without the columns that the rows before did not have."""
    known = {key for row in before for key in row}
    return in_order([{key: value for key, value in row.items() if key in known} for row in rows])


def named(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The names that are known."""
    return {row["urn"]: row["name"] for row in rows if row["name"] is not None}


@pytest.fixture
def old(lac: Lac, world: World, engine: Engine, warehouse_url: str) -> OldDatabase:
    """What 0.1 loaded of a simulated LinkedIn, in the tables that its last migration made, with odd rows besides."""
    export({"LAC_STREAMS": ",".join(STREAMS_OF_0_1)})
    lac("auth", "login", "--paste-token", stdin=f"{world.token}\n{world.refresh_token}\n")
    assert lac("sync", "--account", "all").code == 0
    with engine.begin() as connection:
        loaded = rows_of(connection)
        connection.execute(DropSchema(SCHEMA, cascade=True))
    migrate.upgrade(warehouse_url, revision=HEAD_OF_0_1)
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names(SCHEMA):
            put(connection, name, [] if name == "alembic_version" else loaded[name])
        put_odd_rows(connection)
    with engine.connect() as connection:
        log = table("sync_log", *map(column, ("asset", "started_at", "account_id")), schema=SCHEMA)
        begun = connection.execute(select(log.c.asset, log.c.started_at).where(log.c.account_id == ACCOUNT)).all()
        rows = rows_of(connection)
    export({"LAC_STREAMS": "default"})
    return OldDatabase(lac, rows, {attempt.asset: attempt.started_at for attempt in begun})


@pytest.mark.whole
def test_a_database_of_0_1_goes_on_as_it_was(old: OldDatabase, engine: Engine) -> None:
    """No row is lost or changed, freshness is known, nothing is wrong with it, and a sync on top of it works."""
    assert "run `lac migrate`" in old.lac("status").error
    assert old.lac("migrate").code == 0
    with engine.connect() as connection:
        after = rows_of(connection)
        for view in VIEWS:
            connection.execute(select(text("*")).select_from(table(view.name, schema=SCHEMA)))
    for name in old.rows.keys() - CHANGED:
        assert columns_before(after[name], old.rows[name]) == in_order(old.rows[name]), name
    assert named(after["urn_names"]) == named(old.rows["urn_names"])
    assert len(after["sync_log"]) == len(old.rows["sync_log"])
    [failed] = [row for row in after["sync_log"] if row["errors"]]
    assert failed["errors"] == [
        {
            "type": "ReauthorizeError",
            "summary": "refused",
            "detail": "401",
            "meaning": "it ended",
            "fix": "lac auth login",
        }
    ]

    status = StatusDocument.model_validate_json(old.lac("status", "--json").out)
    known = {state.asset: state for state in status.assets if state.account_id == ACCOUNT}
    assert {asset: known[asset].synced_at for asset in STREAMS_OF_0_1} == old.synced_at
    assert {(state.asset, state.last_status) for state in status.assets if state.account_id == GONE} >= {
        ("accounts", "success"), ("campaign_daily_metrics", "partial"),
        ("campaigns", "failed"), ("creatives", "running"),
    }  # fmt: skip

    found = old.lac("doctor", "--json")
    assert [each for each in json.loads(found.out) if each["state"] == "failed"] == []

    synced = SyncDocument.model_validate_json(old.lac("sync", "--account", str(ACCOUNT), "--json").out)
    attempts = {attempt.asset: attempt for result in synced.results for attempt in result.attempts}
    assert {attempt.status for attempt in attempts.values()} == {"success"}
    assert all(attempts[asset].inserted == attempts[asset].pruned == 0 for asset in STREAMS_OF_0_1)
    assert attempts["conversions"].inserted > 0
    again = SyncDocument.model_validate_json(old.lac("sync", "--account", str(ACCOUNT), "--json").out)
    assert all(result.skipped for result in again.results)


def test_the_page_names_the_streams_that_are_new() -> None:
    """What it says the first sync reads besides is what is loaded by default now and was not in 0.1."""
    [section] = re.findall(r"^## From 0\.1 to 0\.2$(.*?)^## ", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    [more] = re.findall(r"loads more by default:(.*?)\.", section, re.DOTALL)
    [before] = re.findall(r"`LAC_STREAMS=(.*?)`", section)
    new = [name for name in STREAMS.chosen("default").names if name not in STREAMS_OF_0_1]
    assert re.findall(r"`(\w+)`", more) == new
    assert before == ",".join(STREAMS_OF_0_1)
    assert STREAMS.chosen(before).names == STREAMS_OF_0_1
