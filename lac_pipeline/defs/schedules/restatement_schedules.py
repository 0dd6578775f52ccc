"""Schedules: LinkedIn's numbers change for weeks after the day, so past days are read again."""

from collections.abc import Iterator

import dagster as dg

from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.run_requests import partitioned_days, run_request, tick_key
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import refresh_window

NIGHTLY_DAYS = 30
"""The default attribution window of clicks: most of what changes late changes within it."""


def restatement_schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """The nightly re-reads of the last month and the weekly ones of `LAC_RESTATEMENT_DAYS`.

    A schedule's assets must share one partitions definition, or Dagster loads nothing; so each asset group has its own.
    """
    attribution = "conversions are credited to the day of the ad for as long as the attribution window lasts"
    validation = "click validation and late conversions move the numbers of past days"
    weekly = settings.lac_restatement_days
    schedules = [
        _restatement("nightly_restatement", "30 2 * * *", AssetGroup.METRICS, NIGHTLY_DAYS, settings, why=validation),
        _restatement("weekly_restatement", "0 4 * * 0", AssetGroup.METRICS, weekly, settings, why=attribution),
        _restatement("weekly_demographics", "0 5 * * 0", AssetGroup.DEMOGRAPHICS, weekly, settings, why=attribution),
        _restatement("nightly_reports", "40 2 * * *", AssetGroup.REPORTS, NIGHTLY_DAYS, settings, why=validation),
        _restatement("weekly_reports", "30 4 * * 0", AssetGroup.REPORTS, weekly, settings, why=attribution),
        _restatement("weekly_months", "30 5 * * 0", AssetGroup.MONTHLY_REPORTS, weekly, settings, why=attribution),
    ]
    return [schedule for schedule in schedules if schedule is not None]


def _restatement(
    name: str, cron: str, group: AssetGroup, days: int, settings: Settings, *, why: str
) -> dg.ScheduleDefinition | None:
    """The schedule, if anything of the group is loaded."""
    assets = settings.streams.names_in(group)
    if not assets:
        return None

    @dg.schedule(
        name=name,
        cron_schedule=cron,
        execution_timezone="UTC",
        target=dg.AssetSelection.assets(*assets),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Reads the last {days} days of every account again: {why}.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        at = context.scheduled_execution_time
        today = at.date()
        days_again = refresh_window(start=settings.start_date, today=today, lookback_days=days)
        window = partitioned_days(group, days_again, settings=settings)
        accounts = configured_accounts(context.instance, settings)
        if not accounts:
            yield dg.SkipReason("no ad account is known yet; account_discovery_sensor adds them")
        elif window is None:
            yield dg.SkipReason("LinkedIn keeps nothing of these days any more")
        else:
            for account in accounts:
                key = tick_key(name, account, at=at)
                yield run_request([account], group, window, streams=settings.streams, run_key=key)

    return schedule
