"""A snapshot at a glance: its headline, its eight numbers and a picture, for the report's page and for Dagster's UI."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from lac_pipeline.reporting import wording
from lac_pipeline.reporting.amounts import count, money, short
from lac_pipeline.reporting.charts import WIDE, DailyChart, Frame, daily_chart
from lac_pipeline.reporting.periods import PERIODS
from lac_pipeline.reporting.plots import TOP, RankedBar, label, plot, small_plot
from lac_pipeline.reporting.ranking import spend_of
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, Metrics, Trend
from lac_pipeline.windows import DateWindow

KEY_METRICS = ("cost_in_local_currency", "impressions", "clicks", "one_click_leads", "ctr", "cpc", "cpm", "cpl")
"""The eight numbers of the last 30 days, in their order."""


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One of the eight numbers of the last 30 days.

    Attributes:
        name: the field of `metrics` or `ratios`, such as `cpl`.
        label: what people call it.
        value: exact, money in the account's currency; None where it is unknown.
        text: the value for people.
        change: against the 30 days before, in words; None where it is unknown.
    """

    name: str
    label: str
    value: Decimal | int | None
    text: str
    change: wording.ChangeText | None


def key_numbers(snapshot: AccountSnapshot) -> list[KeyNumber]:
    """Return the eight numbers of the last 30 days, each with its change."""
    month, currency = snapshot.performance.last_30_days, snapshot.account.currency
    values = {**dict(month.metrics), **dict(month.ratios)}
    return [
        KeyNumber(
            name,
            wording.LABELS[name],
            values[name],
            wording.format_value(name, month, currency),
            wording.format_change(name, month),
        )
        for name in KEY_METRICS
    ]


def key_table(snapshot: AccountSnapshot) -> list[dict[str, str]]:
    """The eight numbers of each period, with their changes, one record for each number."""
    currency = snapshot.account.currency
    periods = {f"Last {days} days": getattr(snapshot.performance, name) for name, days in PERIODS.items()}
    return [
        {"Number": wording.LABELS[name]}
        | {heading: _with_change(name, trend, currency) for heading, trend in periods.items()}
        for name in KEY_METRICS
    ]


def _with_change(name: str, trend: Trend, currency: str | None) -> str:
    text, change = wording.format_value(name, trend, currency), wording.format_change(name, trend)
    shown = text if change is None else f"{text} ({change.text})"
    return shown.replace(" %", "\N{NO-BREAK SPACE}%")


def name_of(snapshot: AccountSnapshot) -> str:
    """Return the account's name, or its id where the name is unknown."""
    return snapshot.account.name or f"Account {snapshot.account.id}"


def day(value: date) -> str:
    """Write a day: `20 November 2026`."""
    return f"{value.day} {value:%B %Y}"


def delivered(snapshot: AccountSnapshot) -> bool:
    """Whether anything is known to have been delivered in the last 90 days."""
    numbers = (
        (day.metrics.impressions, day.metrics.clicks, day.metrics.cost_in_local_currency) for day in snapshot.days
    )
    return any(map(any, numbers))


def headline(snapshot: AccountSnapshot) -> str:
    """Write the last 30 days in one or two sentences."""
    if not delivered(snapshot):
        return _nothing_delivered(snapshot)
    month, currency = snapshot.performance.last_30_days, snapshot.account.currency
    text = f"{_bought(month.metrics, currency)} in the 30 days to {day(snapshot.as_of)}"
    leads = month.metrics.one_click_leads
    text += f", and {count(leads)} {'lead' if leads == 1 else 'leads'}" if leads else ""
    if month.ratios.cpl is None:
        return f"{text}; a click cost {money(month.ratios.cpc, currency)}."
    text += f"; a lead of the lead generation campaigns cost {money(month.ratios.cpl, currency)}."
    return text + wording.lead_cost_text(month.change.cpl)


def _nothing_delivered(snapshot: AccountSnapshot) -> str:
    """Write that there was nothing, or that it is not known whether there was."""
    period = snapshot.periods.last_90_days
    until = f"the {period.days} days to {day(snapshot.as_of)}"
    if not period.days_loaded:
        return f"Nothing is known of {until}: none of them is loaded."
    if any(each.metrics.impressions is None for each in snapshot.days):
        return f"It is not known what was delivered in {until}: impressions are not loaded."
    if period.days_loaded < period.days:
        days = "day that is" if period.days_loaded == 1 else f"{period.days_loaded} days that are"
        return f"Nothing was delivered on the {days} loaded of {until}."
    return f"Nothing was delivered in {until}."


def _bought(metrics: Metrics, currency: str | None) -> str:
    """Write what the money bought, without what is not loaded."""
    numbers = {"impressions": metrics.impressions, "clicks": metrics.clicks}
    known = " and ".join(f"{count(number)} {name}" for name, number in numbers.items() if number is not None)
    if metrics.cost_in_local_currency is None:
        return f"The ads had {known}" if known else "The ads were delivered"
    spent = money(metrics.cost_in_local_currency, currency)
    return f"{spent} bought {known}" if known else f"{spent} were spent"


def daily_charts(snapshot: AccountSnapshot, frame: Frame = WIDE) -> list[DailyChart]:
    """Place the charts of the last 90 days: spend, and leads where there are any, else clicks."""
    leads = any(day.metrics.one_click_leads for day in snapshot.days)
    result = "one_click_leads" if leads else "clicks"
    titles = {
        "cost_in_local_currency": f"Spend by day ({snapshot.account.currency or 'account currency'})",
        result: f"{wording.LABELS[result]} by day",
    }
    period = snapshot.periods.last_90_days
    window = DateWindow.inclusive(period.since, period.until)
    return [
        daily_chart(
            {day.date: getattr(day.metrics, name) for day in snapshot.days},
            window,
            label=title,
            write=short,
            frame=frame,
        )
        for name, title in titles.items()
    ]


def small_picture(snapshot: AccountSnapshot) -> str | None:
    """Draw spend by day of the last 30 days as markdown that Dagster's UI shows without a click; None without spend."""
    period = snapshot.periods.last_30_days
    return small_plot(
        [(day.date, day.metrics.cost_in_local_currency, None) for day in snapshot.days],
        DateWindow.inclusive(period.since, period.until),
        account=name_of(snapshot),
        currency=snapshot.account.currency or "account currency",
    )


def picture(snapshot: AccountSnapshot) -> str | None:
    """Draw the charts of the last 90 days, and the campaigns that cost most in the last 30.

    Returns:
        An SVG that needs no other file; None when nothing was delivered.
    """
    if not delivered(snapshot):
        return None
    spent = sorted(
        (campaign for campaign in snapshot.campaigns if spend_of(campaign)),
        key=lambda campaign: (-spend_of(campaign), campaign.id),
    )[:TOP]
    first, *others = daily_charts(snapshot)
    return plot(
        [replace(first, label=f"{label(name_of(snapshot), 0)}: {first.label}"), *others],
        "Spend by campaign, last 30 days",
        [
            RankedBar(
                label(campaign.name, campaign.id),
                short(spend_of(campaign)),
                float(spend_of(campaign) / spend_of(spent[0])),
            )
            for campaign in spent
        ],
    )
