"""The performance report: one HTML page that needs nothing but itself, made from a snapshot."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

from lac_pipeline.reporting import breakdowns
from lac_pipeline.reporting import report_sections as overview
from lac_pipeline.reporting.amounts import count, money
from lac_pipeline.reporting.html import Child, Html, element, join
from lac_pipeline.reporting.snapshot_document import AccountSnapshot
from lac_pipeline.reporting.wording import lead_cost_told


def render_report(snapshot: AccountSnapshot) -> str:
    """Write the page; the same snapshot makes the same page."""
    name = snapshot.account.name or f"Account {snapshot.account.id}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{name}: LinkedIn Ads, {day(snapshot.as_of)}"),
        element("style", Html((files("lac_pipeline.reporting") / "report.css").read_text("utf-8"))),
    )
    body = element("body", element("main", *_parts(snapshot, name)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def day(value: date) -> str:
    """Write a day: `20 November 2026`."""
    return f"{value.day} {value:%B %Y}"


def _parts(snapshot: AccountSnapshot, name: str) -> list[Child]:
    delivered = any(one.metrics.impressions for one in snapshot.days)
    shown = [
        overview.cards(snapshot),
        overview.trend(snapshot),
        overview.periods(snapshot),
        breakdowns.campaigns(snapshot),
        breakdowns.value(snapshot),
        breakdowns.creatives(snapshot),
        breakdowns.audience(snapshot),
    ]
    return [_header(snapshot, name), *(shown if delivered else ()), overview.notes(snapshot), _footer(snapshot)]


def _header(snapshot: AccountSnapshot, name: str) -> Html:
    period = snapshot.periods.last_30_days
    about = f"LinkedIn Ads · account {snapshot.account.id} · {day(period.since)} to {day(period.until)}"
    return element(
        "header",
        element("h1", name),
        element("p", about, class_="soft"),
        element("p", _summary(snapshot), class_="lead"),
    )


def _summary(snapshot: AccountSnapshot) -> str:
    """Say the month in a sentence or two."""
    if not any(one.metrics.impressions for one in snapshot.days):
        return f"Nothing was delivered in the 90 days to {day(snapshot.as_of)}."
    month, currency = snapshot.performance.last_30_days, snapshot.account.currency
    spent = money(month.metrics.cost_in_local_currency, currency)
    told = (
        f"{spent} bought {count(month.metrics.impressions)} impressions and {count(month.metrics.clicks)} clicks"
        f" in the 30 days to {day(snapshot.as_of)}"
    )
    leads = month.metrics.one_click_leads
    told += f", and {count(leads)} {'lead' if leads == 1 else 'leads'}" if leads else ""
    if month.ratios.cpl is None:
        return f"{told}; a click cost {money(month.ratios.cpc, currency)}."
    told += f"; a lead of the lead generation campaigns cost {money(month.ratios.cpl, currency)}."
    return told + lead_cost_told(month.change.cpl)


def _footer(snapshot: AccountSnapshot) -> Html:
    currency = snapshot.account.currency
    return element(
        "footer",
        element(
            "p",
            f"Amounts in {currency or 'the account currency'}, rounded for display. Days are UTC days. Today is left "
            "out, as its numbers are still growing. LinkedIn goes on correcting numbers for some weeks.",
        ),
        element("p", join("Made by lac_pipeline from snapshot ", f"{snapshot.account.id}/{snapshot.as_of}.")),
    )
