"""The code location: all definitions of the project, put together here and nowhere else."""

from __future__ import annotations

import warnings

import dagster as dg

from lac_pipeline.defs.assets.report import report_asset
from lac_pipeline.defs.assets.snapshot import snapshot_asset
from lac_pipeline.defs.assets.streams import stream_assets
from lac_pipeline.defs.checks.asset_checks import asset_checks
from lac_pipeline.defs.io_manager import PostgresUpsertIOManager
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource
from lac_pipeline.defs.schedules.daily_report import daily_report
from lac_pipeline.defs.schedules.restatement_schedules import restatement_schedules
from lac_pipeline.defs.sensors.alert_sensor import alert_sensor
from lac_pipeline.defs.sensors.discovery_sensor import account_discovery_sensor
from lac_pipeline.defs.sensors.freshness_sensor import freshness_sensor
from lac_pipeline.defs.sensors.housekeeping_sensor import housekeeping_sensor
from lac_pipeline.settings import Settings


def build_definitions(
    settings: Settings, *, warehouse: WarehouseResource | None = None, linkedin: LinkedInResource | None = None
) -> dg.Definitions:
    """Put assets, checks, sensors, schedules and resources together for these settings.

    Args:
        settings: what the person set.
        warehouse: where rows go, when it is not the one that the settings name as they are.
        linkedin: the server that returned it, when it is not LinkedIn.
    """
    store = warehouse or WarehouseResource()
    with warnings.catch_warnings():
        # Backfill policies and partition mappings have been in beta for years; the lock pins the version tried here.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return _definitions(settings, store, linkedin or LinkedInResource(warehouse=store))


def _definitions(settings: Settings, warehouse: WarehouseResource, linkedin: LinkedInResource) -> dg.Definitions:
    return dg.Definitions(
        assets=dg.with_source_code_references(
            [
                *stream_assets(settings),
                snapshot_asset(settings.streams),
                report_asset(),
            ]
        ),
        asset_checks=asset_checks(settings.streams),
        schedules=[*restatement_schedules(settings), daily_report],
        sensors=[freshness_sensor(settings), account_discovery_sensor, housekeeping_sensor, alert_sensor],
        resources={
            "warehouse": warehouse,
            "linkedin": linkedin,
            "io_manager": PostgresUpsertIOManager(warehouse=warehouse),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev`, the webserver, the daemon and the run workers load."""
    return build_definitions(Settings.load())
