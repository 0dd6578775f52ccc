"""Whether the reach of campaigns, campaign groups and the account fit together, and what a sum of it would get wrong.

A member whom two campaigns reach is one member: a part's reach is at most that of its whole, reach at most the
impressions, and the whole's at most that of its parts together. LinkedIn estimates each by itself, so a number may lie
5 % and ten members beyond its bound. Impressions of 0 bound nothing: LinkedIn counts the sends of message ads. Rows
that are stale or unknown take no part, and a sum none where a record of the month is in quarantine.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Engine,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams import report_of, stream_of
from lac_pipeline.warehouse.query.check_queries import SHOWN, Covered, Found, within
from lac_pipeline.warehouse.schema.operational_tables import RejectedRecord_
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import Campaign, stream_table, table_of

SHARE = Decimal("0.05")
MEMBERS = 10


def contradictions(engine: Engine, asset: str, covered: Covered) -> Found:
    """Find rows whose reach does not fit to another level; the notes are what sums over the smallest level overstate.

    Args:
        engine: as `make_engine` makes it.
        asset: a report that counts distinct members.
        covered: the accounts and months.

    Raises:
        StorageError: the query failed.
    """
    report, levels = report_of(asset), _levels(asset, covered)
    names = [report.label_of(pivot) for pivot in report.pivots]
    by_name = [select(levels).where(levels.c.level == name).cte(f"level_{n}") for n, name in enumerate(names)]
    with translating_errors(), engine.connect() as connection:
        found = union_all(*_beyond(asset, levels, by_name, names)).subquery()
        order = (found.c.account_id, found.c.month, found.c.level, found.c.entity_id)
        counted = select(found, func.count().over().label("of_all")).order_by(*order).limit(SHOWN)
        rows = [dict(row) for row in connection.execute(counted).mappings()]
        sums = _sums(asset, by_name[0], by_name[-1]).subquery()
        percent = cast(func.round((sums.c.added_up / sums.c.reach - 1) * 100), Integer).label("overstated_percent")
        noted = select(sums, percent).where(sums.c.added_up > sums.c.reach, sums.c.reach > 0)
        newest = noted.order_by(sums.c.account_id, sums.c.month.desc()).limit(SHOWN)
        notes = [dict(row) for row in connection.execute(newest).mappings()]
    totals = [row.pop("of_all") for row in rows]
    return Found(totals[0] if totals else 0, rows, notes)


def _levels(asset: str, covered: Covered) -> CTE:
    """The rows that are known and as LinkedIn returned them last."""
    table, report = stream_table(asset), report_of(asset)
    reach = table.c[BY_NAME[str(report.distinct)].column]
    level, entity = table.c[str(report.pivot_column)], table.c[report.value_columns[-1].column]
    columns = (table.c.account_id, table.c[str(stream_of(asset).day_column)].label("month"), level.label("level"))
    query = select(*columns, entity.label("entity_id"), cast(reach, Numeric).label("reach"), table.c.impressions)
    return query.where(within(asset, covered), table.c.stale_since.is_(None)).cte("levels")


def _beyond(asset: str, levels: CTE, by_name: list[CTE], names: list[str]) -> list[Select[Any]]:
    """Rows above their impressions, above the level that they are a part of, or above the sum of their parts."""
    whole, middle, parts = by_name
    campaign = table_of(Campaign)
    of_impressions = _row(levels, levels.c.impressions, "impressions").where(levels.c.impressions > 0)
    part_of_middle = (
        _row(parts, middle.c.reach, names[1])
        .join(campaign, campaign.c.id == parts.c.entity_id)
        .join(middle, and_(_same_month(parts, middle), middle.c.entity_id == campaign.c.campaign_group_id))
    )
    parts_of_whole = [_row(part, whole.c.reach, names[0]).join(whole, _same_month(part, whole)) for part in by_name[1:]]
    sums = _sums(asset, whole, parts).subquery()
    sum_of_parts = select(
        sums.c.account_id,
        sums.c.month,
        literal(names[0]).label("level"),
        cast(null(), levels.c.entity_id.type).label("entity_id"),
        sums.c.reach,
        sums.c.added_up.label("at_most"),
        literal(f"sum by {names[-1]}").label("of"),
    ).where(_exceeds(sums.c.reach, sums.c.added_up))
    return [of_impressions, part_of_middle, *parts_of_whole, sum_of_parts]


def _row(side: CTE, bound: ColumnElement[Any], of: str) -> Select[Any]:
    at_most = cast(bound, Numeric)
    columns = (side.c.account_id, side.c.month, side.c.level, side.c.entity_id, side.c.reach)
    return (
        select(*columns, at_most.label("at_most"), literal(of, Text).label("of"))
        .select_from(side)
        .where(_exceeds(side.c.reach, at_most))
    )


def _sums(asset: str, whole: CTE, parts: CTE) -> Select[Any]:
    """The whole's reach beside that of its parts together, of months of which no record is in quarantine."""
    rejected = table_of(RejectedRecord_).c
    refused = exists().where(
        rejected.asset == asset,
        rejected.account_id == whole.c.account_id,
        rejected.closed_at.is_(None),
        or_(rejected.partition_start.is_(None), rejected.partition_start <= whole.c.month),
        or_(rejected.partition_end.is_(None), rejected.partition_end > whole.c.month),
    )
    added_up = whole_sum(parts.c.reach)
    return (
        select(whole.c.account_id, whole.c.month, whole.c.reach, added_up.label("added_up"))
        .select_from(whole.join(parts, _same_month(whole, parts)))
        .where(~refused)
        .group_by(whole.c.account_id, whole.c.month, whole.c.reach)
    )


def _same_month(side: CTE, other: CTE) -> ColumnElement[bool]:
    return and_(side.c.account_id == other.c.account_id, side.c.month == other.c.month)


def _exceeds(reach: ColumnElement[Any], bound: ColumnElement[Any]) -> ColumnElement[bool]:
    return reach > bound * (1 + SHARE) + MEMBERS
