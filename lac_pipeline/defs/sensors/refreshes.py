"""Which accounts are refreshed in one run: neighbours without another run that is queued or running."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg
from msgspec import Struct

from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.partitions import accounts_of, neighbours
from lac_pipeline.defs.run_requests import most_accounts, partitioned_days
from lac_pipeline.defs.run_tags import SCOPE, tagged_accounts
from lac_pipeline.defs.sensors.housekeeping_sensor import IN_FLIGHT
from lac_pipeline.defs.sensors.own_runs import is_own
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, every_stream
from lac_pipeline.streams.sync_windows import has_days, reads_all_days, refresh_window
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.windows import DateWindow

ZOMBIE_AFTER = timedelta(minutes=5)
"""A launch that went wrong leaves a run NOT_STARTED for ever; run monitoring fails started ones after three minutes."""


class InFlight(Struct, frozen=True):
    """What is queued or running, from any trigger.

    Attributes:
        covered: the accounts and asset groups that it is about.
        alone: the accounts that have a run of their own, which the queue lets wait for another such run.
        together: the accounts that have a run with others, which the queue cannot let wait for one of their own.
    """

    covered: frozenset[tuple[int, str]]
    alone: frozenset[int]
    together: frozenset[int]

    @classmethod
    def of(
        cls, instance: dg.DagsterInstance, known: Sequence[str], *, now: datetime, namespace: Namespace = ALONE
    ) -> InFlight:
        """Look at the runs that are not over."""
        runs = [
            record.dagster_run
            for record in instance.get_run_records(dg.RunsFilter(statuses=list(IN_FLIGHT)))
            if record.dagster_run.status is not dg.DagsterRunStatus.NOT_STARTED
            or now - record.create_timestamp.astimezone(UTC) < ZOMBIE_AFTER
        ]
        runs = [run for run in runs if is_own(run, namespace)]
        tagged = [tagged_accounts(run.tags) for run in runs]
        return cls(
            frozenset(covered for run in runs for covered in covered_by(run, known, namespace)),
            frozenset(account for accounts in tagged if len(accounts) == 1 for account in accounts),
            frozenset(account for accounts in tagged if len(accounts) > 1 for account in accounts),
        )


def covered_by(run: dg.DagsterRun, known: Sequence[str], namespace: Namespace) -> set[tuple[int, str]]:
    """The accounts and groups that a run is about; a run from the UI shows it only by its partitions and assets."""
    selected = namespace.assets_of(run)
    by_assets = {stream.group for stream in every_stream() if stream.name in selected}
    groups = {run.tags[SCOPE]} if SCOPE in run.tags else by_assets
    return {(account_id, group) for account_id in accounts_of(run.tags, known) for group in groups}


class Refresh(Struct, frozen=True):
    """A run to request: an asset group of some accounts, over the same days."""

    accounts: tuple[int, ...]
    group: AssetGroup
    window: DateWindow | None


def refreshes_of(
    ready: Sequence[Freshness], in_flight: InFlight, *, order: Sequence[str], settings: Settings, today: date
) -> list[Refresh]:
    """The runs to request, the longest waiting first.

    Accounts share a run where they are neighbours in Dagster's order, as a run has a range of partitions, and are read
    over the same days, accounts that were never synced among themselves. An account that failed, or that has a run of
    its own under way, gets a run of its own. No account is in two runs of different accounts, for the queue could not
    let one wait for the other: the second is requested by a later tick.

    Args:
        ready: what is stale, the longest waiting first.
        in_flight: what is queued or running.
        order: all accounts, in the order of Dagster's partitions.
        settings: how many share a run, and the days.
        today: the UTC day.
    """
    shared = defaultdict[tuple[AssetGroup, DateWindow | None, bool], list[int]](list)
    rank: dict[tuple[int, AssetGroup], int] = {}
    refreshes: list[Refresh] = []
    for state in ready:
        window = window_of(state, settings, today=today)
        if state.account_id in in_flight.together or (window is None and has_days(state.group)):
            continue
        rank[state.account_id, state.group] = len(rank)
        if state.failures or state.account_id in in_flight.alone:
            refreshes.append(Refresh((state.account_id,), state.group, window))
        else:
            shared[state.group, window, state.synced_at is None].append(state.account_id)
    for (group, window, _), accounts in shared.items():
        shares = neighbours(accounts, order, most=most_accounts(window, settings))
        refreshes += [Refresh(each, group, window) for each in shares]
    refreshes.sort(key=lambda refresh: min(rank[account, refresh.group] for account in refresh.accounts))
    return list(_apart(refreshes))


def _apart(refreshes: Sequence[Refresh]) -> Iterator[Refresh]:
    """Leave out what shares some accounts with an earlier run, but not all."""
    run_of: dict[int, tuple[int, ...]] = {}
    for refresh in refreshes:
        if all(run_of.get(account, refresh.accounts) == refresh.accounts for account in refresh.accounts):
            run_of |= dict.fromkeys(refresh.accounts, refresh.accounts)
            yield refresh


def window_of(state: Freshness, settings: Settings, *, today: date) -> DateWindow | None:
    """The days to read: the whole history of an account never synced, else those since `LAC_LOOKBACK_DAYS` before."""
    start = settings.start_date
    days = DateWindow.inclusive(min(start, today), today)
    if state.synced_at is not None and not reads_all_days(state.group):
        days = refresh_window(
            start=start, today=today, lookback_days=settings.lac_lookback_days, synced_on=state.synced_at.date()
        )
    return partitioned_days(state.group, days, settings=settings)
