"""The freshness gate: which accounts are due for a sync, told from `sync_log` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

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
    func,
    literal,
    not_,
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
from lac_pipeline.storage.ledgers import CONFIRMED, UNCONFIRMED, SyncLog
from lac_pipeline.storage.tables import table_of
from lac_pipeline.storage.usage import spent_quotas
from lac_pipeline.windows import DateWindow

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NO_TIME, _MINUTE = timedelta(0), timedelta(minutes=1)
FORCED = "on_demand_force_refresh"
NEVER = "no_prior_sync"
ENDPOINTS_OF: dict[Scope, frozenset[str]] = {
    Scope.ENTITIES: frozenset({"adAccounts", "adCampaignGroups", "adCampaigns", "creatives"}),
    Scope.METRICS: frozenset({"adAnalytics"}),
    Scope.DEMOGRAPHICS: frozenset({"adAnalytics"}),
}
"""The endpoints without whose quota a scope cannot be synced."""


class Freshness(NamedTuple):
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

    def _states(
        self, connection: Connection, account_ids: Sequence[int], scopes: Sequence[Scope], window: DateWindow | None
    ) -> list[Freshness]:
        now = self._clock()
        quotas = spent_quotas(connection, at=now)
        # The planner overrates thousands of index look-ups, and would compile them for longer than they take.
        connection.execute(select(func.set_config("jit", "off", True)))
        rows = connection.execute(_query(account_ids, scopes, window)).all()
        judges = {scope.value: self._judge_of(scope, quotas, now) for scope in scopes}
        return [judges[scope](account_id, synced_at, *rest) for account_id, scope, synced_at, *rest in rows]

    def _judge_of(self, scope: Scope, quotas: Mapping[str, datetime], now: datetime) -> Callable[..., Freshness]:
        """What turns a scope's rows into its freshness; made once for thousands of rows."""
        ttl = self._ttl[scope]
        spent = [until for endpoint, until in quotas.items() if endpoint in ENDPOINTS_OF[scope]]
        waiting = f"daily_quota_spent_until_{max(spent):%H:%M}Z" if spent else None

        def judge(account_id: int, synced_at: datetime | None, *rest: Any) -> Freshness:  # noqa: ANN401 - as they come
            if synced_at is None:
                return Freshness(account_id, scope, waiting is None, waiting or NEVER, None, None, *rest)
            minutes = max(now - synced_at, _NO_TIME) // _MINUTE
            stale_at = synced_at + ttl
            if now < stale_at:
                return Freshness(account_id, scope, False, f"data_fresh_{minutes}min", synced_at, stale_at, *rest)
            reason = waiting or f"data_stale_{minutes}min"
            return Freshness(account_id, scope, waiting is None, reason, synced_at, stale_at, *rest)

        return judge


def _query(account_ids: Sequence[int], scopes: Sequence[Scope], window: DateWindow | None) -> Select[Any]:
    accounts = func.unnest(literal(account_ids, ARRAY(BigInteger))).table_valued("account_id").render_derived()
    assets = values(column("scope", Text), column("asset", Text), name="assets").data(
        [(scope.value, asset) for scope in scopes for asset in ASSETS_OF[scope]]
    )
    of = (accounts.c.account_id, assets.c.asset)
    newest = _newest(_Log("newest", *of), window)
    earlier = _earlier(_Log("earlier", *of), newest, window)
    synced_at = case((newest.c.reaches, newest.c.started_at), else_=earlier.c.started_at)
    unconfirmed = _unconfirmed(_Log("unconfirmed", *of), synced_at)
    last_at = func.greatest(newest.c.started_at, unconfirmed.c.failed_at, unconfirmed.c.running_at)
    last_status = case(
        (last_at == unconfirmed.c.running_at, "running"),
        (last_at == unconfirmed.c.failed_at, "failed"),
        else_=newest.c.status,
    )
    newest_first = aggregate_order_by(last_status, last_at.desc().nulls_last())
    return (
        select(
            accounts.c.account_id,
            assets.c.scope,
            case((func.count(synced_at) == func.count(), func.min(synced_at))),
            func.max(last_at),
            func.array_agg(newest_first, type_=ARRAY(Text))[1],
            func.max(unconfirmed.c.failures),
        )
        .select_from(accounts)
        .join(assets, true())
        .outerjoin(newest, true())
        .outerjoin(earlier, true())
        .outerjoin(unconfirmed, true())
        .group_by(accounts.c.account_id, assets.c.scope)
        .order_by(accounts.c.account_id, assets.c.scope)
    )


class _Log:
    """`sync_log` under a name of its own, as one account's and asset's rows; each is found in one index alone."""

    def __init__(self, name: str, account_id: ColumnElement[int], asset: ColumnElement[str]) -> None:
        self.c = table_of(SyncLog).alias(name).c
        self.mine = and_(self.c.account_id == account_id, self.c.asset == asset)
        self.confirmed = and_(self.mine, self.c.status.in_(CONFIRMED))

    def reaches(self, window: DateWindow | None) -> ColumnElement[bool]:
        began = sql_cast(func.timezone("UTC", self.c.started_at), Date)
        reaches = self.c.partition_end > began
        if window is not None:
            reaches = and_(self.c.partition_start <= window.start, or_(reaches, self.c.partition_end >= window.end))
        return or_(self.c.partition_end.is_(None), reaches)


def _newest(log: _Log, window: DateWindow | None) -> LateralFromClause:
    columns = (log.c.started_at, log.c.status, log.reaches(window).label("reaches"))
    return select(*columns).where(log.confirmed).order_by(log.c.started_at.desc()).limit(1).lateral("newest")


def _earlier(log: _Log, newest: LateralFromClause, window: DateWindow | None) -> LateralFromClause:
    # The first condition spares the look-up of every asset whose newest attempt will do, as nearly all do.
    wanted = and_(not_(newest.c.reaches), log.confirmed, log.reaches(window))
    return select(log.c.started_at).where(wanted).order_by(log.c.started_at.desc()).limit(1).lateral("earlier")


def _unconfirmed(log: _Log, synced_at: ColumnElement[datetime | None]) -> LateralFromClause:
    failed, running = log.c.status == "failed", log.c.status == "running"
    return (
        select(
            func.max(log.c.started_at).filter(failed).label("failed_at"),
            func.max(log.c.started_at).filter(running).label("running_at"),
            func.count().filter(failed).label("failures"),
        )
        .where(log.mine, log.c.status.in_(UNCONFIRMED), log.c.started_at >= func.coalesce(synced_at, _LONG_AGO))
        .lateral("unconfirmed")
    )
