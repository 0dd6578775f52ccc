"""The rows that a snapshot is made from: an account's structure, sums over periods, its syncs and its checks.

Sums are made by PostgreSQL in NUMERIC, so they are exact. A sum is NULL where the metric was not requested on each of
its days, and 0 where nothing was delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Engine,
    Select,
    Table,
    and_,
    cast,
    func,
    or_,
    select,
)

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.check_results import CheckState
from lac_pipeline.warehouse.load import check_states
from lac_pipeline.warehouse.query import performance_parts
from lac_pipeline.warehouse.query.parts import missing_parts
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED, RejectedRecord_, SyncLog
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import (
    Account,
    AudienceDemographic,
    Campaign,
    CampaignDailyMetric,
    CampaignGroup,
    Creative,
    CreativeDailyMetric,
    table_of,
)
from lac_pipeline.windows import ONE_DAY, DateWindow

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PerformanceRequest:
    """What is read of an account.

    Attributes:
        account_id: ad account.
        metrics: columns that are summed for campaigns, creatives and days.
        member_metrics: columns that are summed for segments of the audience.
        periods: windows of UTC days, each summed by campaign.
        creatives_period: the window summed by creative.
        days: the window whose days are summed one by one.
        months: whole months, summed by segment.
        parts: what is chosen now, by asset: metrics and pivots.
        parts_since: the first UTC day that is to have them.
        conversion_periods: the windows of which conversions are summed by rule.
        restated_since: restatements seen after this moment are read; None leaves them out.
    """

    account_id: int
    metrics: Sequence[str]
    member_metrics: Sequence[str]
    periods: Sequence[DateWindow]
    creatives_period: DateWindow
    days: DateWindow
    months: DateWindow
    parts: Mapping[str, Sequence[str]]
    parts_since: date
    conversion_periods: Sequence[DateWindow]
    restated_since: datetime | None


@dataclass(frozen=True, slots=True)
class PerformanceRows:
    """What was read, all as of one moment, in the order of its keys.

    Attributes:
        account: the row of `accounts`; None before the account was synced.
        campaign_groups: rows of `campaign_groups`.
        campaigns: rows of `campaigns`, removed ones too.
        campaign_sums: `start`, `end` and `campaign_id`, and the metrics summed.
        creative_sums: `creative_id`, name, campaign and review of the creative, and the metrics summed.
        day_sums: `date` and the metrics summed over campaigns.
        segment_sums: `pivot_type` and `segment`, and the metrics summed over the months.
        attempts: ended attempts of `sync_log`: of entities the last one, of facts those of the periods' days.
        rejections: open rejections by asset.
        checks: checks that failed, or could not be evaluated, and were not resolved since, errors first; then the days
            that were loaded before something was chosen.
        pacing: rows of `campaign_pacing`, of campaigns that LinkedIn returns.
        reach: rows of `reach_and_frequency` of the months, of the account and its campaign groups.
        conversion_sums: `start`, `end`, `conversion_id`, name and type of the rule, and its conversions.
        breakdown_sums: `breakdown`, `value` and its `name`, and the metrics summed over the creatives' period.
        restated_sums: `date`, and by how much LinkedIn changed the day's sums since.
    """

    account: Row | None
    campaign_groups: Sequence[Row]
    campaigns: Sequence[Row]
    campaign_sums: Sequence[Row]
    creative_sums: Sequence[Row]
    day_sums: Sequence[Row]
    segment_sums: Sequence[Row]
    attempts: Sequence[Row]
    rejections: Mapping[str, int]
    checks: Sequence[CheckState]
    pacing: Sequence[Row]
    reach: Sequence[Row]
    conversion_sums: Sequence[Row]
    breakdown_sums: Sequence[Row]
    restated_sums: Sequence[Row]


def newest_complete_day(engine: Engine, account_id: int) -> date | None:
    """Return the newest UTC day of which campaign metrics were read after it had ended; None if there is none yet.

    Raises:
        StorageError: the query failed.
    """
    began = cast(func.timezone("UTC", SyncLog.started_at), Date)
    query = select(func.max(func.least(SyncLog.partition_end, began))).where(
        SyncLog.account_id == account_id,
        SyncLog.asset == CampaignDailyMetric.__tablename__,
        SyncLog.status.in_(CONFIRMED),
        SyncLog.partition_start < began,
    )
    with translating_errors(), engine.connect() as connection:
        end: date | None = connection.scalar(query)
    return None if end is None else end - ONE_DAY


def read_performance(engine: Engine, request: PerformanceRequest) -> PerformanceRows:
    """Read everything in one transaction, so that a load which ends meanwhile is seen whole or not at all.

    Raises:
        StorageError: the query failed.
    """
    with translating_errors(), engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        account_id = request.account_id
        account = _rows(connection, select(table_of(Account)).where(Account.id == account_id))
        return PerformanceRows(
            account=account[0] if account else None,
            campaign_groups=_entities(connection, table_of(CampaignGroup), account_id),
            campaigns=_entities(connection, table_of(Campaign), account_id),
            campaign_sums=_rows(connection, _campaign_sums(request)),
            creative_sums=_rows(connection, _creative_sums(request)),
            day_sums=_rows(connection, _day_sums(request)),
            segment_sums=_rows(connection, _segment_sums(request)),
            attempts=_attempts(connection, request),
            rejections=_rejections(connection, account_id),
            checks=_problems(connection, account_id, request.parts, request.parts_since),
            pacing=_rows(connection, performance_parts.pacing(account_id)),
            reach=_rows(connection, performance_parts.reach(account_id, request.months)),
            conversion_sums=_rows(
                connection, performance_parts.conversion_sums(account_id, request.conversion_periods)
            ),
            breakdown_sums=_rows(connection, performance_parts.breakdown_sums(account_id, request.creatives_period)),
            restated_sums=[]
            if request.restated_since is None
            else _rows(connection, performance_parts.restated_sums(account_id, request.restated_since)),
        )


def known_problems(
    engine: Engine, account_id: int, *, parts: Mapping[str, Sequence[str]], since: date
) -> list[CheckState]:
    """Return the checks that were not passed, and the days from `since` on that were loaded without these parts.

    Raises:
        StorageError: the query failed.
    """
    with translating_errors(), engine.connect() as connection:
        return _problems(connection, account_id, parts, since)


def _problems(
    connection: Connection, account_id: int, parts: Mapping[str, Sequence[str]], since: date
) -> list[CheckState]:
    failed = check_states.not_passed(connection, [account_id])
    return [*failed, *missing_parts(connection, parts, [account_id], since=since)]


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _entities(connection: Connection, table: Table, account_id: int) -> list[Row]:
    return _rows(connection, select(table).where(table.c.account_id == account_id).order_by(table.c.id))


def _sums(table: Table, metrics: Iterable[str]) -> list[ColumnElement[Any]]:
    return [whole_sum(table.c[name]).label(name) for name in metrics]


def _within(table: Table, request: PerformanceRequest, window: DateWindow, *, day: str = "date") -> ColumnElement[bool]:
    return and_(table.c.account_id == request.account_id, table.c[day] >= window.start, table.c[day] < window.end)


def _campaign_sums(request: PerformanceRequest) -> Select[Any]:
    table = table_of(CampaignDailyMetric)
    periods = performance_parts.periods_of(request.periods)
    keys = (periods.c.start, periods.c.end, table.c.campaign_id)
    return (
        select(*keys, *_sums(table, request.metrics))
        .join(periods, and_(table.c.date >= periods.c.start, table.c.date < periods.c.end))
        .where(table.c.account_id == request.account_id)
        .group_by(*keys)
        .order_by(*keys)
    )


def _creative_sums(request: PerformanceRequest) -> Select[Any]:
    table = table_of(CreativeDailyMetric)
    sums = (
        select(table.c.creative_id, *_sums(table, request.metrics))
        .where(_within(table, request, request.creatives_period))
        .group_by(table.c.creative_id)
        .subquery()
    )
    about = ("name", "campaign_id", "content_kind", "intended_status", "review_status", "is_serving")
    creative = table_of(Creative)
    return (
        select(*sums.c, *(creative.c[name] for name in about))
        .outerjoin(creative, creative.c.id == sums.c.creative_id)
        .order_by(sums.c.creative_id)
    )


def _day_sums(request: PerformanceRequest) -> Select[Any]:
    table = table_of(CampaignDailyMetric)
    query = select(table.c.date, *_sums(table, request.metrics)).where(_within(table, request, request.days))
    return query.group_by(table.c.date).order_by(table.c.date)


def _segment_sums(request: PerformanceRequest) -> Select[Any]:
    table = table_of(AudienceDemographic)
    keys = (table.c.pivot_type, table.c.segment)
    query = select(*keys, *_sums(table, request.member_metrics))
    return query.where(_within(table, request, request.months, day="month")).group_by(*keys).order_by(*keys)


def _attempts(connection: Connection, request: PerformanceRequest) -> list[Row]:
    """The ended attempts, newest first; an entity is fetched as a whole, so its last attempt is enough."""
    log = table_of(SyncLog)
    about = ("asset", "started_at", "status", "partition_start", "partition_end", "errors")
    mine = and_(log.c.account_id == request.account_id, log.c.status.in_((*CONFIRMED, "failed")))
    oldest = min(window.start for window in request.periods) - timedelta(days=1)
    last = (
        select(log.c.asset, func.max(log.c.started_at).label("started_at"))
        .where(mine, log.c.partition_start.is_(None))
        .group_by(log.c.asset)
        .subquery()
    )
    newest = and_(last.c.asset == log.c.asset, last.c.started_at == log.c.started_at)
    query = (
        select(*(log.c[name] for name in about))
        .outerjoin(last, newest)
        .where(mine, or_(log.c.partition_end > oldest, last.c.asset.is_not(None)))
    )
    return _rows(connection, query.order_by(log.c.started_at.desc(), log.c.asset))


def _rejections(connection: Connection, account_id: int) -> dict[str, int]:
    table = table_of(RejectedRecord_)
    query = (
        select(table.c.asset, func.count())
        .where(table.c.account_id == account_id, table.c.closed_at.is_(None))
        .group_by(table.c.asset)
        .order_by(table.c.asset)
    )
    return {str(asset): int(count) for asset, count in connection.execute(query)}
