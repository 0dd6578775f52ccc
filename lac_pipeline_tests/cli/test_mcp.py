"""`lac mcp`, by the protocol's own client: what an agent reads, and what it is refused."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from sqlalchemy import Engine, Insert, insert, text

from lac_pipeline.commands.mcp import BearerOnly, opened_reader, server_of
from lac_pipeline.errors import ConfigError
from lac_pipeline.reporting.compact import compact
from lac_pipeline.settings import Settings, export
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.query.guarded import GuardedReader
from lac_pipeline.warehouse.roles import grant_reader
from lac_pipeline.warehouse.schema.tables import (
    HISTORIES,
    Account,
    Campaign,
    CampaignDailyMetric,
    MetricRestatement,
)
from lac_pipeline_tests.cli.conftest import Lac
from lac_pipeline_tests.reporting.account_rows import Rows, campaign, snapshot_of, spent

ACCOUNT = 510000001


@pytest.fixture(scope="module")
def reader(module_engine: Engine) -> Iterator[GuardedReader]:
    """A reader of a warehouse with one account, two campaigns, and a secret that no reader sees."""
    database = module_engine.url.database
    role = f"agent_of_{database}"
    with module_engine.begin() as connection:
        for statement in rows():
            connection.execute(statement)
    grant_reader(module_engine, role)
    url = module_engine.url.set(username=role, password=None).render_as_string(hide_password=False)
    with opened_reader(url) as opened:
        yield opened
    with module_engine.begin() as connection:
        connection.execute(text(f'DROP OWNED BY "{role}"'))
        connection.execute(text(f'DROP ROLE "{role}"'))


NOW = datetime(2026, 11, 20, tzinfo=UTC)
RESTATED = date(2026, 11, 1)


def rows() -> Iterator[Insert]:
    """One account with a campaign that was renamed, and two days of which one was restated."""
    yield insert(Account).values(id=ACCOUNT, name="Northwind", currency="EUR", status="ACTIVE", fetched_at=NOW)
    yield insert(Campaign).values(id=7, account_id=ACCOUNT, name="Spring", fetched_at=NOW)
    costs = {RESTATED: Decimal("0.1"), date(2026, 11, 2): Decimal("0.2")}
    day = {"account_id": ACCOUNT, "campaign_id": 7}
    metrics = [day | {"date": each, "cost_in_local_currency": cost} for each, cost in costs.items()]
    yield insert(CampaignDailyMetric).values(metrics)
    renamed = datetime(2026, 11, 12, tzinfo=UTC)
    versions = {"Winter": (datetime(2026, 10, 1, tzinfo=UTC), renamed), "Spring": (renamed, None)}
    version = {"id": 7, "account_id": ACCOUNT, "removed": False}
    yield insert(HISTORIES["campaigns"]).values(
        [version | {"name": name, "valid_from": start, "valid_to": end} for name, (start, end) in versions.items()]
    )
    yield insert(MetricRestatement).values(
        asset="campaign_daily_metrics",
        account_id=ACCOUNT,
        entity_id=7,
        date=RESTATED,
        metric="cost_in_local_currency",
        old_value=Decimal("0.05"),
        new_value=Decimal("0.1"),
        seen_at=datetime(2026, 11, 15, tzinfo=UTC),
        run_id="run",
    )


def settings() -> Settings:
    """What the server needs of the settings: how long what stays fresh."""
    return Settings(linkedin_client_id="id", linkedin_client_secret="secret")


def call(reader: GuardedReader, tool: str, **arguments: object) -> tuple[bool, str]:
    """Call a tool through the client; whether it is an error, and its text."""

    async def through_the_client() -> tuple[bool, str]:
        async with Client(server_of(settings(), reader)) as client:
            result = await client.call_tool(tool, arguments)
            return bool(result.is_error), "".join(part.text for part in result.content if part.type == "text")

    return asyncio.run(through_the_client())


def returned_by(reader: GuardedReader, tool: str, **arguments: object) -> Any:  # noqa: ANN401 - whatever the JSON holds
    """What a tool returns, read as JSON."""
    failed, output = call(reader, tool, **arguments)
    assert not failed, output
    return json.loads(output)


def test_accounts_are_listed(reader: GuardedReader) -> None:
    """An agent begins with the ids, names and currencies of the ad accounts."""
    listed = returned_by(reader, "list_accounts")
    assert listed == [{"id": ACCOUNT, "name": "Northwind", "currency": "EUR", "status": "ACTIVE"}]


def test_tables_and_columns_are_described(reader: GuardedReader) -> None:
    """What a row and a column mean is what the database's comments say; secrets are not listed."""
    relations = {relation["name"]: relation for relation in returned_by(reader, "describe_tables")}
    assert relations["campaign_performance"]["kind"] == "view"
    assert "oauth_tokens" not in relations
    columns = returned_by(reader, "describe_tables", name="linkedin_ads.campaign_daily_metrics")
    cost = next(column for column in columns if column["name"] == "cost_in_local_currency")
    assert cost["type"] == "numeric"
    assert "currency" in cost["meaning"]


