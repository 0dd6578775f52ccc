"""The code location: all definitions of the project, put together here and nowhere else."""

from __future__ import annotations

import warnings

import dagster as dg

from lac_pipeline.defs.assets.report import report_asset
from lac_pipeline.defs.assets.snapshot import snapshot_asset
from lac_pipeline.defs.assets.streams import stream_assets
from lac_pipeline.defs.checks.asset_checks import asset_checks
from lac_pipeline.defs.forked_runs import fork_runs
from lac_pipeline.defs.io_manager import PostgresUpsertIOManager
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.resources import IO_MANAGER, LINKEDIN, WAREHOUSE, LinkedInResource, WarehouseResource
from lac_pipeline.defs.schedules.daily_report import daily_report
from lac_pipeline.defs.schedules.restatement_schedules import restatement_schedules
from lac_pipeline.defs.sensors.alert_sensor import alert_sensor
from lac_pipeline.defs.sensors.discovery_sensor import account_discovery_sensor
from lac_pipeline.defs.sensors.freshness_sensor import freshness_sensor
from lac_pipeline.defs.sensors.housekeeping_sensor import housekeeping_sensor
from lac_pipeline.settings import Settings


def build_definitions(
    settings: Settings,
    *,
    namespace: Namespace = ALONE,
    warehouse: WarehouseResource | None = None,
    linkedin: LinkedInResource | None = None,
    executor: dg.ExecutorDefinition | None = dg.in_process_executor,
) -> dg.Definitions:
    """Put assets, checks, sensors, schedules and resources together for these settings.

    Args:
        settings: what the person set.
        namespace: the names under which they stand.
        warehouse: where rows go, when it is not the one that the settings name as they are.
        linkedin: the server that returned it, when it is not LinkedIn.
        executor: what executes the steps of a run; None where the project that they are part of decides it.
    """
    store = warehouse or WarehouseResource()
    with warnings.catch_warnings():
        # Backfill policies and partition mappings have been in beta for years; the lock pins the version tried here.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return _definitions(settings, namespace, store, linkedin or LinkedInResource(warehouse=store), executor)


def _definitions(
    settings: Settings,
    namespace: Namespace,
    warehouse: WarehouseResource,
    linkedin: LinkedInResource,
    executor: dg.ExecutorDefinition | None,
) -> dg.Definitions:
    schedules = [*restatement_schedules(settings, namespace), daily_report(namespace)]
    sensors = [
        freshness_sensor(settings, namespace),
        account_discovery_sensor(namespace),
        housekeeping_sensor(namespace),
    ]
    watched = {*(schedule.name for schedule in schedules), *(sensor.name for sensor in sensors)}
    resources = {
        WAREHOUSE: warehouse,
        LINKEDIN: linkedin,
        IO_MANAGER: PostgresUpsertIOManager(warehouse=warehouse),
    }
    return dg.Definitions(
        assets=dg.with_source_code_references(
            [
                *stream_assets(settings, namespace),
                snapshot_asset(settings.streams, namespace),
                report_asset(namespace),
            ]
        ),
        asset_checks=asset_checks(settings.streams, namespace),
        schedules=schedules,
        sensors=[*sensors, alert_sensor(namespace, watched)],
        resources={namespace.resource(name): resource for name, resource in resources.items()},
        executor=executor,
    )


class _Kept:
    """The definitions that were built last, and what they were built from."""

    def __init__(self) -> None:
        self._origin: object = None
        self._definitions = dg.Definitions()

    def of(self, settings: Settings) -> dg.Definitions:
        origin = (settings, settings.reports, settings.start_date)  # the first does not show what is in files
        if self._origin != origin:
            self._definitions, self._origin = build_definitions(settings), origin
        return self._definitions


_kept = _Kept()


def kept_definitions() -> dg.Definitions:
    """The definitions for the settings of now; built once while these stay as they are, also across a fork.

    Dagster loads them twice in each run: all, and then those that the run executes.

    Raises:
        SettingsError: naming every setting that is missing or wrong.
    """
    return _kept.of(Settings.load())


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev`, the webserver, the daemon and the run workers load."""
    fork_runs()
    return kept_definitions()
