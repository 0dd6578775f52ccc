"""Schedules: LinkedIn's numbers change for weeks after the day, so past days are read again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from lac_pipeline.assets.configured_accounts import configured_accounts
from lac_pipeline.partitions import range_tags
from lac_pipeline.run_tags import account_run
from lac_pipeline.scopes import ASSETS_OF, Scope, month_window, refresh_window
from lac_pipeline.settings import Settings
from lac_pipeline.windows import DateWindow

NIGHTLY_DAYS = 30
"""The default attribution window of clicks: most of what changes late changes within it."""


def restatement_schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """The nightly re-read of the last month and the weekly ones of `LAC_RESTATEMENT_DAYS`.

    A schedule's assets must share one partitions definition, or Dagster loads nothing; so each scope has its own.
    """
    attribution = "conversions are credited to the day of the ad for as long as the attribution window lasts"
    validation = "click validation and late conversions move the numbers of past days"
    weekly = settings.lac_restatement_days
    return [
        _restatement("nightly_restatement", "30 2 * * *", Scope.METRICS, NIGHTLY_DAYS, settings, why=validation),
        _restatement("weekly_restatement", "0 4 * * 0", Scope.METRICS, weekly, settings, why=attribution),
        _restatement("weekly_demographics", "0 5 * * 0", Scope.DEMOGRAPHICS, weekly, settings, why=attribution),
    ]


def _restatement(
    name: str, cron: str, scope: Scope, days: int, settings: Settings, *, why: str
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        cron_schedule=cron,
        execution_timezone="UTC",
        target=dg.AssetSelection.assets(*ASSETS_OF[scope]),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Reads the last {days} days of every account again: {why}.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        at = context.scheduled_execution_time
        today = at.date()
        days_again = refresh_window(start=settings.start_date, today=today, lookback_days=days)
        window = scope_window(scope, days_again, settings=settings)
        accounts = configured_accounts(context.instance, settings)
        if not accounts:
            yield dg.SkipReason("no ad account is known yet; account_discovery_sensor adds them")
        elif window is None:
            yield dg.SkipReason("LinkedIn keeps nothing of these days any more")
        else:
            for account in accounts:
                yield run_request(account, scope, window, run_key=tick_key(name, account, at=at))

    return schedule


def tick_key(schedule: str, account: int | str, *, at: datetime) -> str:
    """The run key of an account's run at a schedule's tick: a tick that is evaluated again launches nothing twice.

    Dagster refuses a tick of several runs, that is, of several accounts, without one in each.
    """
    return f"{schedule}/{account}/{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def scope_window(scope: Scope, days: DateWindow, *, settings: Settings) -> DateWindow | None:
    """What of these days the scope has partitions for: none for entities, whole months for demographics."""
    if scope is Scope.ENTITIES:
        return None
    return days if scope is Scope.METRICS else month_window(days, start=settings.start_date, today=days.last)


def run_request(account: int, scope: Scope, window: DateWindow | None, *, run_key: str | None = None) -> dg.RunRequest:
    """Ask for one run over the assets of the scope, one account, and the window's partitions.

    Args:
        account: ad account.
        scope: whose assets.
        window: UTC days, or the days of whole months; None for entities.
        run_key: what Dagster launches at most one run for; a sensor, which looks at the runs itself, gives none.
    """
    return dg.RunRequest(
        run_key=run_key,
        asset_selection=[dg.AssetKey(name) for name in ASSETS_OF[scope]],
        partition_key=str(account) if window is None else None,
        tags=account_run(account, scope, "scheduled") | range_tags(account, scope, window),
    )
