"""The performance report: one HTML page that needs nothing but itself, made from a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from lac_pipeline.printable import printable
from lac_pipeline.reporting import breakdowns, sections, wording
from lac_pipeline.reporting.amounts import UNKNOWN, count, decimal, money, percent, signed_count, signed_money
from lac_pipeline.reporting.charts import NARROW
from lac_pipeline.reporting.glance import daily_charts, day, delivered, headline, key_numbers, name_of
from lac_pipeline.reporting.ranking import best_and_weakest
from lac_pipeline.reporting.rendering import template_environment
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, Period, Trend

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

STANDING_OUT = frozenset({"change", "pacing"})
"""The findings that stand at the top of the page; the others are about the numbers, and stand at its end."""


def render_report(snapshot: AccountSnapshot) -> str:
    """Write the page; the same snapshot makes the same page."""
    best, weakest = best_and_weakest(snapshot.campaigns)
    findings = [finding for finding in snapshot.summary.findings if finding.code in STANDING_OUT]
    return templates().get_template("report.html.j2").render(
        snapshot=snapshot,
        name=name_of(snapshot),
        currency=snapshot.account.currency,
        headline=headline(snapshot),
        findings=findings,
        findings_period=getattr(snapshot.periods, snapshot.summary.period),
        delivered=delivered(snapshot),
        key_numbers=key_numbers(snapshot),
        daily_charts=daily_charts(snapshot, NARROW),
        periods=[
            PeriodColumn(getattr(snapshot.periods, name), getattr(snapshot.performance, name))
            for name in type(snapshot.periods).model_fields
        ],
        groups=sections.groups(snapshot),
        campaigns=breakdowns.campaigns(snapshot),
        paces=sections.paces(snapshot),
        best=breakdowns.verdicts(best),
        weakest=breakdowns.verdicts(weakest),
        reached=sections.reached(snapshot),
        splits=breakdowns.splits(snapshot),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeriodColumn:
    """A period of the table of 7, 30 and 90 days."""

    days: Period
    trend: Trend

    @property
    def missing(self) -> bool:
        """Whether a day of the period, or of the one before, is not loaded, so that nothing is compared."""
        return self.loaded < 2 * self.days.days

    @property
    def loaded(self) -> int:
        """How many days of both periods are loaded."""
        return self.days.days_loaded + self.days.previous.days_loaded


@cache
def templates() -> Environment:
    """The page's templates, with the filters and names that they use."""
    made = template_environment()
    made.filters |= {
        "count": count, "day": day, "decimal": decimal, "moment": _moment, "money": money, "month": _month,
        "percent": percent, "signed_count": signed_count, "short_day": _short_day, "signed_money": signed_money,
        "unbroken": _unbroken, "with_code": _with_code, "words": wording.words,
    }  # fmt: skip
    made.globals |= {
        "CPL_EXPLANATION": wording.CPL_EXPLANATION, "LABELS": wording.LABELS, "UNKNOWN": UNKNOWN,
        "about_campaign": breakdowns.about_campaign, "breakdown_title": sections.breakdown_title,
        "breakdown_value": sections.breakdown_value, "breakdown_values": sections.breakdown_values,
        "format_change": wording.format_change, "format_value": wording.format_value,
        "relative_change": wording.relative_change,
    }  # fmt: skip
    return made


def _with_code(text: str) -> Markup:
    """Show what stands between backticks as code; everything is escaped."""
    from markupsafe import Markup, escape  # noqa: PLC0415  few processes render a template

    parts = [escape(printable(part)) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def _unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _short_day(value: date) -> str:
    return f"{value.day} {value:%b}"


def _month(value: date) -> str:
    return f"{value:%B %Y}"


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
