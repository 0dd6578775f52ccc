"""From rows to the snapshot's parts beside sums by campaign: pace, reach, conversions, breakdowns, restatements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lac_pipeline.linkedin.vocabulary import ACTIVE
from lac_pipeline.ratios import change, ratio, total
from lac_pipeline.reporting.account_rows import AccountRows, Row
from lac_pipeline.reporting.activity_document import (
    Breakdown,
    BreakdownValue,
    ConversionRule,
    Pacing,
    Reach,
    RestatedDay,
    Restatements,
)
from lac_pipeline.reporting.periods import Comparison
from lac_pipeline.reporting.quality_notes import complete_days
from lac_pipeline.streams import Stream
from lac_pipeline.streams.breakdowns import CAMPAIGN_BREAKDOWNS
from lac_pipeline.streams.conversions import CONVERSION_DAILY
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.streams.reach import REACH_BY_MONTH
from lac_pipeline.windows import DateWindow

TOP_RULES = 20
TOP_VALUES = 10
TOP_DAYS = 10
_CHANGED = ("impressions", "clicks", "cost_in_local_currency", "one_click_leads", "external_website_conversions")


def pacing(rows: AccountRows, week: DateWindow, spent: Mapping[int, Row], loaded: set[date]) -> list[Pacing]:
    """Set active campaigns beside their budgets.

    Args:
        rows: the account's rows.
        week: the days of last_7_days.
        spent: each campaign's sums over them.
        loaded: the days whose metrics were read after they had ended.
    """
    currency = None if rows.account is None else rows.account["currency"]
    known = all(day in loaded for day in week)
    active = [
        _pace(row, week, currency, spent.get(row["campaign_id"]) if known else None, known=known)
        for row in rows.pacing
        if row["campaign_status"] == ACTIVE
    ]
    budgeted = [pace for pace in active if pace.daily_budget is not None or pace.total_budget is not None]
    return sorted(budgeted, key=lambda pace: (-(pace.week_spend or Decimal(0)), pace.campaign_id))


def _pace(row: Row, week: DateWindow, currency: str | None, sums: Row | None, *, known: bool) -> Pacing:
    daily, whole = (
        row[f"{name}_budget_amount"] if currency and row[f"{name}_budget_currency"] == currency else None
        for name in ("daily", "total")
    )
    days = _scheduled(row, week)
    budget = None if daily is None or days is None else daily * days
    spend = None if not known else Decimal(0) if sums is None else sums["cost_in_local_currency"]
    return Pacing(
        campaign_id=row["campaign_id"],
        campaign_name=row["campaign_name"],
        daily_budget=daily,
        week_budget=budget,
        week_spend=spend,
        week_share=ratio(spend, budget),
        total_budget=whole,
        **{name: row[name] for name in ("spend_to_date", "share_of_budget", "share_of_time", "pacing")},
    )


def _scheduled(row: Row, week: DateWindow) -> int | None:
    """The days of the week on which the schedule lets a campaign run; None where its start is unknown."""
    if row["run_schedule_start"] is None:
        return None
    start, end = _utc_day(row["run_schedule_start"]), _utc_day(row["run_schedule_end"])
    return sum(start <= day and (end is None or day <= end) for day in week) if start else None


def _utc_day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(UTC).date()


def reach(rows: AccountRows) -> list[Reach] | None:
    """Return reach by month, level and entity; None where it was never loaded."""
    if not _loaded(rows, REACH_BY_MONTH) and not rows.reach:
        return None
    found = [Reach(**{name: row[name] for name in Reach.model_fields}) for row in rows.reach]
    return sorted(found, key=lambda row: (-row.month.toordinal(), row.level, row.entity_id))


_COUNTED = {
    "external_website_conversions": "conversions",
    "external_website_post_click_conversions": "after_click",
    "external_website_post_view_conversions": "after_view",
    "conversion_value_in_local_currency": "value",
}


def conversions(rows: AccountRows, pair: Comparison) -> list[ConversionRule] | None:
    """Return the rules with most conversions in a period, or with some before it; None where none were ever loaded.

    A rule without a conversion has no row: that is zero where all days of the period are loaded, else unknown.
    """
    if not _loaded(rows, CONVERSION_DAILY) and not rows.conversion_sums:
        return None
    days = complete_days(rows.attempts, CONVERSION_DAILY)
    comparable = all(day in days for window in (pair.current, pair.previous) for day in window)
    count = "external_website_conversions"
    of = {
        window.start: {row["conversion_id"]: row for row in rows.conversion_sums if row["start"] == window.start}
        for window in (pair.current, pair.previous)
    }
    now, before = of[pair.current.start], of[pair.previous.start]
    nothing: Row = {} if any(day not in days for day in pair.current) else dict.fromkeys(_COUNTED, 0)
    rules = [
        ConversionRule(
            id=key,
            **{name: row[name] for name in ("name", "type", "attribution_type")},
            **{field: counted.get(column) for column, field in _COUNTED.items()},
            change=change(counted.get(count), before[key][count]) if comparable and key in before else None,
        )
        for key, row in {**before, **now}.items()
        for counted in [now.get(key, nothing)]
    ]
    return sorted(rules, key=lambda rule: (-(rule.conversions or 0), rule.id))[:TOP_RULES]


def breakdowns(rows: AccountRows, period: DateWindow) -> list[Breakdown] | None:
    """Return the period split by each breakdown that is loaded; None where none ever was."""
    if not _loaded(rows, CAMPAIGN_BREAKDOWNS) and not rows.breakdown_sums:
        return None
    days = complete_days(rows.attempts, CAMPAIGN_BREAKDOWNS)
    by_name: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows.breakdown_sums:
        by_name[row["breakdown"]].append(row)
    return [_breakdown(name, by_name[name], sum(day in days for day in period)) for name in sorted(by_name)]


def _breakdown(name: str, rows: Sequence[Row], days_loaded: int) -> Breakdown:
    impressions, cost = (_whole(rows, metric) for metric in ("impressions", "cost_in_local_currency"))
    largest = sorted(rows, key=lambda row: (-(row["impressions"] or 0), row["value"]))
    plain = ("value", "name", "impressions", "clicks", "cost_in_local_currency", "one_click_leads")
    values = [
        BreakdownValue(
            **{field: row[field] for field in plain},
            ctr=ratio(row["clicks"], row["impressions"]),
            cpc=ratio(row["cost_in_local_currency"], row["clicks"]),
            share_of_impressions=ratio(row["impressions"], impressions),
            share_of_cost=ratio(row["cost_in_local_currency"], cost),
        )
        for row in largest[:TOP_VALUES]
    ]
    return Breakdown(breakdown=name, days_loaded=days_loaded, values_known=len(rows), values=values)


def _whole(rows: Iterable[Row], metric: str) -> Decimal | None:
    values = [row[metric] for row in rows]
    return None if None in values else total(values)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a snapshot's restatements are compared with.

    Attributes:
        as_of: last day of the previous snapshot.
        since: changes seen after this moment are new.
    """

    as_of: date | None = None
    since: datetime | None = None


