"""Which accounts are refreshed in one run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.run_requests import MOST_ACCOUNT_DAYS
from lac_pipeline.defs.sensors.refreshes import InFlight, Refresh, refreshes_of
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.windows import DateWindow

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = date(2026, 10, 1)
REFRESHED = DateWindow.inclusive(date(2026, 11, 18), NOW.date())
NOTHING = InFlight(frozenset(), frozenset(), frozenset())
KNOWN = range(1, 21)
METRICS, ENTITIES = AssetGroup.METRICS, AssetGroup.ENTITIES


def stale(
    account: int, group: AssetGroup = METRICS, *, minutes: int = 300, failures: int = 0, new: bool = False
) -> Freshness:
    """An asset group that was synced so many minutes ago, or never."""
    synced_at = None if new else NOW - timedelta(minutes=minutes)
    reason = Reason(Cause.NEVER) if new else Reason(Cause.STALE, minutes)
    return Freshness(account, group, True, reason, synced_at, synced_at, synced_at, "success", failures)


def requested(
    ready: Collection[Freshness],
    *,
    most: int = 10,
    in_flight: InFlight = NOTHING,
    order: Collection[int] = range(1, 31),
    start: date = START,
) -> list[Refresh]:
    """The runs that are requested when so many accounts may share one."""
    settings = Settings(
        linkedin_client_id="id", linkedin_client_secret="secret", lac_start_date=start, lac_accounts_per_run=most
    )
    return refreshes_of(
        list(ready), in_flight, order=[str(account) for account in order], settings=settings, today=NOW.date()
    )


def accounts_in(refreshes: Collection[Refresh]) -> list[tuple[int, ...]]:
    """The accounts of each run."""
    return [refresh.accounts for refresh in refreshes]


@pytest.mark.parametrize(
    ("accounts", "runs"),
    [
        (0, []),
        (1, [(1,)]),
        (3, [(1, 2, 3)]),
        (10, [tuple(range(1, 11))]),
        (12, [tuple(range(1, 11)), (11, 12)]),
    ],
)
def test_neighbours_share_a_run(accounts: int, runs: list[tuple[int, ...]]) -> None:
    """Up to LAC_ACCOUNTS_PER_RUN accounts are refreshed in one, over the days of a refresh."""
    refreshes = requested([stale(account) for account in range(1, accounts + 1)])
    assert accounts_in(refreshes) == runs
    assert {refresh.window for refresh in refreshes} <= {REFRESHED}


def test_one_account_a_run_is_as_many_runs_the_longest_waiting_first() -> None:
    """With LAC_ACCOUNTS_PER_RUN=1 each account and asset group has its own run, in the order given."""
    ready = [stale(3, minutes=700), stale(1, ENTITIES), stale(1), stale(2, new=True)]
    assert accounts_in(requested(ready, most=1)) == [(3,), (1,), (1,), (2,)]


def test_the_longest_waiting_comes_first() -> None:
    """A run is as urgent as the account in it that has waited longest."""
    ready = [stale(20, minutes=700), stale(2, minutes=500), stale(19, minutes=400), stale(1)]
    assert accounts_in(requested(ready)) == [(19, 20), (1, 2)]


def test_accounts_are_neighbours_in_the_order_of_dagsters_partitions() -> None:
    """A run has a range of partitions, so a fresh account between two others, or one left out, parts them."""
    ready = [stale(account) for account in (1, 2, 4, 7)]
    assert accounts_in(requested(ready)) == [(1, 2), (4,), (7,)]
    assert accounts_in(requested(ready, order=[7, 2, 9, 4, 1])) == [(4, 1), (7, 2)]


def test_a_failing_account_has_a_run_of_its_own_and_a_new_one_shares_none_of_a_refresh() -> None:
    """A whole history, and what failed before, hold up and redden no other account's refresh."""
    ready = [stale(1, new=True), stale(2), stale(3, failures=1), stale(4), stale(5)]
    refreshes = requested(ready)
    assert accounts_in(refreshes) == [(1,), (2,), (3,), (4, 5)]
    assert [refresh.window == REFRESHED for refresh in refreshes] == [False, True, True, True]


def test_new_accounts_share_a_run_until_it_reads_a_thousand_days() -> None:
    """What a killed run has to read again stays bounded; entities have no days, and stay apart from a refresh."""
    days = (NOW.date() - START).days + 1
    most = MOST_ACCOUNT_DAYS // days
    new = range(1, most + 2)
    ready = [stale(account, new=True) for account in new]
    assert accounts_in(requested(ready, most=100)) == [tuple(new[:most]), tuple(new[most:])]
    ready = [stale(1, ENTITIES, new=True), stale(2, ENTITIES, new=True), stale(3, ENTITIES)]
    assert accounts_in(requested(ready)) == [(1, 2), (3,)]


def test_an_account_of_a_long_history_is_read_alone() -> None:
    """A first load of more than a thousand days is one account's, and never none's."""
    ready = [stale(account, new=True) for account in (1, 2)]
    assert accounts_in(requested(ready, start=NOW.date() - timedelta(days=1100))) == [(1,), (2,)]


def test_asset_groups_have_their_own_runs() -> None:
    """The same accounts are together in each, so that the queue lets one run wait for the other."""
    ready = [stale(account, group) for account in (1, 2) for group in (ENTITIES, METRICS)]
    assert [(refresh.group, refresh.accounts) for refresh in requested(ready)] == [
        (ENTITIES, (1, 2)),
        (METRICS, (1, 2)),
    ]


def test_runs_that_share_only_some_accounts_follow_one_another() -> None:
    """The queue could not let one wait for the other, so the second is left to a later tick."""
    ready = [*(stale(account, ENTITIES) for account in (1, 2, 3)), *(stale(account) for account in (3, 4, 9))]
    assert accounts_in(requested(ready)) == [(1, 2, 3), (9,)]


def test_an_account_in_a_run_with_others_gets_no_other_run_meanwhile() -> None:
    """What is stale of it is requested when that run is over."""
    busy = InFlight(frozenset(), frozenset(), frozenset({2, 3}))
    assert accounts_in(requested([stale(account) for account in (1, 2, 3, 4)], in_flight=busy)) == [(1,), (4,)]


def test_an_account_with_a_run_of_its_own_gets_the_next_alone() -> None:
    """The queue lets it wait, as both have the same tag; its neighbours do not have to."""
    busy = InFlight(frozenset(), frozenset({2}), frozenset())
    assert accounts_in(requested([stale(account) for account in (1, 2, 3, 4)], in_flight=busy)) == [(1,), (2,), (3, 4)]


def test_what_is_in_flight_is_read_from_the_tags() -> None:
    """A run with several accounts covers each of them; one that was never started covers none."""
    with dg.DagsterInstance.ephemeral() as instance:
        for tag, status in (
            ("1", dg.DagsterRunStatus.STARTING),
            ("2,3", dg.DagsterRunStatus.STARTED),
            ("4", dg.DagsterRunStatus.NOT_STARTED),
            ("5", dg.DagsterRunStatus.SUCCESS),
        ):
            tags = {"lac/account": tag, "lac/scope": "metrics"}
            instance.add_run(dg.DagsterRun(job_name="__ASSET_JOB", status=status, tags=tags))
        later = utc_now() + timedelta(minutes=6)
        found = InFlight.of(instance, ["1", "2", "3", "4", "5"], now=later)
    assert found == InFlight(
        covered=frozenset({(1, "metrics"), (2, "metrics"), (3, "metrics")}),
        alone=frozenset({1}),
        together=frozenset({2, 3}),
    )
