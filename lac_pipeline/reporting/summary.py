"""The snapshot's summary: what moved, and how far the numbers can be trusted, in at most 3,000 bytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from lac_pipeline.printable import counted, one_line
from lac_pipeline.ratios import ratio, rounded, total
from lac_pipeline.reporting.activity_document import Pacing
from lac_pipeline.reporting.amounts import MINUS, money, percent, signed_count, signed_money
from lac_pipeline.reporting.drivers import apportion
from lac_pipeline.reporting.glance import headline, key_numbers
from lac_pipeline.reporting.periods import PeriodName
from lac_pipeline.reporting.quality_notes import CHECK_CODES, check_notes
from lac_pipeline.reporting.snapshot_document import AccountSnapshot
from lac_pipeline.reporting.summary_document import Driver, Finding, FindingCode, Summary, SummaryNumber
from lac_pipeline.reporting.wording import LABELS, STEADY, format_value
from lac_pipeline.warehouse.check_results import CheckState

MOST_BYTES = 3_000
"""Of the summary's JSON in UTF-8."""

LONGEST_NAME = 48
"""Bytes of a name's JSON in a finding."""

NAMED = 3
_MATTERS = Decimal("0.2")
"""Part of a change from which on a campaign is named."""

OFF_PACE = Decimal("0.2")
"""How far from an even pace a campaign is named."""

UNWRITTEN = Summary(headline="", period="last_30_days", currency=None, numbers={}, findings=[], findings_left_out=0)
"""In a document of which the summary is made."""

_WITH_LEADS = ("cpl", "one_click_leads", "cost_in_local_currency", "external_website_conversions", "clicks")
_WITHOUT_LEADS = ("cpc", "clicks", "cost_in_local_currency", "external_website_conversions", "impressions")


def summarize(snapshot: AccountSnapshot) -> Summary:
    """Write the summary of a document; the changes that matter least are left out where there is no room."""
    period = compared_period(snapshot)
    changes, others = list(_changes(snapshot, period)), [*_pace(snapshot), *_trust(snapshot)]
    left_out = 0
    while True:
        summary = Summary(
            headline=headline(snapshot),
            period=period,
            currency=snapshot.account.currency,
            numbers=_numbers(snapshot),
            findings=[*changes, *others],
            findings_left_out=left_out,
        )
        if size_of(summary) <= MOST_BYTES or not changes:
            return summary
        changes.pop()
        left_out += 1


def with_current_checks(snapshot: AccountSnapshot, states: Iterable[CheckState]) -> AccountSnapshot:
    """The snapshot with the current results of the checks, in place of those when it was made."""
    others = [note for note in snapshot.quality_notes if note.code not in CHECK_CODES]
    current = snapshot.model_copy(update={"quality_notes": [*others, *check_notes(states)]})
    return current.model_copy(update={"summary": summarize(current)})


def size_of(summary: Summary) -> int:
    """The bytes of the summary's JSON in UTF-8."""
    return len(summary.model_dump_json().encode())


def compared_period(snapshot: AccountSnapshot) -> PeriodName:
    """The month, or the week where only that can be compared with the days before."""
    names: tuple[PeriodName, ...] = ("last_30_days", "last_7_days")
    return next((name for name in names if comparable(snapshot, name)), names[0])


def comparable(snapshot: AccountSnapshot, name: PeriodName) -> bool:
    """Whether all days of a period and of the one before are loaded."""
    period = getattr(snapshot.periods, name)
    return bool(period.days_loaded == period.days and period.previous.days_loaded == period.previous.days)


def _numbers(snapshot: AccountSnapshot) -> dict[str, SummaryNumber]:
    change = snapshot.performance.last_30_days.change
    return {
        number.name: SummaryNumber(value=number.value, change=getattr(change, number.name))
        for number in key_numbers(snapshot)
    }


def _changes(snapshot: AccountSnapshot, period: PeriodName) -> Iterator[Finding]:
    """What moved, the result and its cost first."""
    of = {driver.metric: driver for driver in snapshot.drivers if driver.period == period}
    trend = getattr(snapshot.performance, period)
    for metric in _WITH_LEADS if "cpl" in of else _WITHOUT_LEADS:
        if metric in of:
            shown = format_value(metric, trend, snapshot.account.currency)
            text = f"{LABELS[metric]} {shown}, {driver_text(of[metric])}"
            yield Finding(code="change", metric=metric, change=of[metric].change, text=text)


def driver_text(driver: Driver) -> str:
    """Write a change and the campaigns behind it: `+27 %, of which +22 from Spring, +5 from the others`.

    The parts are rounded so that they add up to the change as it is written.
    """
    if abs(driver.change) < STEADY:
        return f"about the same ({signed(driver.change, 1)} %)"
    places = 0 if abs(driver.change) >= Decimal("0.1") else 1
    named = [part for part in driver.campaigns[:NAMED] if abs(part.points) >= _MATTERS * abs(driver.change)]
    rest = driver.change - total(part.points for part in named)
    points = {place: Fraction(part.points) for place, part in enumerate(named)} | {len(named): Fraction(rest)}
    parts = apportion(points, rounded(driver.change, places + 2), places=places + 2)
    names = [_quoted(part.campaign_name, part.campaign_id) for part in named] + ["the others"]
    texts = [f"{signed(parts[place], places)} from {name}" for place, name in enumerate(names) if parts[place]]
    return f"{signed(driver.change, places)} %" + (f", of which {', '.join(texts)}" if texts else "")


def signed(share: Decimal, places: int) -> str:
    """Write a share in percent with its sign, without the unit: `+22`."""
    shown = rounded(share * 100, places)
    return f"{'+' if shown > 0 else MINUS if shown < 0 else ''}{abs(shown):,f}"


