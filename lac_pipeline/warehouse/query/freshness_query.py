"""The queries of the freshness gate: how the streams of accounts stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.selectable import FromClause

from lac_pipeline.streams import AssetGroup, Catalogue
from lac_pipeline.warehouse.load.stream_states import reaches_its_day
from lac_pipeline.warehouse.query.parts import reads
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, LONG_AGO, UNAVAILABLE, StreamState, SyncLog
from lac_pipeline.warehouse.schema.tables import table_of
from lac_pipeline.windows import DateWindow


class GroupRow(NamedTuple):
    """A row of `groups_query`.

    Attributes:
        account_id: ad account.
        place: of the asset group in those of the query.
        synced_at: when the fetch began that the oldest of its assets was last brought up to date by, or that LinkedIn
            did not let the token make; None if never.
        whole: whether these fetches requested everything that is chosen now.
        tried_at: when the last attempt began, skipped ones not counted.
        status: how that attempt ended, or `running`.
        failures: how many attempts in a row failed since it was last synced.
    """

    account_id: int
    place: int
    synced_at: datetime | None
    whole: bool
    tried_at: datetime | None
    status: str | None
    failures: int


def groups_query(
    account_ids: Sequence[int],
    groups: Sequence[AssetGroup],
    streams: Catalogue,
    window: DateWindow | None,
    parts: Mapping[str, Sequence[str]],
    *,
    latest: datetime,
) -> Select[Any]:
    """One row per account and asset group, in the order of both.

    The arguments are bound as arrays, so that the statement is compiled once.

    With a window, `synced_at` is of the newest fetch that covered its days; the other attempts do not count.
    """
    pairs = [(place, asset) for place, group in enumerate(groups) for asset in streams.names_in(group)]
    # Numbers in place of the groups' names: to sort texts in the order of a language takes several times as long.
    places = literal([place for place, _ in pairs], ARRAY(Integer))
    names = literal([name for _, name in pairs], ARRAY(Text))
    ids = literal(account_ids, ARRAY(BigInteger))
    accounts = func.unnest(ids).table_valued("account_id").render_derived("accounts")
    assets = func.unnest(places, names).table_valued("place", "asset").render_derived("assets")
    state = table_of(StreamState) if window is None else _covering(ids, window, latest=latest)
    synced_at, attempted_at = _possible(_settled(state), latest), _possible(state.c.attempted_at, latest)
    return (
        select(
            accounts.c.account_id,
            assets.c.place,
            case((func.count(synced_at) == func.count(), func.min(synced_at))),
            func.bool_and(or_(func.coalesce(state.c.status == UNAVAILABLE, false()), reads(parts, state))),
            func.max(attempted_at),
            func.array_agg(
                aggregate_order_by(state.c.status, state.c.attempted_at.desc().nulls_last()), type_=ARRAY(Text)
            )[1],
            func.coalesce(func.max(state.c.failures), 0),
        )
        .select_from(accounts)
        .join(assets, true())
        .outerjoin(state, and_(state.c.account_id == accounts.c.account_id, state.c.asset == assets.c.asset))
        .group_by(accounts.c.account_id, assets.c.place)
        .order_by(accounts.c.account_id, assets.c.place)
    )


def assets_query(account_ids: Sequence[int], *, latest: datetime) -> Select[Any]:
    """One row per account and asset that was ever tried: both, when it was last synced, and its last status."""
    state = table_of(StreamState).c
    return select(state.account_id, state.asset, _possible(state.synced_at, latest), state.status).where(
        state.account_id == func.any(literal(account_ids, ARRAY(BigInteger)))
    )


def _settled(state: FromClause) -> ColumnElement[datetime]:
    """When a stream was last brought up to date, or found to be one that the token may not read."""
    return case((state.c.status == UNAVAILABLE, state.c.attempted_at), else_=state.c.synced_at)


def _possible(stamp: ColumnElement[datetime], latest: datetime) -> ColumnElement[datetime]:
    """The stamp, or `LONG_AGO` where it was written before the server's own clock was put back."""
    return case((stamp > literal(latest, DateTime(timezone=True)), LONG_AGO), else_=stamp)


def _covering(ids: ColumnElement[Any], window: DateWindow, *, latest: datetime) -> FromClause:
    """The newest attempts at each asset that covered a window of days, in the form of `stream_state`."""
    log = table_of(SyncLog).c
    covers = and_(log.partition_start <= window.start, or_(reaches_its_day(), log.partition_end >= window.end))
    began = _possible(log.started_at, latest)
    return (
        select(
            log.account_id,
            log.asset,
            began.label("synced_at"),
            log.parts,
            sql_cast(null(), DateTime(timezone=True)).label("attempted_at"),
            sql_cast(null(), Text).label("status"),
            sql_cast(null(), BigInteger).label("failures"),
        )
        .where(log.account_id == func.any(ids), log.status.in_(CONFIRMED), or_(log.partition_end.is_(None), covers))
        .distinct(log.account_id, log.asset)
        .order_by(log.account_id, log.asset, began.desc())
        .subquery("covering")
    )