FIRST = Baseline()
"""Of an account's first snapshot: there is nothing to compare with."""


def baseline_of(kept: Mapping[str, Any] | None, as_of: date) -> Baseline:
    """Find the baseline in the document that is kept of the account, of this schema or an older one.

    A document of the same day gives its own baseline, so that the same data make the same document.
    """
    if kept is None:
        return FIRST
    part = kept.get("restatements") or {}
    day, read_until = date.fromisoformat(kept["as_of"]), part.get("until") or _synced_at(kept)
    if day >= as_of:
        before = part.get("previous_as_of")
        return Baseline(before and date.fromisoformat(before), _moment(part.get("since")))
    return Baseline(day, _moment(read_until))


def _synced_at(kept: Mapping[str, Any]) -> str | None:
    """When the metrics of a document were read, of a version that has no restatements."""
    return next((state["synced_at"] for state in kept["freshness"] if state["scope"] == CAMPAIGN_DAILY.group), None)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def restatements(rows: Sequence[Row], baseline: Baseline, synced_at: datetime | None) -> Restatements:
    """Return what LinkedIn changed since the previous snapshot.

    Args:
        rows: of the days that changed.
        baseline: of the previous snapshot.
        synced_at: when the sync began that last brought the metrics up to date.
    """
    moments = [*(row["seen_at"] for row in rows), *(moment for moment in (synced_at, baseline.since) if moment)]
    most = sorted(rows, key=lambda row: (-abs(row[_CHANGED[2]]), -abs(row["impressions"]), row["date"]))[:TOP_DAYS]
    return Restatements(
        previous_as_of=baseline.as_of,
        since=baseline.since,
        until=max(moments, default=None),
        days_changed=len(rows),
        **dict(_moved(rows)),
        days=[
            RestatedDay(date=row["date"], campaigns=row["campaigns"], **dict(_moved([row])))
            for row in sorted(most, key=lambda row: row["date"])
        ],
    )


def _moved(rows: Sequence[Row]) -> Iterator[tuple[str, Any]]:
    for name in _CHANGED:
        yield name, total(row[name] for row in rows)


def _loaded(rows: AccountRows, stream: Stream) -> bool:
    return any(row["asset"] == stream.name and row["status"] != "failed" for row in rows.attempts)