def shortened(name: str) -> str:
    """A name on one line, in at most `LONGEST_NAME` bytes of JSON."""
    line = one_line(" ".join(name.split()))
    if _json_bytes(line) <= LONGEST_NAME:
        return line
    while _json_bytes(f"{line}…") > LONGEST_NAME:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _json_bytes(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def _pace(snapshot: AccountSnapshot) -> Iterator[Finding]:
    """How campaigns stand beside their budgets."""
    week = [row for row in snapshot.pacing if row.week_share is not None]
    if week:
        spend, budget = (total(getattr(row, name) or 0 for row in week) for name in ("week_spend", "week_budget"))
        currency = snapshot.account.currency
        text = (
            f"{len(week)} active campaigns spent {money(spend, currency)} of {money(budget, currency)} of daily "
            f"budgets in 7 days, {percent(ratio(spend, budget), 0)}"
        )
        least, most = (pick(week, key=lambda row: (row.week_share, row.campaign_id)) for pick in (min, max))
        if least is not most:
            ends = [f"{percent(row.week_share, 0)} ({_named(row)})" for row in (least, most)]
            text += f": from {' to '.join(ends)}"
        yield _finding("pacing", text)
    off = [row for row in snapshot.pacing if row.pacing is not None and abs(row.pacing - 1) > OFF_PACE]
    if off:
        texts = [f"{_named(row)} {percent(row.pacing, 0)}" for row in off[:NAMED]]
        more = f" and {len(off) - NAMED} more" if len(off) > NAMED else ""
        yield _finding("pacing", f"Spend since the start, against an even pace: {', '.join(texts)}{more}")


def _named(row: Pacing) -> str:
    return _quoted(row.campaign_name, row.campaign_id)


def _quoted(name: str | None, campaign_id: int) -> str:
    """A campaign's name between quotation marks, or its id."""
    return f"“{shortened(name)}”" if name else f"campaign {campaign_id}"


def _trust(snapshot: AccountSnapshot) -> Iterator[Finding]:
    """What makes a number doubtful, or is missing."""
    short = [name for name in type(snapshot.periods).model_fields if not comparable(snapshot, name)]  # type: ignore[arg-type]
    if short:
        days = {name: getattr(snapshot.periods, name) for name in short}
        loaded = [
            f"{name} ({period.days_loaded + period.previous.days_loaded} of {2 * period.days} days)"
            for name, period in days.items()
        ]
        yield _finding("no_comparison", f"Not compared, as days are not loaded: {', '.join(loaded)}")
    parts = {"reach": snapshot.reach, "conversions by rule": snapshot.conversions, "breakdowns": snapshot.breakdowns}
    missing = [name for name, part in parts.items() if part is None]
    if missing:
        yield _finding("not_loaded", f"Unknown, as never loaded: {', '.join(missing)}")
    yield from _noted(snapshot)
    restated = snapshot.restatements
    if restated.days_changed:
        moved = [f"spend {signed_money(restated.cost_in_local_currency, snapshot.account.currency)}"]
        counts = ("clicks", "one_click_leads", "external_website_conversions")
        moved += [f"{LABELS[name].lower()} {signed_count(getattr(restated, name))}" for name in counts]
        yield _finding(
            "restated",
            f"Since the snapshot of {restated.previous_as_of} LinkedIn changed "
            f"{counted(restated.days_changed, 'past day')}: " + ", ".join(moved),
        )
    yield _freshness(snapshot)


_NOTED: dict[str, tuple[FindingCode, str]] = {
    "rejected_records": ("rejected_records", "{records} of LinkedIn {are} rejected and open ({assets})"),
    "failed_check": ("failed_check", "{checks} or could not run ({assets}); quality_notes has the numbers"),
    "shrink_guard": ("failed_check", "LinkedIn returned far fewer rows than are stored ({assets}); the old ones stay"),
    "failed_sync": ("sync", "The last sync of some days failed ({assets}); older numbers stand"),
    "partial_sync": ("sync", "The last sync of some days left something out ({assets})"),
    "days_not_loaded": ("days_not_loaded", "{count} of the last 90 days {are} not loaded: longer sums are too low"),
    "currency_unknown": ("currency_unknown", "The currency is unknown, so amounts have no unit"),
}


def _noted(snapshot: AccountSnapshot) -> Iterator[Finding]:
    """The quality notes, one finding for each of their codes."""
    for code, (kind, text) in _NOTED.items():
        notes = [note for note in snapshot.quality_notes if note.code == code]
        if notes:
            assets = Counter(note.asset or "" for note in notes)
            named = [shortened(asset) for asset in sorted(assets)[:NAMED]]
            named += [f"{len(assets) - NAMED} more"] if len(assets) > NAMED else []
            count = sum(note.count for note in notes)
            finding = text.format(
                count=f"{count:,}",
                records=counted(count, "record"),
                are="is" if count == 1 else "are",
                checks="1 check fails" if len(notes) == 1 else f"{len(notes)} checks fail",
                assets=", ".join(named),
            )
            yield _finding(kind, finding)


def _freshness(snapshot: AccountSnapshot) -> Finding:
    """When each asset group was read; the reader compares `stale_at` with the own clock."""
    read = [
        f"{state.scope} {state.synced_at:%Y-%m-%d %H:%M}" if state.synced_at else f"{state.scope} never"
        for state in snapshot.freshness
    ]
    failed = sum(state.failed_attempts for state in snapshot.freshness)
    text = f"Last read, UTC: {', '.join(read) or 'never'}" + (f"; {failed} failed attempts since" if failed else "")
    return _finding("freshness", f"{text}. Today is left out; LinkedIn corrects past days for weeks")


def _finding(code: FindingCode, text: str) -> Finding:
    return Finding(code=code, text=text, metric=None, change=None)
