"""The freshness sensor: requests runs of what is stale, and of nothing else."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.checks.asset_checks import account_freshness, freshness_asset
from lac_pipeline.defs.checks.check_reports import evaluation
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.partitions import accounts_of, known_accounts
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.defs.run_requests import partitioned_days, run_request
from lac_pipeline.defs.run_tags import SCOPE
from lac_pipeline.defs.sensors.housekeeping_sensor import IN_FLIGHT
from lac_pipeline.settings import Settings
from lac_pipeline.streams import every_stream
from lac_pipeline.streams.sync_windows import has_days, reads_all_days, refresh_window
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.windows import DateWindow

INTERVAL_SECONDS = 60
MOST_A_TICK = 20
"""Requesting a run costs Dagster up to a second, and a tick must not outlast its interval."""

ZOMBIE_AFTER = timedelta(minutes=5)
"""A launch that went wrong leaves a run NOT_STARTED for ever; run monitoring fails started ones after three minutes."""

FIRST_BACKOFF = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(hours=4)


def freshness_sensor(settings: Settings) -> dg.SensorDefinition:
    """The sensor for these settings."""

    @dg.sensor(
        name="freshness_sensor",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        # As `target` they would have to share one partitions definition, or Dagster loads nothing.
        asset_selection=dg.AssetSelection.groups(*(group.value for group in settings.streams.groups)),
        description=f"Requests a run of every account and scope last synced more than {settings.freshness_ttl_minutes} "
        f"minutes ago (demographics: {settings.demographics_ttl_minutes}); of new accounts, over their whole history. "
        "A fresh account costs no call.",
    )
    def sensor(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SensorResult:
        states = warehouse.gate.states(configured_accounts(context.instance, settings))
        now = utc_now()
        in_flight = runs_in_flight(context.instance, now=now)
        ready, waiting = choose(states, in_flight=in_flight, now=now)
        requests = [
            run_request(state.account_id, state.group, window, streams=settings.streams)
            for state in ready[:MOST_A_TICK]
            for window in [window_of(state, settings, today=now.date())]
            if window is not None or not has_days(state.group)
        ]
        story = tick_summary(states, requested=len(requests), in_flight=len(in_flight), waiting=waiting, now=now)
        context.log.info(story)
        digest = digest_of(states)
        shown = account_freshness(states, asset=freshness_asset(settings.streams))
        events = [evaluation(shown)] if digest != context.cursor else []
        skip = None if requests else dg.SkipReason(story)
        return dg.SensorResult(run_requests=requests, skip_reason=skip, cursor=digest, asset_events=events)

    return sensor


def runs_in_flight(instance: dg.DagsterInstance, *, now: datetime) -> set[tuple[int, str]]:
    """The accounts and asset groups that a run is queued or running for, from any trigger."""
    records = instance.get_run_records(dg.RunsFilter(statuses=list(IN_FLIGHT)))
    known = known_accounts(instance)
    return {
        covered
        for record in records
        if record.dagster_run.status is not dg.DagsterRunStatus.NOT_STARTED
        or now - record.create_timestamp.astimezone(UTC) < ZOMBIE_AFTER
        for covered in covered_by(record.dagster_run, known)
    }


def covered_by(run: dg.DagsterRun, known: Sequence[str]) -> set[tuple[int, str]]:
    """The accounts and groups that a run is about; a run from the UI shows it only by its partitions and assets."""
    selected = {asset.path[-1] for asset in run.asset_selection or ()}
    by_assets = {stream.group for stream in every_stream() if stream.name in selected}
    groups = {run.tags[SCOPE]} if SCOPE in run.tags else by_assets
    return {(account_id, group) for account_id in accounts_of(run.tags, known) for group in groups}


def choose(
    states: Iterable[Freshness], *, in_flight: set[tuple[int, str]], now: datetime
) -> tuple[list[Freshness], int]:
    """The states to request runs for, the longest waiting first, and how many others wait after a failure."""
    due = [state for state in states if state.due and (state.account_id, state.group) not in in_flight]
    ready = [state for state in due if retry_at(state) <= now]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(ready, key=lambda state: (state.synced_at or oldest, state.account_id)), len(due) - len(ready)


def retry_at(state: Freshness) -> datetime:
    """When an asset group that keeps failing is tried again: after 5 minutes, then 10, 20, ... up to four hours."""
    if state.failures == 0 or state.last_attempt_at is None:
        return datetime.min.replace(tzinfo=UTC)
    return state.last_attempt_at + min(FIRST_BACKOFF * (1 << min(state.failures - 1, 10)), LONGEST_BACKOFF)


def window_of(state: Freshness, settings: Settings, *, today: date) -> DateWindow | None:
    """The days to read: the whole history of an account never synced, else those since `LAC_LOOKBACK_DAYS` before."""
    start = settings.start_date
    days = DateWindow.inclusive(min(start, today), today)
    if state.synced_at is not None and not reads_all_days(state.group):
        days = refresh_window(
            start=start, today=today, lookback_days=settings.lac_lookback_days, synced_on=state.synced_at.date()
        )
    return partitioned_days(state.group, days, settings=settings)


def tick_summary(states: Sequence[Freshness], *, requested: int, in_flight: int, waiting: int, now: datetime) -> str:
    """One line of what the tick found: counts, and when the next asset group is due."""
    if not states:
        return "no ad account is known yet; account_discovery_sensor adds them"
    spent = sum(state.quota_spent for state in states)
    fresh = sum(not state.due for state in states) - spent
    parts = [f"{fresh} fresh", f"{sum(state.due for state in states)} stale", f"{in_flight} in flight"]
    parts += [f"{waiting} waiting after a failure"] if waiting else []
    parts += [f"{spent} waiting for LinkedIn's daily quota, until 00:00 UTC"] if spent else []
    parts.append(f"{requested} requested")
    due_next = [state.stale_at for state in states if state.stale_at is not None and state.stale_at > now]
    story = ", ".join(parts) + (f"; next due {min(due_next):%Y-%m-%d %H:%M} UTC" if due_next else "")
    return f"freshness gate hit: {story}" if fresh and not requested else story


def digest_of(states: Iterable[Freshness]) -> str:
    """Changes when, and only when, what `account_freshness` shows changes."""
    stale = sorted(f"{state.account_id}/{state.group}" for state in states if state.due)
    return hashlib.blake2b("\n".join(stale).encode(), digest_size=8).hexdigest()
