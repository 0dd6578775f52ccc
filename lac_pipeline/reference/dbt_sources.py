"""Our tables and views as sources of dbt: `make docs` writes `integrations/dbt/models/sources.yml`, a test compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Table

from lac_pipeline.streams import STREAMS
from lac_pipeline.warehouse.roles import PERSONAL, SECRETS
from lac_pipeline.warehouse.schema.base import SCHEMA, Base
from lac_pipeline.warehouse.schema.descriptions import describe_table, table_names
from lac_pipeline.warehouse.schema.tables import HISTORIES, account_of
from lac_pipeline.warehouse.schema.views import VIEWS

INTRO = """# The tables and views of lac_pipeline as sources of dbt, from the comments in the database: do not edit.
# meta.dagster.asset_key lets dagster-dbt draw models below the assets that load them.
"""
WARN_HOURS, ERROR_HOURS = 26, 50
MONTHLY_WARN_HOURS, MONTHLY_ERROR_HOURS = 24 * 8, 24 * 15
"""How old data may be before `dbt source freshness` warns and fails: beyond the schedules of this pipeline."""
HIDDEN = frozenset({*SECRETS, *PERSONAL})
"""What a reader does not see: its tests would fail as a reader."""


def sources() -> str:
    """Write the file."""
    loaded = {table.name: stream for stream, table in HISTORIES.items()} | {name: name for name in STREAMS.names}
    tables = [_table(name, loaded.get(name)) for name in table_names() if name not in HIDDEN]
    views = [
        {
            "name": view.name,
            "description": view.grain,
            "config": {"freshness": None},
            "columns": [{"name": column.name, "description": column.comment} for column in view.columns],
        }
        for view in VIEWS
    ]
    source = {
        "name": SCHEMA,
        "description": "LinkedIn Ads, loaded by lac_pipeline. Money is in the ad account's currency; days are UTC.",
        "schema": "{{ var('linkedin_ads_schema', 'linkedin_ads') }}",
        "loader": "lac_pipeline",
        "tables": [*tables, *views],
    }
    document = {"version": 2, "sources": [source]}
    return INTRO + yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True)


def _table(name: str, asset: str | None) -> dict[str, Any]:
    described, table = describe_table(name), Base.metadata.tables[f"{SCHEMA}.{name}"]
    return {
        "name": str(name),
        "description": described.comment,
        "config": {"freshness": None} if asset is None else _of_asset(asset),
        "columns": [
            {"name": str(column.name), "description": column.comment, "data_type": column.type}
            | ({"data_tests": tests} if (tests := _tests(table, column.name, asset)) else {})
            for column in described.columns
        ],
    }


def _of_asset(asset: str) -> dict[str, Any]:
    """The asset's key in Dagster, and how old the stalest account may be."""
    stream, key = STREAMS.of(asset), {"dagster": {"asset_key": [asset]}}
    if stream.optional:  # which may never have been loaded
        return {"meta": key, "freshness": None}
    warn, error = (MONTHLY_WARN_HOURS, MONTHLY_ERROR_HOURS) if stream.monthly else (WARN_HOURS, ERROR_HOURS)
    return {
        "meta": key,
        "freshness": {
            "warn_after": {"count": warn, "period": "hour"},
            "error_after": {"count": error, "period": "hour"},
        },
        "loaded_at_query": f"select min(synced_at) from {SCHEMA}.stream_state where asset = '{asset}'",  # noqa: S608
    }


def _tests(table: Table, name: str, asset: str | None) -> list[Any]:
    """Tests of a column, from its key: what is known to hold in PostgreSQL holds in a copy of it, too."""
    key = [column.name for column in table.primary_key]
    tests: list[Any] = [*(["unique"] if key == [name] else []), *(["not_null"] if name in key else [])]
    if asset is not None and asset == table.name and name == account_of(asset).name and key != [name]:
        accounts = {"to": f"source('{SCHEMA}', 'accounts')", "field": "id"}
        tests.append({"relationships": {"arguments": accounts}})
    return tests


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(sources(), encoding="utf-8")
