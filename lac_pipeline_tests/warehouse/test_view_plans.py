"""The usual queries of the views use indexes, and do not read whole tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from lac_pipeline.warehouse.schema.tables import SCHEMA

FILL = """
INSERT INTO {schema}.campaign_daily_metrics (campaign_id, date, account_id, clicks)
    SELECT a * 100 + c, d, a, 1 FROM generate_series(1, 40) a, generate_series(1, 5) c,
        generate_series('2026-08-01'::date, '2026-10-31', '1 day') d;
INSERT INTO {schema}.creative_daily_metrics (creative_id, date, account_id, clicks)
    SELECT campaign_id, date, account_id, 1 FROM {schema}.campaign_daily_metrics;
INSERT INTO {schema}.audience_demographics (account_id, month, pivot_type, segment, clicks)
    SELECT a, m, p::text, s::text, 1 FROM generate_series(1, 40) a, generate_series(1, 9) p, generate_series(1, 20) s,
        generate_series('2026-08-01'::date, '2026-10-01', '1 month') m;
INSERT INTO {schema}.campaign_history (id, account_id, valid_from, valid_to, name, removed)
    SELECT a * 100 + c, a, '2026-01-01'::timestamptz + v * interval '1 day', '2026-12-01', 'x', false
        FROM generate_series(1, 40) a, generate_series(1, 5) c, generate_series(1, 20) v;
INSERT INTO {schema}.metric_restatements (account_id, date, asset, entity_id, metric, seen_at, run_id)
    SELECT account_id, date, 'campaign_daily_metrics', campaign_id, 'clicks', now(), 'r'
        FROM {schema}.campaign_daily_metrics;
INSERT INTO {schema}.sync_log (account_id, asset, started_at, status, trigger, run_id, partition_start, partition_end)
    SELECT a, asset, '2026-08-01'::timestamptz + n * interval '4 hours', 'success', 'scheduled', n::text,
        '2026-08-01'::date + n / 6 - 3, '2026-08-01'::date + n / 6 + 1
        FROM generate_series(1, 40) a, generate_series(1, 500) n,
        unnest(ARRAY['campaign_daily_metrics', 'creative_daily_metrics', 'audience_demographics']) asset;
ANALYZE
"""


@pytest.fixture(scope="module")
def filled(module_engine: Engine) -> Iterator[Connection]:
    """A connection to some tens of thousands of rows of forty accounts."""
    with module_engine.connect() as connection:
        for statement in FILL.format(schema=SCHEMA).split(";"):
            connection.execute(text(statement))
        connection.execute(text(f"SET search_path = {SCHEMA}"))
        yield connection


def plan(connection: Connection, query: str) -> str:
    """PostgreSQL's plan."""
    return "\n".join(connection.scalars(text(f"EXPLAIN {query}")))


@pytest.mark.parametrize(
    ("view", "index"),
    [
        ("campaign_performance", "ix_campaign_daily_metrics_account_id_date"),
        ("creative_performance", "ix_creative_daily_metrics_account_id_date"),
        ("account_performance", "ix_campaign_daily_metrics_account_id_date"),
        ("campaign_group_performance", "ix_campaign_daily_metrics_account_id_date"),
        ("campaign_days", "ix_campaign_daily_metrics_account_id_date"),
        ("creative_days", "ix_creative_daily_metrics_account_id_date"),
        ("restatements_by_day", "ix_metric_restatements_account_id_date"),
    ],
)
def test_an_accounts_days_are_found_by_index(filled: Connection, view: str, index: str) -> None:
    """One account and some days: the rows of others are not read."""
    found = plan(filled, f"SELECT * FROM {view} WHERE account_id = 7 AND date >= '2026-10-25'")  # noqa: S608
    assert index in found
    assert "Seq Scan on campaign_daily_metrics" not in found
    assert "Seq Scan on creative_daily_metrics" not in found


def test_an_accounts_audience_is_found_by_key(filled: Connection) -> None:
    """The primary key begins with account and month, as the queries do."""
    query = "SELECT * FROM audience_breakdown WHERE account_id = 7 AND month = '2026-10-01'"
    assert "pk_audience_demographics" in plan(filled, query)


@pytest.mark.parametrize("view", ["campaign_performance", "creative_performance", "account_performance"])
def test_the_time_of_the_last_check_costs_only_its_readers(filled: Connection, view: str) -> None:
    """`fetched_at` is looked up by index for each row; a query that leaves it out does not touch the log."""
    rows = f"FROM {view} WHERE account_id = 7 AND date >= '2026-10-25'"
    assert re.search(r"Index (Only )?Scan .* on sync_log", plan(filled, f"SELECT * {rows}"))
    assert "sync_log" not in plan(filled, f"SELECT sum(clicks), max(week) {rows}")


def test_the_name_of_a_day_is_found_by_key(filled: Connection) -> None:
    """Versions of a campaign are found by its id."""
    found = plan(filled, "SELECT * FROM campaign_days WHERE account_id = 7 AND date >= '2026-10-25'")
    assert "pk_campaign_history" in found


def test_a_campaigns_days_are_found_by_key(filled: Connection) -> None:
    """One campaign over all days is read by the primary key."""
    assert "pk_campaign_daily_metrics" in plan(filled, "SELECT * FROM campaign_performance WHERE campaign_id = 703")
