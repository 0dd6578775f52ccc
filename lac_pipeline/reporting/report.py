"""The performance report: one HTML page that needs nothing but itself, made from a snapshot."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from lac_pipeline.reporting import breakdowns, wording
from lac_pipeline.reporting.amounts import UNKNOWN, count, money, percent, short
from lac_pipeline.reporting.charts import DailyChart, daily_chart
from lac_pipeline.reporting.ranking import best_and_weakest
from lac_pipeline.reporting.rendering import template_environment
from lac_pipeline.reporting.snapshot_document import AccountSnapshot
from lac_pipeline.windows import DateWindow

if TYPE_CHECKING:
    from jinja2 import Environment


def render_report(snapshot: AccountSnapshot) -> str:
    """Write the page; the same snapshot makes the same page."""
    best, weakest = best_and_weakest(snapshot.campaigns)
    return templates().get_template("report.html.j2").render(
        snapshot=snapshot,
        name=snapshot.account.name or f"Account {snapshot.account.id}",
        currency=snapshot.account.currency,
        summary=_summary(snapshot),
        delivered=_delivered(snapshot),
        month=snapshot.performance.last_30_days,
        daily_charts=_daily_charts(snapshot),
        periods=[
            (f"{getattr(snapshot.periods, name).days} days", getattr(snapshot.performance, name))
            for name in type(snapshot.periods).model_fields
        ],
        campaigns=breakdowns.campaigns(snapshot),
        best=breakdowns.verdicts(best),
        weakest=breakdowns.verdicts(weakest),
        splits=breakdowns.splits(snapshot),
    )  # fmt: skip


@cache
def templates() -> Environment:
    """The page's templates, with the filters and names that they use."""
    made = template_environment()
    made.filters |= {
        "count": count, "day": day, "moment": _moment, "money": money, "month": _month,
        "percent": percent, "words": wording.words,
    }  # fmt: skip
    made.globals |= {
        "CPL_EXPLANATION": wording.CPL_EXPLANATION, "LABELS": wording.LABELS, "UNKNOWN": UNKNOWN,
        "about_campaign": breakdowns.about_campaign, "format_change": wording.format_change,
        "format_value": wording.format_value,
    }  # fmt: skip
    return made


def day(value: date) -> str:
    """Write a day: `20 November 2026`."""
    return f"{value.day} {value:%B %Y}"


def _month(value: date) -> str:
    return f"{value:%B %Y}"


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"


def _delivered(snapshot: AccountSnapshot) -> bool:
    return any(day.metrics.impressions for day in snapshot.days)


def _summary(snapshot: AccountSnapshot) -> str:
    """Write the month in one or two sentences."""
    if not _delivered(snapshot):
        return f"Nothing was delivered in the 90 days to {day(snapshot.as_of)}."
    month, currency = snapshot.performance.last_30_days, snapshot.account.currency
    spent = money(month.metrics.cost_in_local_currency, currency)
    text = (
        f"{spent} bought {count(month.metrics.impressions)} impressions and {count(month.metrics.clicks)} clicks"
        f" in the 30 days to {day(snapshot.as_of)}"
    )
    leads = month.metrics.one_click_leads
    text += f", and {count(leads)} {'lead' if leads == 1 else 'leads'}" if leads else ""
    if month.ratios.cpl is None:
        return f"{text}; a click cost {money(month.ratios.cpc, currency)}."
    text += f"; a lead of the lead generation campaigns cost {money(month.ratios.cpl, currency)}."
    return text + wording.lead_cost_text(month.change.cpl)


def _daily_charts(snapshot: AccountSnapshot) -> list[DailyChart]:
    """Spend and clicks, or leads where there are any, by day."""
    leads = any(day.metrics.one_click_leads for day in snapshot.days)
    result = "one_click_leads" if leads else "clicks"
    titles = {
        "cost_in_local_currency": f"Spend by day ({snapshot.account.currency})",
        result: f"{wording.LABELS[result]} by day",
    }
    period = snapshot.periods.last_90_days
    window = DateWindow.inclusive(period.since, period.until)
    return [
        daily_chart({day.date: getattr(day.metrics, name) for day in snapshot.days}, window, label=title, write=short)
        for name, title in titles.items()
    ]
