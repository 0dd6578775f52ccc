"""The freshness sensor: requests runs only for stale asset groups of accounts."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import dagster as dg

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.checks.asset_checks import account_freshness, freshness_asset, stale_accounts
from lac_pipeline.defs.checks.check_reports import evaluation
from lac_pipeline.defs.configured_accounts import configured_accounts
from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.resources import WAREHOUSE, WarehouseResource, warehouse_in
from lac_pipeline.defs.run_requests import run_request
from lac_pipeline.defs.sensors.refreshes import InFlight, Refresh, refreshes_of
from lac_pipeline.printable import counted
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import counting_groups
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.overview import Overview

INTERVAL_SECONDS = 60
MOST_A_TICK = 20
"""Requesting a run costs Dagster up to a second, and a tick must not outlast its interval."""

FIRST_BACKOFF = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(hours=4)

MOST_NAMED = 5
"""A tick's text names so many of the runs that it requests; the tick's page lists all of them."""


def freshness_sensor(settings: Settings, namespace: Namespace = ALONE) -> dg.SensorDefinition:
    """The sensor for these settings."""
    asset = freshness_asset(settings.streams, namespace)
    ttl, demographics_ttl = map(_span, (settings.freshness_ttl_minutes, settings.demographics_ttl_minutes))

    @dg.sensor(
        name=namespace.name("freshness_sensor"),
        required_resource_keys={namespace.resource(WAREHOUSE)},
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        # As `target` they would have to share one partitions definition, or Dagster loads nothing.
        asset_selection=dg.AssetSelection.assets(*namespace.keys(settings.streams.names)),
        description="Requests a run for every account and asset group that was last synced more than "
        f"{ttl} ago (demographics: {demographics_ttl}); for a new account, over its whole history. A fresh account "
        "costs no call. Up to "
        f"{settings.lac_accounts_per_run} accounts share a run (LAC_ACCOUNTS_PER_RUN), each with its own transaction "
        "and its own failure.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        warehouse = warehouse_in(context, namespace)
        states = warehouse.gate.states(configured_accounts(context.instance, settings, namespace))
        now = utc_now()
        order = namespace.known_accounts(context.instance)
        in_flight = InFlight.of(context.instance, order, namespace=namespace, now=now)
        ready, waiting = choose(states, in_flight=in_flight.covered, now=now)
        refreshes = refreshes_of(ready, in_flight, order=order, settings=settings, today=now.date())[:MOST_A_TICK]
        names = _names(warehouse, refreshes, waiting, states)
        request = partial(run_request, streams=settings.streams, names=names, namespace=namespace)
        requests = [request(refresh.accounts, refresh.group, refresh.window) for refresh in refreshes]
        counts = tick_summary(states, refreshes=refreshes, in_flight=len(in_flight.covered), waiting=waiting, now=now)
        story = "; ".join([counts, *named_parts(refreshes, waiting, names)])
        context.log.info(story)
        digest = digest_of(states)
        shown = account_freshness(states, asset=asset, names=names)
        events = [evaluation(shown)] if digest != context.cursor else []
        skip = None if requests else dg.SkipReason(story)
        return dg.SensorResult(run_requests=requests, skip_reason=skip, cursor=digest, asset_events=events)

    return sensor


def _span(minutes: int) -> str:
    """Write a time in the largest unit that it is a whole number of."""
    for length, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes % length == 0:
            return counted(minutes // length, unit)
    return counted(minutes, "minute")


def _names(
    warehouse: WarehouseResource,
    refreshes: Sequence[Refresh],
    waiting: Sequence[Freshness],
    states: Sequence[Freshness],
) -> AccountNames:
    """The names of the accounts that the tick is about, in one look-up; none where it is about none."""
    accounts = stale_accounts(states) | {account for refresh in refreshes for account in refresh.accounts}
    accounts |= {state.account_id for state in waiting[:MOST_NAMED]}
    return AccountNames(Overview(warehouse.warehouse.engine).names(accounts)) if accounts else NAMELESS


def choose(
    states: Iterable[Freshness], *, in_flight: Collection[tuple[int, str]], now: datetime
) -> tuple[list[Freshness], list[Freshness]]:
    """The states to request runs for, the longest waiting first, and those that wait after a failure.

    A group whose reports are requested for what another group counts comes after the first sync of that group: before
    it, there is nothing to request, and an empty load would stay fresh for days.
    """
    known = list(states)
    uncounted = {(state.account_id, state.group) for state in known if state.synced_at is None}
    due = [
        state
        for state in known
        if state.due
        and (state.account_id, state.group) not in in_flight
        and not any((state.account_id, group) in uncounted for group in counting_groups(state.group))
    ]
    ready = [state for state in due if retry_at(state) <= now]
    waiting = [state for state in due if retry_at(state) > now]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(ready, key=lambda state: (state.synced_at or oldest, state.account_id)), waiting


def retry_at(state: Freshness) -> datetime:
    """When an asset group that keeps failing is tried again: after 5 minutes, then 10, 20, ... up to four hours."""
    if state.failures == 0 or state.last_attempt_at is None:
        return datetime.min.replace(tzinfo=UTC)
    return state.last_attempt_at + min(FIRST_BACKOFF * (1 << min(state.failures - 1, 10)), LONGEST_BACKOFF)


def tick_summary(
    states: Sequence[Freshness],
    *,
    refreshes: Sequence[Refresh],
    in_flight: int,
    waiting: Sequence[Freshness],
    now: datetime,
) -> str:
    """One line of what the tick found, counted by account and asset group, and when the next one is due."""
    if not states:
        return "no ad account is known yet; account_discovery_sensor adds them"
    spent = sum(state.quota_spent for state in states)
    fresh = sum(not state.due for state in states) - spent
    parts = [f"{fresh} fresh", f"{sum(state.due for state in states)} stale", f"{in_flight} in flight"]
    parts += [f"{len(waiting)} waiting after a failure"] if waiting else []
    parts += [f"{spent} waiting for LinkedIn's daily quota, until 00:00 UTC"] if spent else []
    requested = sum(len(refresh.accounts) for refresh in refreshes)
    runs = f" in {counted(len(refreshes), 'run')}" if requested > len(refreshes) else ""
    parts.append(f"{requested} requested{runs}")
    due_next = [state.stale_at for state in states if state.stale_at is not None and state.stale_at > now]
    story = ", ".join(parts) + (f"; next due {min(due_next):%Y-%m-%d %H:%M} UTC" if due_next else "")
    return f"freshness gate hit: {story}" if fresh and not requested else story


def named_parts(refreshes: Sequence[Refresh], waiting: Sequence[Freshness], names: AccountNames) -> list[str]:
    """Which accounts runs are requested for, and which wait after a failure; the first of each, by name."""
    requested = [(refresh.group, refresh.accounts) for refresh in refreshes]
    failed = [(state.group, (state.account_id,)) for state in waiting]
    parts = [f"requested: {_named(requested, names)}"] if requested else []
    return parts + ([f"waiting after a failure: {_named(failed, names)}"] if failed else [])


def _named(about: Sequence[tuple[AssetGroup, Sequence[int]]], names: AccountNames) -> str:
    named = [f"{group} of {names.titles(accounts)}" for group, accounts in about[:MOST_NAMED]]
    more = len(about) - len(named)
    return "; ".join([*named, *([f"and {more} more"] if more else [])])


def digest_of(states: Iterable[Freshness]) -> str:
    """Changes when, and only when, what `account_freshness` shows changes."""
    stale = sorted(f"{state.account_id}/{state.group}" for state in states if state.due)
    return hashlib.blake2b("\n".join(stale).encode(), digest_size=8).hexdigest()
