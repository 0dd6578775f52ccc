"""The performance report: one HTML page that needs nothing but itself, made from a snapshot."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from lac_pipeline.reporting import breakdowns, wording
from lac_pipeline.reporting.amounts import UNKNOWN, count, money, percent
from lac_pipeline.reporting.glance import daily_charts, day, delivered, headline, key_numbers, name_of
from lac_pipeline.reporting.ranking import best_and_weakest
from lac_pipeline.reporting.rendering import template_environment
from lac_pipeline.reporting.snapshot_document import AccountSnapshot

if TYPE_CHECKING:
    from jinja2 import Environment


def render_report(snapshot: AccountSnapshot) -> str:
    """Write the page; the same snapshot makes the same page."""
    best, weakest = best_and_weakest(snapshot.campaigns)
    return templates().get_template("report.html.j2").render(
        snapshot=snapshot,
        name=name_of(snapshot),
        currency=snapshot.account.currency,
        headline=headline(snapshot),
        delivered=delivered(snapshot),
        key_numbers=key_numbers(snapshot),
        daily_charts=daily_charts(snapshot),
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


def _month(value: date) -> str:
    return f"{value:%B %Y}"


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
