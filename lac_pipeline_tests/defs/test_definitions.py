"""The code location as Dagster sees it."""

from __future__ import annotations

import dagster as dg
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value

from lac_pipeline_tests.defs.conftest import Pipeline

GRAPH = {
    "accounts": ("entities", "linkedin_account", []),
    "campaign_groups": ("entities", "linkedin_account", ["accounts"]),
    "campaigns": ("entities", "linkedin_account", ["campaign_groups"]),
    "creatives": ("entities", "linkedin_account", ["campaigns"]),
    "campaign_daily_metrics": ("metrics", "account|date", ["campaigns"]),
    "creative_daily_metrics": ("metrics", "account|date", ["creatives"]),
    "audience_demographics": ("demographics", "account|month", ["campaigns"]),
    "account_snapshot": (
        "delivery",
        "linkedin_account",
        [
            "accounts",
            "audience_demographics",
            "campaign_daily_metrics",
            "campaign_groups",
            "campaigns",
            "creative_daily_metrics",
            "creatives",
        ],
    ),
    "performance_report": ("delivery", "linkedin_account", ["account_snapshot"]),
}


def partitions_of(definition: dg.PartitionsDefinition[str] | None) -> str:
    """A short name for a partitions definition."""
    if isinstance(definition, dg.MultiPartitionsDefinition):
        return "|".join(sorted(definition.partition_dimension_names))
    return str(definition.name) if isinstance(definition, dg.DynamicPartitionsDefinition) else "none"


def test_the_asset_graph(pipeline: Pipeline) -> None:
    """Names, groups, partitions and lineage are a contract with everybody who looks at the UI."""
    graph = pipeline.definitions.resolve_asset_graph()
    found = {
        node.key.to_user_string(): (
            node.group_name,
            partitions_of(node.partitions_def),
            sorted(parent.to_user_string() for parent in node.parent_keys),
        )
        for node in (graph.get(key) for key in graph.get_all_asset_keys())
    }
    assert found == GRAPH


def test_every_asset_says_what_it_is(pipeline: Pipeline) -> None:
    """Each asset states its grain, its owners, and, where it fills a table, the table and its columns."""
    graph = pipeline.definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        if node.group_name != "delivery":
            assert "One row per" in str(node.description)
            assert {"dagster/relation_identifier", "dagster/column_schema"} <= set(node.metadata)


def test_no_job_can_be_backfilled(pipeline: Pipeline) -> None:
    """A backfill of a job over these assets would silently fetch one day of its range, so there is no such job."""
    assert [job.name for job in pipeline.definitions.jobs or ()] == []


def test_sensors_and_schedules(pipeline: Pipeline) -> None:
    """What happens by itself, and when; all of it is on by default."""
    assert sorted(sensor.name for sensor in pipeline.definitions.sensors or ()) == [
        "account_discovery_sensor",
        "alert_sensor",
        "freshness_sensor",
        "housekeeping_sensor",
    ]
    repository = pipeline.definitions.get_repository_def()
    crons = {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs}
    assert crons == {
        "nightly_restatement": "30 2 * * *",
        "weekly_restatement": "0 4 * * 0",
        "weekly_demographics": "0 5 * * 0",
        "daily_report": "0 6 * * *",
    }
    assert all(sensor.default_status is dg.DefaultSensorStatus.RUNNING for sensor in repository.sensor_defs)
    assert all(schedule.default_status is dg.DefaultScheduleStatus.RUNNING for schedule in repository.schedule_defs)


def test_the_webserver_can_be_sent_the_definitions(pipeline: Pipeline) -> None:
    """A code location is sent to the webserver and the daemon as text; what that text cannot hold, neither can load."""
    assert "linkedin_account" in serialize_value(RepositorySnap.from_def(pipeline.definitions.get_repository_def()))


def test_definitions_load(pipeline: Pipeline) -> None:
    """Dagster finds nothing wrong with the code location."""
    dg.Definitions.validate_loadable(pipeline.definitions)
