"""The first and the last sections of the report: the numbers, their course, and how far they can be trusted."""

from __future__ import annotations

from lac_pipeline.reporting.amounts import UNKNOWN, short
from lac_pipeline.reporting.charts import daily_bars
from lac_pipeline.reporting.html import Child, Html, element, join, table
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, Trend
from lac_pipeline.reporting.wording import CPL_TOLD, LABELS, change_told, section, value_told, words
from lac_pipeline.windows import DateWindow


def cards(snapshot: AccountSnapshot) -> Html:
    """The eight numbers of the last 30 days, each with its change."""
    month = snapshot.performance.last_30_days
    names = [name for name in LABELS if name != "external_website_conversions"]
    return element(
        "section",
        element("div", *(_card(name, month, snapshot.account.currency) for name in names), class_="grid cards"),
        element("p", f"Last 30 days, each change against the 30 days before. {CPL_TOLD}", class_="soft under"),
    )


def _card(name: str, trend: Trend, currency: str | None) -> Html:
    return element(
        "dl",
        element("dt", LABELS[name]),
        element("dd", value_told(name, trend, currency)),
        element("dd", change_told(name, trend) or UNKNOWN),
        class_="card",
    )


def trend(snapshot: AccountSnapshot) -> Html:
    """Spend and clicks, or leads where there are any, by day."""
    period = snapshot.periods.last_90_days
    window = DateWindow.inclusive(period.since, period.until)
    leads = any(day.metrics.one_click_leads for day in snapshot.days)
    result = "one_click_leads" if leads else "clicks"
    currency = snapshot.account.currency
    return section(
        "90 days",
        element(
            "div",
            _chart(snapshot, "cost_in_local_currency", window, f"Spend by day ({currency})"),
            _chart(snapshot, result, window, f"{LABELS[result]} by day"),
            class_="grid two",
        ),
    )


def _chart(snapshot: AccountSnapshot, name: str, window: DateWindow, title: str) -> Html:
    values = {day.date: getattr(day.metrics, name) or 0 for day in snapshot.days}
    key = join(element("span", class_="key"), "average of 7 days")
    return element(
        "div",
        element("h3", title),
        daily_bars(values, window, label=title, write=short),
        element("small", key),
        class_="card",
    )


def periods(snapshot: AccountSnapshot) -> Html:
    """All numbers over 7, 30 and 90 days, with their changes."""
    columns = [
        (f"{period.days} days", getattr(snapshot.performance, name))
        for name, period in ((name, getattr(snapshot.periods, name)) for name in type(snapshot.periods).model_fields)
    ]
    rows: list[list[Child]] = [
        [LABELS[name], *(_with_change(name, trend, snapshot.account.currency) for _, trend in columns)]
        for name in LABELS
    ]
    headings: list[Child] = ["", *(heading for heading, _ in columns)]
    caption = f"Each change is against the equally long period before; {UNKNOWN} where not all its days are loaded."
    return section(
        "7, 30 and 90 days",
        element("div", table(headings, rows, narrow={0, 1, 2, 3}, caption=caption), class_="card periods"),
    )


def _with_change(name: str, trend: Trend, currency: str | None) -> Html:
    return join(value_told(name, trend, currency), element("small", change_told(name, trend) or UNKNOWN))


def notes(snapshot: AccountSnapshot) -> Html:
    """How old the data are, and what to know before trusting a number."""
    synced = [
        f"{words(state.scope)}: {f'{state.synced_at:%Y-%m-%d %H:%M} UTC' if state.synced_at else 'never synced'}"
        for state in snapshot.freshness
    ]
    known = [element("li", note.message) for note in snapshot.quality_notes]
    problems = element("div", element("ul", *known), class_="card notes") if known else None
    calm = None if known else element("p", "Nothing is known to be wrong with these numbers.")
    return section(
        "About these numbers", problems, calm, element("p", "Last synced. " + " · ".join(synced), class_="soft")
    )
