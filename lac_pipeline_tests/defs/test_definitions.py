"""The code location as Dagster sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.api import create_execution_plan
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value

from lac_pipeline.definitions import build_definitions, kept_definitions
from lac_pipeline.settings import Settings, isolate
from lac_pipeline_tests.conftest import own_environment

GRAPH = {
    "accounts": ("entities", "linkedin_account", []),
    "campaign_groups": ("entities", "linkedin_account", ["accounts"]),
    "campaigns": ("entities", "linkedin_account", ["campaign_groups"]),
    "creatives": ("entities", "linkedin_account", ["campaigns"]),
    "conversions": ("entities", "linkedin_account", ["accounts"]),
    "lead_forms": ("entities", "linkedin_account", ["accounts"]),
    "campaign_daily_metrics": ("metrics", "account|date", ["campaigns"]),
    "creative_daily_metrics": ("metrics", "account|date", ["creatives"]),
    "conversion_daily_metrics": ("metrics", "account|date", ["conversions"]),
    "campaign_daily_breakdowns": ("metrics", "account|date", ["campaigns"]),
    "reach_by_month": ("demographics", "account|month", ["campaigns"]),
    "audience_demographics": ("demographics", "account|month", ["campaigns"]),
    "account_snapshot": (
        "delivery",
        "linkedin_account",
        [
            "accounts",
            "audience_demographics",
            "campaign_daily_breakdowns",
            "campaign_daily_metrics",
            "campaign_groups",
            "campaigns",
            "conversion_daily_metrics",
            "conversions",
            "creative_daily_metrics",
            "creatives",
            "lead_forms",
            "reach_by_month",
        ],
    ),
    "performance_report": ("delivery", "linkedin_account", ["account_snapshot"]),
}


NO_DATABASE = {
    "LINKEDIN_CLIENT_ID": "client",
    "LINKEDIN_CLIENT_SECRET": "secret",
    "DATABASE_URL": "postgresql://lac@127.0.0.1:1/absent",
    "LAC_START_DATE": "2026-09-01",
}
REPORT = """[[report]]
name = "{name}"
pivots = ["MEMBER_COUNTRY_V2"]
granularity = "DAILY"
metrics = ["impressions"]
"""


def asset_names(definitions: dg.Definitions) -> set[str]:
    """The names of all assets."""
    return {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()}


def partitions_of(definition: dg.PartitionsDefinition[str] | None) -> str:
    """A short name for a partitions definition."""
    if isinstance(definition, dg.MultiPartitionsDefinition):
        return "|".join(sorted(definition.partition_dimension_names))
    return str(definition.name) if isinstance(definition, dg.DynamicPartitionsDefinition) else "none"


@pytest.fixture(scope="module")
def definitions() -> Iterator[dg.Definitions]:
    """The code location; Dagster reads it again in each of its processes, so it needs no database to be there."""
    with own_environment():
        isolate(NO_DATABASE)
        yield build_definitions(Settings.load())


def test_the_asset_graph(definitions: dg.Definitions) -> None:
    """Names, groups, partitions and lineage are a contract with everybody who looks at the UI."""
    graph = definitions.resolve_asset_graph()
    found = {
        node.key.to_user_string(): (
            node.group_name,
            partitions_of(node.partitions_def),
            sorted(parent.to_user_string() for parent in node.parent_keys),
        )
        for node in (graph.get(key) for key in graph.get_all_asset_keys())
    }
    assert found == GRAPH


def test_every_asset_has_a_description(definitions: dg.Definitions) -> None:
    """Each asset states its grain, its owners, and, where it fills a table, the table and its columns."""
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        if node.group_name != "delivery":
            assert "One row per" in str(node.description)
            assert {"dagster/relation_identifier", "dagster/column_schema"} <= set(node.metadata)


def test_columns_of_loaded_metrics_come_first(definitions: dg.Definitions) -> None:
    """The list of columns says which metrics are loaded, and has the others behind them; spend is called so."""
    node = definitions.resolve_asset_graph().get(dg.AssetKey("campaign_daily_metrics"))
    schema = node.metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    columns = [(column.name, str(column.description)) for column in schema.columns]
    marked = [text.startswith("Not loaded. ") for _, text in columns]
    assert marked == sorted(marked)
    assert sum(marked) > 50
    assert {name for name, text in columns if text.startswith("Spend. ")} == {
        "cost_in_local_currency",
        "cost_in_usd",
    }
    assert "metrics are loaded" in str(node.description)


def test_spend_finds_the_assets_with_costs(definitions: dg.Definitions) -> None:
    """The catalog's filter `tag:spend` selects exactly the assets that show a column of costs."""
    graph = definitions.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    tagged = {key.to_user_string() for key in dg.AssetSelection.from_string("tag:spend").resolve(graph)}
    schemas = [(node, node.metadata.get("dagster/column_schema")) for node in nodes]
    with_costs = {
        node.key.to_user_string()
        for node, schema in schemas
        if isinstance(schema, dg.TableSchema)
        and any(str(column.description).startswith("Spend. ") for column in schema.columns)
    }
    assert tagged == with_costs
    assert {"campaign_daily_metrics", "audience_demographics"} <= tagged


def test_no_job_can_be_backfilled(definitions: dg.Definitions) -> None:
    """A backfill of a job over these assets would silently fetch one day of its range, so there is no such job."""
    assert [job.name for job in definitions.jobs or ()] == []


def test_sensors_and_schedules(definitions: dg.Definitions) -> None:
    """What happens by itself, and when; all of it is on by default."""
    assert sorted(sensor.name for sensor in definitions.sensors or ()) == [
        "account_discovery_sensor",
        "alert_sensor",
        "freshness_sensor",
        "housekeeping_sensor",
    ]
    repository = definitions.get_repository_def()
    crons = {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs}
    assert crons == {
        "nightly_restatement": "30 2 * * *",
        "weekly_restatement": "0 4 * * 0",
        "weekly_demographics": "0 5 * * 0",
        "daily_report": "0 6 * * *",
    }
    assert all(sensor.default_status is dg.DefaultSensorStatus.RUNNING for sensor in repository.sensor_defs)
    assert all(schedule.default_status is dg.DefaultScheduleStatus.RUNNING for schedule in repository.schedule_defs)


def test_the_webserver_can_be_sent_the_definitions(definitions: dg.Definitions) -> None:
    """A code location is sent to the webserver and the daemon as text; what that text cannot hold, neither can load."""
    assert "linkedin_account" in serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))


def test_definitions_load(definitions: dg.Definitions) -> None:
    """Dagster finds nothing wrong with the code location, and can plan a run of all of its assets."""
    dg.Definitions.validate_loadable(definitions)
    plan = create_execution_plan(definitions.resolve_implicit_global_asset_job_def())
    assert set(GRAPH) <= set(plan.step_keys_to_execute)


def test_definitions_are_built_again_for_other_settings(tmp_path: Path) -> None:
    """A process builds them once, and again when a setting, or the file that declares reports, says something else."""
    file = tmp_path / "reports.toml"
    isolate(NO_DATABASE | {"LAC_STREAMS": "campaigns", "LAC_REPORTS": str(file)})
    file.write_text(REPORT.format(name="regions_before"))
    first = kept_definitions()
    assert kept_definitions() is first
    file.write_text(REPORT.format(name="regions_after"))
    changed = asset_names(kept_definitions())
    assert changed - asset_names(first) == {"report_regions_after"}
    os.environ["LAC_STREAMS"] = "creatives"
    assert asset_names(kept_definitions()) - changed == {"creatives"}
