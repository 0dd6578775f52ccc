"""Schedules: LinkedIn's numbers change for weeks after the day, so past days are read again."""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.resources import WAREHOUSE, warehouse_in
from lac_pipeline.defs.run_requests import partitioned_days, run_request, tick_key
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import refresh_window
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.overview import Overview

NIGHTLY_DAYS = 30
"""The default attribution window of clicks: most of what changes late changes within it."""


def restatement_schedules(settings: Settings, namespace: Namespace = ALONE) -> list[dg.ScheduleDefinition]:
    """The nightly re-reads of the last month and the weekly ones of `LAC_RESTATEMENT_DAYS`.

    A schedule's assets must share one partitions definition, or Dagster loads nothing; so each asset group has its own.
    """
    attribution = "conversions are credited to the day of the ad for as long as the attribution window lasts"
    validation = "click validation and late conversions move the numbers of past days"
    weekly = settings.lac_restatement_days
    schedule = partial(_restatement, settings, namespace)
    schedules = [
        schedule("nightly_restatement", AssetGroup.METRICS, cron="30 2 * * *", days=NIGHTLY_DAYS, why=validation),
        schedule("weekly_restatement", AssetGroup.METRICS, cron="0 4 * * 0", days=weekly, why=attribution),
        schedule("weekly_demographics", AssetGroup.DEMOGRAPHICS, cron="0 5 * * 0", days=weekly, why=attribution),
        schedule("nightly_reports", AssetGroup.REPORTS, cron="40 2 * * *", days=NIGHTLY_DAYS, why=validation),
        schedule("weekly_reports", AssetGroup.REPORTS, cron="30 4 * * 0", days=weekly, why=attribution),
        schedule("weekly_months", AssetGroup.MONTHLY_REPORTS, cron="30 5 * * 0", days=weekly, why=attribution),
    ]
    return [each for each in schedules if each is not None]


def _restatement(
    settings: Settings,
    namespace: Namespace,
    name: str,
    group: AssetGroup,
    *,
    cron: str,
    days: int,
    why: str,
) -> dg.ScheduleDefinition | None:
    """The schedule, if anything of the group is loaded."""
    assets = settings.streams.names_in(group)
    if not assets:
        return None

    @dg.schedule(
        name=namespace.name(name),
        cron_schedule=cron,
        execution_timezone="UTC",
        target=dg.AssetSelection.assets(*namespace.keys(assets)),
        required_resource_keys={namespace.resource(WAREHOUSE)},
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Reads the last {days} days of every account again: {why}.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        at = context.scheduled_execution_time
        today = at.date()
        days_again = refresh_window(start=settings.start_date, today=today, lookback_days=days)
        window = partitioned_days(group, days_again, settings=settings)
        accounts = configured_accounts(context.instance, settings, namespace)
        if not accounts:
            yield dg.SkipReason("no ad account is known yet; account_discovery_sensor adds them")
        elif window is None:
            yield dg.SkipReason("LinkedIn keeps nothing of these days any more")
        else:
            names = AccountNames(Overview(warehouse_in(context, namespace).warehouse.engine).names(accounts))
            request = partial(run_request, streams=settings.streams, names=names, namespace=namespace)
            for account in accounts:
                key = tick_key(namespace.name(name), account, at=at)
                yield request([account], group, window, run_key=key)

    return schedule
