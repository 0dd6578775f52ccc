"""The freshness gate: which accounts are due for a sync, told from `sync_log` alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Select,
    Text,
    and_,
    case,
    column,
    desc,
    func,
    literal,
    or_,
    select,
    true,
    values,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.storage.base import Clock, utc_now
from lac_pipeline.storage.engine import translating_errors
from lac_pipeline.storage.ledgers import CONFIRMED, SyncLog
from lac_pipeline.storage.usage import spent_quotas
from lac_pipeline.windows import DateWindow

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FORCED = "on_demand_force_refresh"
NEVER = "no_prior_sync"
ENDPOINTS_OF: dict[Scope, frozenset[str]] = {
    Scope.ENTITIES: frozenset({"adAccounts", "adCampaignGroups", "adCampaigns", "creatives"}),
    Scope.METRICS: frozenset({"adAnalytics"}),
    Scope.DEMOGRAPHICS: frozenset({"adAnalytics"}),
}
"""The endpoints without whose quota a scope cannot be synced."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh one scope of one account is.

    Attributes:
        account_id: ad account.
        scope: what is synced together.
        due: whether it should be synced now.
        reason: why, or why not: `no_prior_sync`, `data_stale_312min`, `data_fresh_37min`,
            `daily_quota_spent_until_00:00Z`.
        synced_at: when the fetch began that the oldest of its assets was last brought up to date by; None if never.
        stale_at: when it is too old; None if it was never synced.
        last_attempt_at: when the last attempt at any of its assets began, skipped ones not counted.
        last_status: how that attempt ended, or `running`.
        failures: how many attempts in a row failed since it was last synced.
    """

    account_id: int
    scope: Scope
    due: bool
    reason: str
    synced_at: datetime | None
    stale_at: datetime | None
    last_attempt_at: datetime | None
    last_status: str | None
    failures: int


class FreshnessGate:
    """Decides who is synced: an account is fresh in a scope when each of its assets was confirmed within the TTL.

    An attempt confirms an asset when it ended in `success` or `partial`; of metrics and demographics, when its window
    reached the UTC day on which it began: a backfill of last year does not make today fresh.

    Args:
        engine: as `make_engine` makes it.
        ttl_minutes: how long entities and metrics stay fresh.
        demographics_ttl_minutes: how long demographics stay fresh.
        clock: tells the time.
    """

    def __init__(
        self, engine: Engine, *, ttl_minutes: int, demographics_ttl_minutes: int, clock: Clock = utc_now
    ) -> None:
        self._engine = engine
        daily, monthly = timedelta(minutes=ttl_minutes), timedelta(minutes=demographics_ttl_minutes)
        self._ttl = {Scope.ENTITIES: daily, Scope.METRICS: daily, Scope.DEMOGRAPHICS: monthly}
        self._clock = clock

    def should_sync(
        self, account_id: int, scope: Scope, *, force: bool = False, window: DateWindow | None = None
    ) -> tuple[bool, str]:
        """Say whether to sync, and why.

        Args:
            account_id: ad account.
            scope: what is to be synced.
            force: sync whatever the log says.
            window: days that must have been covered too; by default only today.

        Raises:
            StorageError: PostgreSQL cannot answer.
        """
        if force:
            return True, FORCED
        with translating_errors(), self._engine.connect() as connection:
            state = self._states(connection, [account_id], [scope], window)[0]
        return state.due, state.reason

    def states(self, account_ids: Iterable[int]) -> list[Freshness]:
        """Tell the freshness of every scope of these accounts, in two queries however many there are.

        Raises:
            StorageError: PostgreSQL cannot answer.
        """
        with translating_errors(), self._engine.connect() as connection:
            return self._states(connection, list(account_ids), list(Scope), None)

    def overdue(self, account_ids: Iterable[int]) -> list[Freshness]:
        """Tell which scopes of these accounts are due, the never synced first, then the oldest.

        Raises:
            StorageError: PostgreSQL cannot answer.
        """
        due = [state for state in self.states(account_ids) if state.due]
        return sorted(due, key=lambda state: (state.synced_at is not None, state.synced_at or 0, state.account_id))

    def _states(
        self, connection: Connection, account_ids: Sequence[int], scopes: Sequence[Scope], window: DateWindow | None
    ) -> list[Freshness]:
        now, quotas = self._clock(), spent_quotas(connection, at=self._clock())
        # The planner overrates thousands of index look-ups, and would compile them for longer than they take.
        connection.execute(select(func.set_config("jit", "off", True)))
        return [
            self._freshness(Scope(scope), account_id, synced_at, rest, now=now, quotas=quotas)
            for account_id, scope, synced_at, *rest in connection.execute(_query(account_ids, scopes, window))
        ]

    def _freshness(
        self,
        scope: Scope,
        account_id: int,
        synced_at: datetime | None,
        rest: list[Any],
        *,
        now: datetime,
        quotas: dict[str, datetime],
    ) -> Freshness:
        due, reason = self._judge(scope, synced_at, quotas, now)
        stale_at = None if synced_at is None else synced_at + self._ttl[scope]
        return Freshness(account_id, scope, due, reason, synced_at, stale_at, *rest)

    def _judge(
        self, scope: Scope, synced_at: datetime | None, quotas: dict[str, datetime], now: datetime
    ) -> tuple[bool, str]:
        age = None if synced_at is None else max(now - synced_at, timedelta(0))
        minutes = None if age is None else int(age.total_seconds() // 60)
        if age is not None and age < self._ttl[scope]:
            return False, f"data_fresh_{minutes}min"
        spent = [until for endpoint, until in quotas.items() if endpoint in ENDPOINTS_OF[scope]]
        if spent:
            return False, f"daily_quota_spent_until_{max(spent):%H:%M}Z"
        return True, NEVER if minutes is None else f"data_stale_{minutes}min"


def _query(account_ids: Sequence[int], scopes: Sequence[Scope], window: DateWindow | None) -> Select[Any]:
    accounts = func.unnest(literal(account_ids, ARRAY(BigInteger))).table_valued("account_id").render_derived()
    assets = values(column("scope", Text), column("asset", Text), name="assets").data(
        [(scope.value, asset) for scope in scopes for asset in ASSETS_OF[scope]]
    )
    mine = and_(SyncLog.account_id == accounts.c.account_id, SyncLog.asset == assets.c.asset)
    confirmed = _confirmed(mine, window)
    since = _since(mine, confirmed.c.started_at)
    newest_first = aggregate_order_by(since.c.last_status, since.c.last_attempt_at.desc().nulls_last())
    return (
        select(
            accounts.c.account_id,
            assets.c.scope,
            case((func.count(confirmed.c.started_at) == func.count(), func.min(confirmed.c.started_at))),
            func.max(since.c.last_attempt_at),
            func.array_agg(newest_first, type_=ARRAY(Text))[1],
            func.max(since.c.failures),
        )
        .select_from(accounts)
        .join(assets, true())
        .outerjoin(confirmed, true())
        .outerjoin(since, true())
        .group_by(accounts.c.account_id, assets.c.scope)
        .order_by(accounts.c.account_id, assets.c.scope)
    )


def _confirmed(mine: ColumnElement[bool], window: DateWindow | None) -> LateralFromClause:
    began = sql_cast(func.timezone("UTC", SyncLog.started_at), Date)
    reaches = SyncLog.partition_end > began
    if window is not None:
        reaches = and_(SyncLog.partition_start <= window.start, or_(reaches, SyncLog.partition_end >= window.end))
    return (
        select(SyncLog.started_at)
        .where(mine, SyncLog.status.in_(CONFIRMED), or_(SyncLog.partition_end.is_(None), reaches))
        .order_by(SyncLog.started_at.desc())
        .limit(1)
        .lateral("confirmed")
    )


def _since(mine: ColumnElement[bool], synced_at: ColumnElement[datetime]) -> LateralFromClause:
    newest_first = aggregate_order_by(SyncLog.status, desc(SyncLog.started_at))
    from_then_on = SyncLog.started_at >= func.coalesce(synced_at, _LONG_AGO)
    return (
        select(
            func.max(SyncLog.started_at).label("last_attempt_at"),
            func.array_agg(newest_first, type_=ARRAY(Text))[1].label("last_status"),
            func.count().filter(SyncLog.status == "failed").label("failures"),
        )
        .where(mine, SyncLog.status != "skipped", from_then_on)
        .lateral("since")
    )
