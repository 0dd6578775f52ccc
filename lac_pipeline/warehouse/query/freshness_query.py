"""The queries of the freshness gate: how the newest attempts at every asset of an account stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
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

from lac_pipeline.streams.sync_windows import ASSETS_OF, Scope
from lac_pipeline.warehouse.query.parts import reads
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, SyncLog
from lac_pipeline.warehouse.schema.tables import table_of
from lac_pipeline.windows import DateWindow

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class ScopeRow(NamedTuple):
    """A row of `scopes_query`.

    Attributes:
        account_id: ad account.
        scope: the value of a `Scope`.
        synced_at: when the fetch began that the oldest of its assets was last brought up to date by; None if never.
        whole: whether these fetches asked for everything that is chosen now.
        tried_at: when the last attempt began, skipped ones not counted.
        status: how that attempt ended, or `running`.
        failures: how many attempts in a row failed since it was last synced.
    """

    account_id: int
    scope: str
    synced_at: datetime | None
    whole: bool
    tried_at: datetime | None
    status: str | None
    failures: int


def scopes_query(
    account_ids: Sequence[int],
    scopes: Sequence[Scope],
    window: DateWindow | None,
    parts: Mapping[str, Sequence[str]],
    *,
    latest: datetime,
) -> Select[Any]:
    """One row per account and scope; the arguments are bound as arrays, so that the statement is compiled once."""
    pairs = [(scope.value, asset) for scope in scopes for asset in ASSETS_OF[scope]]
    columns = (literal([pair[place] for pair in pairs], ARRAY(Text)) for place in (0, 1))
    ids = func.unnest(literal(account_ids, ARRAY(BigInteger)))
    accounts = ids.table_valued("account_id").render_derived("accounts")
    assets = func.unnest(*columns).table_valued("scope", "asset").render_derived("assets")
    log = attempts_query(account_ids, [asset for _, asset in pairs], window, parts, latest=latest)
    last_at = func.greatest(log.c.confirmed_at, log.c.failed_at, log.c.running_at)
    newest_first = aggregate_order_by(last_status(log, last_at), last_at.desc().nulls_last())
    return (
        select(
            accounts.c.account_id,
            assets.c.scope,
            case((func.count(log.c.synced_at) == func.count(), func.min(log.c.synced_at))),
            func.bool_and(log.c.whole_at.is_not_distinct_from(log.c.synced_at)),
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


def attempts_query(
    account_ids: Sequence[int],
    assets: Sequence[str],
    window: DateWindow | None,
    parts: Mapping[str, Sequence[str]],
    *,
    latest: datetime,
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
    began = case((log.started_at <= literal(latest, DateTime(timezone=True)), log.started_at), else_=LONG_AGO)
    newest = func.max(began)
    return (
        select(
            log.account_id,
            log.asset,
            newest.filter(confirmed, _reaches(window)).label("synced_at"),
            newest.filter(confirmed, _reaches(window), reads(parts)).label("whole_at"),
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


def last_status(log: Subquery, last_at: ColumnElement[datetime]) -> ColumnElement[str | None]:
    """How the attempt of this start ended, or `running`."""
    return case(
        (last_at == log.c.running_at, "running"),
        (last_at == log.c.failed_at, "failed"),
        (last_at == log.c.partial_at, "partial"),
        (last_at == log.c.confirmed_at, "success"),
    )


def _failures(log: Subquery) -> ColumnElement[int]:
    """Count the failed attempts since the asset was synced."""
    failure = func.unnest(log.c.failures_at).column_valued("failure")
    since = select(func.count()).where(failure >= func.coalesce(log.c.synced_at, LONG_AGO)).scalar_subquery()
    return case((log.c.failures_at.is_not(None), since))


def _reaches(window: DateWindow | None) -> ColumnElement[bool]:
    """Say in SQL that an attempt covered the day on which it began, and the window; entities have no days."""
    log = table_of(SyncLog).c
    reaches = log.partition_end > sql_cast(func.timezone("UTC", log.started_at), Date)
    if window is not None:
        reaches = and_(log.partition_start <= window.start, or_(reaches, log.partition_end >= window.end))
    return or_(log.partition_end.is_(None), reaches)
