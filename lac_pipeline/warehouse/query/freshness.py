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
    DateTime,
    Engine,
    Select,
    Text,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import Subquery

from lac_pipeline.clock import Clock
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams import AssetGroup, streams_in
from lac_pipeline.streams.sync_windows import ASSETS_OF, Scope
from lac_pipeline.warehouse.query.usage import spent_quotas
from lac_pipeline.warehouse.schema.base import AHEAD, server_time
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, SyncLog
from lac_pipeline.warehouse.schema.tables import table_of
from lac_pipeline.windows import DateWindow

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NO_TIME, _MINUTE = timedelta(0), timedelta(minutes=1)
FORCED = "on_demand_force_refresh"
NEVER = "no_prior_sync"
FUTURE = "synced_in_the_future"
"""All that is known of its syncs was stamped by a clock that ran ahead, so their age is unknown."""
ENDPOINTS_OF = {group: frozenset(stream.endpoint for stream in streams_in(group)) for group in AssetGroup}
"""The endpoints without whose quota an asset group cannot be synced."""


class Freshness(NamedTuple):
    """How fresh one scope of one account is.

    Attributes:
        account_id: ad account.
        scope: what is synced together.
        due: whether it should be synced now.
        reason: why, or why not: `no_prior_sync`, `data_stale_312min`, `data_fresh_37min`,
            `daily_quota_spent_until_00:00Z`, `synced_in_the_future`.
        synced_at: when the fetch began that the oldest of its assets was last brought up to date by; None if never.
        stale_at: when it is too old; None if it was never synced.
        last_attempt_at: when the last attempt at any of its assets began, skipped ones not counted.
        last_status: how that attempt ended, or `running`.
        failures: how many attempts in a row failed since it was last synced.
        quota_spent: whether it is too old, and waits for LinkedIn's daily quota.
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
    quota_spent: bool = False

    @property
    def fresh(self) -> bool:
        """Whether it was synced within its TTL."""
        return not self.due and not self.quota_spent


class AssetSync(NamedTuple):
    """How one asset of an account stands by itself, whatever the others of its scope do.

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
    """Decides who is synced: an account is fresh in a scope when each of its assets was confirmed within the TTL.

    An attempt confirms an asset when it ended in `success` or `partial`; of metrics and demographics, when its window
    reached the UTC day on which it began: a backfill of last year does not make today fresh.

    Args:
        engine: as `make_engine` makes it.
        ttl_minutes: how long entities and metrics stay fresh.
        demographics_ttl_minutes: how long demographics stay fresh.
        clock: tells the time; PostgreSQL's own clock by default, by which attempts are stamped.
    """

    def __init__(
        self, engine: Engine, *, ttl_minutes: int, demographics_ttl_minutes: int, clock: Clock | None = None
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

    def assets(self, account_ids: Iterable[int]) -> list[AssetSync]:
        """Tell how each asset of these accounts that was ever tried stands by itself.

        Raises:
            StorageError: PostgreSQL cannot answer.
        """
        names = [asset for scope in Scope for asset in ASSETS_OF[scope]]
        with translating_errors(), self._engine.connect() as connection:
            log = _attempts(list(account_ids), names, None, latest=self._now(connection) + AHEAD)
            status = _last_status(log, func.greatest(log.c.confirmed_at, log.c.failed_at, log.c.running_at))
            query = select(log.c.account_id, log.c.asset, log.c.synced_at, status)
            return [AssetSync(*row) for row in connection.execute(query)]

    def _now(self, connection: Connection) -> datetime:
        return server_time(connection) if self._clock is None else self._clock()

    def _states(
        self, connection: Connection, account_ids: Sequence[int], scopes: Sequence[Scope], window: DateWindow | None
    ) -> list[Freshness]:
        now = self._now(connection)
        quotas = spent_quotas(connection, at=now)
        rows = connection.execute(_query(account_ids, scopes, window, latest=now + AHEAD)).all()
        judges = {scope.value: self._judge_of(scope, quotas, now) for scope in scopes}
        return [judges[scope](account_id, synced_at, *rest) for account_id, scope, synced_at, *rest in rows]

    def _judge_of(self, scope: Scope, quotas: Mapping[str, datetime], now: datetime) -> Callable[..., Freshness]:
        """What turns a scope's rows into its freshness; made once for thousands of rows."""
        ttl = self._ttl[scope]
        spent = [until for endpoint, until in quotas.items() if endpoint in ENDPOINTS_OF[scope]]
        waiting = f"daily_quota_spent_until_{max(spent):%H:%M}Z" if spent else None

        def judge(
            account_id: int, synced_at: datetime | None, tried_at: datetime | None, status: str | None, failures: int
        ) -> Freshness:
            stale_at = None if synced_at is None else synced_at + ttl
            fresh = stale_at is not None and now < stale_at
            if synced_at is None:
                reason = waiting or NEVER
            elif fresh:
                reason = f"data_fresh_{max(now - synced_at, _NO_TIME) // _MINUTE}min"
            else:
                age = f"data_stale_{max(now - synced_at, _NO_TIME) // _MINUTE}min"
                reason = waiting or (FUTURE if synced_at == _LONG_AGO else age)
            due, quota_spent = not fresh and waiting is None, not fresh and waiting is not None
            return Freshness(
                account_id, scope, due, reason, synced_at, stale_at, tried_at, status, failures, quota_spent
            )

        return judge


def _query(
    account_ids: Sequence[int], scopes: Sequence[Scope], window: DateWindow | None, *, latest: datetime
) -> Select[Any]:
    """One row per account and scope; the arguments are bound as arrays, so that the statement is compiled once."""
    pairs = [(scope.value, asset) for scope in scopes for asset in ASSETS_OF[scope]]
    columns = (literal([pair[place] for pair in pairs], ARRAY(Text)) for place in (0, 1))
    ids = func.unnest(literal(account_ids, ARRAY(BigInteger)))
    accounts = ids.table_valued("account_id").render_derived("accounts")
    assets = func.unnest(*columns).table_valued("scope", "asset").render_derived("assets")
    log = _attempts(account_ids, [asset for _, asset in pairs], window, latest=latest)
    last_at = func.greatest(log.c.confirmed_at, log.c.failed_at, log.c.running_at)
    newest_first = aggregate_order_by(_last_status(log, last_at), last_at.desc().nulls_last())
    return (
        select(
            accounts.c.account_id,
            assets.c.scope,
            case((func.count(log.c.synced_at) == func.count(), func.min(log.c.synced_at))),
            func.max(last_at),
            func.array_agg(newest_first, type_=ARRAY(Text))[1],
            func.coalesce(func.max(_failures(log)), 0),
        )
        .select_from(accounts)
        .join(assets, true())
        .outerjoin(log, and_(log.c.account_id == accounts.c.account_id, log.c.asset == assets.c.asset))
        .group_by(accounts.c.account_id, assets.c.scope)
        .order_by(accounts.c.account_id, assets.c.scope)
    )


def _attempts(
    account_ids: Sequence[int], assets: Sequence[str], window: DateWindow | None, *, latest: datetime
) -> Subquery:
    """One row per account and asset that was ever tried, with the starts of the attempts that may count.

    What began after `latest` was stamped by a wrong clock: it counts as long past, so that a sync is due.
    """
    log = table_of(SyncLog).c
    confirmed, failed = log.status.in_(CONFIRMED), log.status == "failed"
    wanted = [
        log.account_id == func.any(literal(account_ids, ARRAY(BigInteger))),
        log.asset == func.any(literal(assets, ARRAY(Text))),
        log.status != "skipped",
    ]
    if window is None:  # of the days of a window, an outdated attempt may have covered more than the later one
        wanted.append(not_(log.outdated))
    began = case((log.started_at <= literal(latest, DateTime(timezone=True)), log.started_at), else_=_LONG_AGO)
    newest = func.max(began)
    return (
        select(
            log.account_id,
            log.asset,
            newest.filter(confirmed, _reaches(window)).label("synced_at"),
            newest.filter(confirmed).label("confirmed_at"),
            newest.filter(log.status == "partial").label("partial_at"),
            newest.filter(log.status == "running").label("running_at"),
            newest.filter(failed).label("failed_at"),
            func.array_agg(began).filter(failed).label("failures_at"),
        )
        .where(*wanted)
        .group_by(log.account_id, log.asset)
        .subquery("attempts")
    )


def _last_status(log: Subquery, last_at: ColumnElement[datetime]) -> ColumnElement[str | None]:
    return case(
        (last_at == log.c.running_at, "running"),
        (last_at == log.c.failed_at, "failed"),
        (last_at == log.c.partial_at, "partial"),
        (last_at == log.c.confirmed_at, "success"),
    )


def _failures(log: Subquery) -> ColumnElement[int]:
    """Count the failed attempts since the asset was synced."""
    failure = func.unnest(log.c.failures_at).column_valued("failure")
    since = select(func.count()).where(failure >= func.coalesce(log.c.synced_at, _LONG_AGO)).scalar_subquery()
    return case((log.c.failures_at.is_not(None), since))


def _reaches(window: DateWindow | None) -> ColumnElement[bool]:
    """Say in SQL that an attempt covered the day on which it began, and the window; entities have no days."""
    log = table_of(SyncLog).c
    reaches = log.partition_end > sql_cast(func.timezone("UTC", log.started_at), Date)
    if window is not None:
        reaches = and_(log.partition_start <= window.start, or_(reaches, log.partition_end >= window.end))
    return or_(log.partition_end.is_(None), reaches)