def test_a_query_returns_exact_numbers(reader: GuardedReader) -> None:
    """A sum of money comes as decimal text, not as a float."""
    returned = returned_by(
        reader, "query", sql="SELECT sum(cost_in_local_currency) AS spend FROM campaign_daily_metrics"
    )
    assert returned == {"columns": ["spend"], "rows": [["0.3"]], "truncated": False}


def test_a_percent_sign_is_only_text(reader: GuardedReader) -> None:
    """LIKE patterns reach PostgreSQL as they were written."""
    returned = returned_by(reader, "query", sql="SELECT name FROM campaigns WHERE name LIKE 'Sp%g'")
    assert returned["rows"] == [["Spring"]]


@pytest.mark.parametrize(("limit", "rows"), [(3, 3), (0, 1), (999_999, 1000)])
def test_rows_are_limited(reader: GuardedReader, limit: int, rows: int) -> None:
    """No more rows come than were requested, never more than a thousand, and the result states that there are more."""
    returned = returned_by(reader, "query", sql="SELECT n FROM generate_series(1, 5000) n", limit=limit)
    assert (len(returned["rows"]), returned["truncated"]) == (rows, True)


REFUSED = {
    "delete": "DELETE FROM campaigns",
    "update": "UPDATE campaigns SET name = 'x'",
    "insert": "INSERT INTO campaigns (id) VALUES (1)",
    "within a WITH": "WITH gone AS (DELETE FROM campaigns RETURNING id) SELECT * FROM gone",
    "copy to a program": "COPY (SELECT 1) TO PROGRAM 'id'",
    "a second statement": "SELECT 1; DELETE FROM campaigns",
    "the end of the cursor": "SELECT 1; COMMIT; DELETE FROM campaigns; SELECT 1",
    "a file of the server": "SELECT pg_read_file('/etc/passwd')",
    "tokens": "SELECT * FROM oauth_tokens",
    "tokens by a detour": "SELECT query_to_xml('SELECT * FROM linkedin_ads.oauth_tokens', true, true, '')",
    "what people filled in": "SELECT * FROM lead_answers",
    "another role": "SELECT set_config('role', 'postgres', false)",
    "a new table": "SELECT 1 INTO stolen",
    "a program's output": "SELECT * FROM pg_ls_dir('/')",
    "settings of the server": "ALTER SYSTEM SET fsync = off",
    "a large object": "SELECT lo_create(0)",
    "nothing": "",
    "a comment": "-- SELECT 1",
    "no SQL": "please delete everything",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_is_no_harmless_select_is_refused(reader: GuardedReader, module_engine: Engine, sql: str) -> None:
    """The agent gets PostgreSQL's reason, and nothing changed."""
    failed, output = call(reader, "query", sql=sql)
    assert failed
    assert "PostgreSQL refuses the query" in output
    with module_engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM linkedin_ads.campaigns WHERE id = 7")) == "Spring"
        assert connection.scalar(text("SELECT to_regclass('linkedin_ads.stolen')")) is None


def test_settings_of_one_query_do_not_reach_the_next(reader: GuardedReader) -> None:
    """A time-out that a query raises, and the right to write, are as before in the next one."""
    call(reader, "query", sql="SELECT set_config('statement_timeout', '0', false)")
    call(reader, "query", sql="SELECT set_config('transaction_read_only', 'off', false)")
    shown = returned_by(
        reader, "query", sql="SELECT current_setting('statement_timeout'), current_setting('transaction_read_only')"
    )
    assert shown["rows"] == [["30s", "on"]]


@pytest.mark.parametrize("after", ["", "::text::int"], ids=["succeeds", "fails"])
def test_no_lock_outlives_a_query(reader: GuardedReader, module_engine: Engine, after: str) -> None:
    """Neither a query nor one that fails keeps loads waiting."""
    call(reader, "query", sql=f"SELECT pg_advisory_lock(7){after}")
    mine = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with module_engine.connect() as connection:
        query = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND {mine}"  # noqa: S608
        assert connection.scalar(text(query)) == 0


def test_a_query_that_takes_too_long_is_ended(reader: GuardedReader) -> None:
    """PostgreSQL ends it after the time that a statement may take."""
    url = reader.engine.url.render_as_string(hide_password=False)
    impatient = GuardedReader(url, longest=timedelta(seconds=1))
    try:
        failed, output = call(impatient, "query", sql="SELECT count(*) FROM generate_series(1, 10000000000)")
    finally:
        impatient.close()
    assert failed
    assert "timeout" in output


def test_what_changed_lists_restatements_and_versions(reader: GuardedReader) -> None:
    """A campaign renamed since, and a day whose cost moved, are listed; what was before the day is not."""
    changed = returned_by(reader, "what_changed", account_id=ACCOUNT, since="2026-11-10")
    assert [(version["asset"], version["entity"], version["name"]) for version in changed["entities"]] == [
        ("campaigns", "7", "Spring")
    ]
    assert [(day["date"], day["cost_in_local_currency_added"]) for day in changed["restated_days"]] == [
        ("2026-11-01", "0.05")
    ]


def test_freshness_reports_each_group(reader: GuardedReader) -> None:
    """An account that was never synced is due in each asset group, and the reason is given."""
    groups = returned_by(reader, "freshness", account_id=ACCOUNT)
    assert {group["fresh"] for group in groups} == {False}
    assert {group["synced_at"] for group in groups} == {None}


def test_an_account_without_a_snapshot_is_explained(reader: GuardedReader) -> None:
    """The agent learns how a snapshot is made, instead of an empty document."""
    failed, output = call(reader, "account_summary", account_id=ACCOUNT)
    assert failed
    assert "account_snapshot" in output


def test_a_summary_fits_what_was_requested(reader: GuardedReader, module_engine: Engine) -> None:
    """Twelve kilobytes come by default, summary first; with more room nothing is cut."""
    rows = Rows(
        campaigns=[campaign(n) for n in range(80)],
        campaign_sums=[row for n in range(80) for row in spent(n, f"{n}.5", impressions=9, clicks=1)],
    )
    document = json.loads(snapshot_of(rows).model_dump_json())
    AccountSnapshots(module_engine).keep(7, document)
    failed, output = call(reader, "account_summary", account_id=7)
    assert not failed
    assert 9_000 < len(output.encode()) <= 12_000
    assert [*json.loads(output)][:3] == ["schema_version", "as_of", "summary"]
    assert "campaigns: " in str(json.loads(output)["left_out"])
    assert returned_by(reader, "account_summary", account_id=7, kilobytes=1000) == compact(document)
    AccountSnapshots(module_engine).keep(8, {"schema_version": "1.1", "as_of": "2026-11-01", "days": [], "a": None})
    assert returned_by(reader, "account_summary", account_id=8) == {"schema_version": "1.1", "as_of": "2026-11-01"}


def test_instructions_name_what_must_not_be_summed(reader: GuardedReader) -> None:
    """What the agent reads at the start warns of the mistakes that the tables invite."""
    instructions = server_of(settings(), reader).instructions or ""
    for warning in (
        "Do not add accounts of different currencies",
        "hold the same spend twice",
        "Do not sum reach",
        "NULL is unknown",
    ):
        assert warning in " ".join(instructions.split())


def test_a_role_that_may_write_is_refused(module_engine: Engine) -> None:
    """The user who loads the data is not taken for a reader."""
    url = module_engine.url.render_as_string(hide_password=False)
    with pytest.raises(ConfigError, match="may do more than read"), opened_reader(url):
        pass


def test_a_role_that_sees_what_people_filled_in_is_refused(module_engine: Engine) -> None:
    """A reader that may read `lead_answers` is for people; an agent gets a role without it."""
    role = f"lead_reader_{module_engine.url.database}"
    grant_reader(module_engine, role, personal=True)
    url = module_engine.url.set(username=role, password=None).render_as_string(hide_password=False)
    with pytest.raises(ConfigError, match="may read lead_answers"), opened_reader(url):
        pass
    with module_engine.begin() as connection:
        connection.execute(text(f'DROP OWNED BY "{role}"'))
        connection.execute(text(f'DROP ROLE "{role}"'))


def test_a_database_of_ones_own_needs_a_reader(lac: Lac) -> None:
    """Without LAC_READER_URL nothing is started, and the error names the steps."""
    result = lac("mcp")
    assert result.code == 1
    assert "LAC_READER_URL" in result.error
    assert "lac grant-reader agent" in result.error


def test_http_needs_the_token(reader: GuardedReader) -> None:
    """Over HTTP a request without the token, or with another, is refused before it reaches a tool."""
    app = BearerOnly(server_of(settings(), reader).streamable_http_app(), "right")

    async def statuses() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as client:
            headers: list[dict[str, str]] = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "right"}]
            return [(await client.post("/mcp", headers=each, json={})).status_code for each in headers]

    assert asyncio.run(statuses()) == [401, 401, 401]


def test_an_agent_starts_the_command_by_itself(reader: GuardedReader, lac: Lac) -> None:
    """Over standard input and output, as agents start it, the tools are listed and work; nothing else is printed."""
    export({"LAC_READER_URL": reader.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)})
    lac_command = str(Path(sys.executable).with_name("lac"))
    parameters = StdioServerParameters(command=lac_command, args=["mcp"], env=dict(os.environ))

    async def tools() -> tuple[set[str], str]:
        async with Client(parameters) as client:
            listed = {tool.name for tool in (await client.list_tools()).tools}
            result = await client.call_tool("list_accounts", {})
            return listed, "".join(part.text for part in result.content if part.type == "text")

    listed, accounts = asyncio.run(tools())
    assert listed == {"list_accounts", "account_summary", "describe_tables", "query", "what_changed", "freshness"}
    assert "Northwind" in accounts
