"""What a snapshot shows besides sums by campaign: pace, reach, conversions by rule, breakdowns, restatements.

Each function makes a query about one ad account; `read_performance` runs them in its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Date, Select, Text, Values, and_, cast, column, func, select, values

from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.streams.reach import COARSE_LEVELS
from lac_pipeline.warehouse.schema.operational_tables import UrnName
from lac_pipeline.warehouse.schema.quality_tables import MetricRestatement
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import CampaignDailyBreakdown, Conversion, ConversionDailyMetric, table_of
from lac_pipeline.warehouse.schema.views.campaign_pacing import VIEW as PACING
from lac_pipeline.warehouse.schema.views.reach_and_frequency import VIEW as REACH
from lac_pipeline.windows import DateWindow

RESTATED = (
    "impressions",
    "clicks",
    "cost_in_local_currency",
    "one_click_leads",
    "external_website_conversions",
)
"""The metrics of which a snapshot shows by how much LinkedIn changed them."""


def periods_of(windows: Sequence[DateWindow]) -> Values:
    """Windows of UTC days as rows `start` and `end`, to join with."""
    periods = values(column("start", Date), column("end", Date), name="periods")
    return periods.data([(window.start, window.end) for window in windows])


def pacing(account_id: int) -> Select[Any]:
    """The campaigns that LinkedIn returns, beside their budgets."""
    view = PACING.selectable
    return select(view).where(view.c.account_id == account_id, view.c.removed_at.is_(None)).order_by(view.c.campaign_id)


def reach(account_id: int, months: DateWindow) -> Select[Any]:
    """The reach of the account and of its campaign groups in each of the months."""
    view = REACH.selectable
    return (
        select(view)
        .where(
            view.c.account_id == account_id,
            view.c.level.in_(COARSE_LEVELS),
            view.c.month >= months.start,
            view.c.month < months.end,
        )
        .order_by(view.c.month, view.c.level, view.c.entity_id)
    )


def conversion_sums(account_id: int, windows: Sequence[DateWindow]) -> Select[Any]:
    """Conversions by rule in each of the windows, with the rule's name and type."""
    metric, rule, periods = table_of(ConversionDailyMetric), table_of(Conversion), periods_of(windows)
    keys = (periods.c.start, periods.c.end, metric.c.conversion_id, rule.c.name, rule.c.type, rule.c.attribution_type)
    counts = (
        "external_website_conversions",
        "external_website_post_click_conversions",
        "external_website_post_view_conversions",
        "conversion_value_in_local_currency",
    )
    return (
        select(*keys, *(whole_sum(metric.c[name]).label(name) for name in counts))
        .join(periods, and_(metric.c.date >= periods.c.start, metric.c.date < periods.c.end))
        .outerjoin(rule, rule.c.id == metric.c.conversion_id)
        .where(metric.c.account_id == account_id)
        .group_by(*keys)
        .order_by(periods.c.start, metric.c.conversion_id)
    )


def breakdown_sums(account_id: int, window: DateWindow) -> Select[Any]:
    """Sums by value of each breakdown that is loaded, with the names of posts that were looked up."""
    table = table_of(CampaignDailyBreakdown)
    keys = (table.c.breakdown, table.c.value)
    summed = ("impressions", "clicks", "cost_in_local_currency", "landing_page_clicks", "one_click_leads")
    sums = (
        select(*keys, *(whole_sum(table.c[name]).label(name) for name in summed))
        .where(table.c.account_id == account_id, table.c.date >= window.start, table.c.date < window.end)
        .group_by(*keys)
        .subquery()
    )
    return (
        select(sums, UrnName.name)
        .select_from(sums.outerjoin(UrnName.__table__, UrnName.urn == sums.c.value))
        .order_by(sums.c.breakdown, sums.c.value)
    )


def restated_sums(account_id: int, since: datetime) -> Select[Any]:
    """By how much LinkedIn changed the sums of past days, as far as it was seen after a moment; by day."""
    table = table_of(MetricRestatement)
    moved = func.coalesce(table.c.new_value, 0) - func.coalesce(table.c.old_value, 0)
    return (
        select(
            table.c.date,
            func.count(table.c.entity_id.distinct()).label("campaigns"),
            func.max(table.c.seen_at).label("seen_at"),
            *(
                func.coalesce(func.sum(moved).filter(table.c.metric == cast(name, Text)), 0).label(name)
                for name in RESTATED
            ),
        )
        .where(table.c.account_id == account_id, table.c.asset == CAMPAIGN_DAILY.name, table.c.seen_at > since)
        .group_by(table.c.date)
        .order_by(table.c.date)
    )
