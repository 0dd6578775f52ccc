"""The freshness gate: which accounts are due for a sync, according to `stream_state`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from lac_pipeline.clock import Clock
from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.streams import AssetGroup, Catalogue, Partitioning, partitioning_of
from lac_pipeline.warehouse.query.freshness_query import GroupRow, assets_query, groups_query
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.query.usage import spent_quotas
from lac_pipeline.warehouse.schema.base import AHEAD, server_time
from lac_pipeline.warehouse.schema.operational_tables import LONG_AGO
from lac_pipeline.windows import DateWindow

_NO_TIME, _MINUTE = timedelta(0), timedelta(minutes=1)
FORCED, NEVER = Reason(Cause.FORCED), Reason(Cause.NEVER)
_PARTS_MISSING, _FUTURE = Reason(Cause.PARTS_MISSING), Reason(Cause.FUTURE)


class Freshness(NamedTuple):
    """How fresh one asset group of one account is.

    Attributes:
        account_id: ad account.
        group: what is synced together.
        due: whether it should be synced now.
        reason: why, or why not.
        synced_at: when the fetch began that the oldest of its assets was last brought up to date by, or that LinkedIn
            did not let the token make; None if never.
        stale_at: when it is too old; None if it was never synced.
        last_attempt_at: when the last attempt at any of its assets began, skipped ones not counted.
        last_status: how that attempt ended, or `running`.
        failures: how many attempts in a row failed since it was last synced.
        quota_spent: whether it is too old, and waits for LinkedIn's daily quota.
    """

    account_id: int
    group: AssetGroup
    due: bool
    reason: Reason
    synced_at: datetime | None
    stale_at: datetime | None
    last_attempt_at: datetime | None
    last_status: str | None
    failures: int
    quota_spent: bool = False

    @property
    def fresh(self) -> bool:
        """Whether it was synced within its TTL."""
        return not self.due and not self.quota_spent


class AssetSync(NamedTuple):
    """How one asset of an account stands by itself, whatever the others of its asset group do.

    Attributes:
        account_id: ad account.
        asset: its name and table.
        synced_at: when the fetch began that last brought it up to date; None if never.
        last_status: how the newest attempt ended, or `running`; skipped ones do not count.
    """

    account_id: int
    asset: str
    synced_at: datetime | None
    last_status: str | None


class FreshnessGate:
    """Decides who is synced: an account is fresh in a group when each of its assets was confirmed within the TTL.

    An attempt confirms an asset when it ended in `success` or `partial`; of metrics and demographics, when its window
    reached the UTC day on which it began: a backfill of last year does not make today fresh.

    Args:
        engine: as `make_engine` makes it.
        streams: what is loaded; a group of which nothing is has no freshness.
        ttl_minutes: how long entities and metrics stay fresh.
        demographics_ttl_minutes: how long demographics stay fresh.
        parts: what a load of each report is to read: metrics and pivots; a report whose newest load read less is due.
        clock: returns the time; PostgreSQL's own clock by default, by which attempts are stamped.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        streams: Catalogue,
        ttl_minutes: int,
        demographics_ttl_minutes: int,
        parts: Mapping[str, Sequence[str]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._engine = reading(engine)
        self._streams = streams
        daily, monthly = timedelta(minutes=ttl_minutes), timedelta(minutes=demographics_ttl_minutes)
        by_month = Partitioning.ACCOUNT_MONTH
        self._ttl = {group: monthly if partitioning_of(group) is by_month else daily for group in streams.groups}
        self._parts = parts or {}
        self._clock = clock

    def should_sync(
        self, account_id: int, group: AssetGroup, *, force: bool = False, window: DateWindow | None = None
    ) -> tuple[bool, Reason]:
        """Decide whether to sync, and why.

        Args:
            account_id: ad account.
            group: what is to be synced.
            force: sync whatever the state is.
            window: days that must have been covered too, according to `sync_log`; by default only today.

        Raises:
            StorageError: the query failed.
        """
        if force:
            return True, FORCED
        (state,) = self.states_over([account_id], group, window)
        return state.due, state.reason

    def states_over(self, account_ids: Iterable[int], group: AssetGroup, window: DateWindow | None) -> list[Freshness]:
        """Return the freshness of one asset group of these accounts; days of a window must have been covered too.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors(), self._engine.connect() as connection:
            return self._states(connection, list(account_ids), [group], window)

    def ttl(self, group: AssetGroup) -> timedelta:
        """How long the asset group stays fresh after a sync."""
        return self._ttl[group]

    def states(self, account_ids: Iterable[int]) -> list[Freshness]:
        """Return the freshness of every asset group of these accounts, in two queries however many there are.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors(), self._engine.connect() as connection:
            return self._states(connection, list(account_ids), self._streams.groups, None)

    def assets(self, account_ids: Iterable[int]) -> list[AssetSync]:
        """Return the freshness of each asset of these accounts that was ever tried.

        Raises:
            StorageError: the query failed.
        """
        with translating_errors(), self._engine.connect() as connection:
            query = assets_query(list(account_ids), latest=self._now(connection) + AHEAD)
            return [AssetSync._make(row) for row in connection.execute(query).all()]

    def _now(self, connection: Connection) -> datetime:
        return server_time(connection) if self._clock is None else self._clock()

    def _states(
        self,
        connection: Connection,
        account_ids: Sequence[int],
        groups: Sequence[AssetGroup],
        window: DateWindow | None,
    ) -> list[Freshness]:
        now = self._now(connection)
        quotas = spent_quotas(connection, at=now)
        by_name = sorted(groups)
        query = groups_query(account_ids, by_name, self._streams, window, self._parts, latest=now + AHEAD)
        rows = map(GroupRow._make, connection.execute(query).all())
        judges = [self._judge_of(group, quotas, now) for group in by_name]
        return [judges[row.place](row) for row in rows]

    def _judge_of(
        self, group: AssetGroup, quotas: Mapping[str, datetime], now: datetime
    ) -> Callable[[GroupRow], Freshness]:
        """What turns an asset group's rows into its freshness; made once for thousands of rows."""
        ttl = self._ttl[group]
        streams = self._streams.in_group(group)
        budgets = {stream.name for stream in streams if stream.report is not None and stream.report.one_by_one}
        endpoints = {stream.endpoint for stream in streams} | budgets
        spent = [until for endpoint, until in quotas.items() if endpoint in endpoints]
        waiting = Reason(Cause.QUOTA_SPENT, until=max(spent)) if spent else None

        def judge(row: GroupRow) -> Freshness:
            stale_at = None if row.synced_at is None else row.synced_at + ttl
            recent = stale_at is not None and now < stale_at
            fresh = recent and row.whole
            if row.synced_at is None:
                reason = waiting or NEVER
            elif fresh:
                reason = Reason(Cause.FRESH, max(now - row.synced_at, _NO_TIME) // _MINUTE)
            elif recent:
                reason = waiting or _PARTS_MISSING
            else:
                stale = Reason(Cause.STALE, max(now - row.synced_at, _NO_TIME) // _MINUTE)
                reason = waiting or (_FUTURE if row.synced_at == LONG_AGO else stale)
            due, quota_spent = not fresh and waiting is None, not fresh and waiting is not None
            return Freshness(
                row.account_id,
                group,
                due,
                reason,
                row.synced_at,
                stale_at,
                row.tried_at,
                row.status,
                row.failures,
                quota_spent,
            )

        return judge
