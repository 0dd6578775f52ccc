"""Known problems of an account's data, from the log of its syncs, the quarantine and the checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date

from lac_pipeline.printable import counted
from lac_pipeline.reporting.account_rows import AccountRows, Row
from lac_pipeline.reporting.check_wording import words_of
from lac_pipeline.reporting.trust import QualityNote
from lac_pipeline.streams import Stream
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.warehouse.check_results import Check, CheckState, count_of
from lac_pipeline.warehouse.load.attempts import SHRINK_GUARD, UNREAD_PIVOT
from lac_pipeline.windows import DateWindow

CHECK_CODES = frozenset({"shrink_guard", "failed_check"})
"""The codes of notes that come from checks."""
_CHECKED = frozenset({SHRINK_GUARD, UNREAD_PIVOT})
"""What makes an attempt partial and has a check, and so a note, of its own."""


def complete_days(attempts: Iterable[Row], stream: Stream = CAMPAIGN_DAILY) -> set[date]:
    """The UTC days whose rows of a daily stream, campaign metrics by default, were read after the day had ended."""
    days: set[date] = set()
    for row in attempts:
        if row["asset"] == stream.name and row["status"] != "failed":
            end = min(row["partition_end"], row["started_at"].astimezone(UTC).date())
            if row["partition_start"] < end:
                days.update(DateWindow(row["partition_start"], end))
    return days


def notes(rows: AccountRows, loaded: set[date], period: DateWindow) -> list[QualityNote]:
    """Everything to know before trusting the numbers of the period, in a fixed order."""
    shown = [*_currency(rows.account), *_missing(loaded, period), *_rejected(rows.rejections)]
    shown += check_notes(rows.checks)
    unresolved = _unresolved(rows.attempts, period)
    for asset in sorted({str(row["asset"]) for row in unresolved}):
        shown += _syncs(asset, [row for row in unresolved if row["asset"] == asset])
    return shown


def check_notes(states: Iterable[CheckState]) -> list[QualityNote]:
    """A note for each check that failed, or could not be evaluated, and was not resolved since.

    A currency that is unknown is noted from the account's own row.
    """
    return [_check_note(state) for state in states if state.check is not Check.CURRENCY_KNOWN]


def _check_note(state: CheckState) -> QualityNote:
    problem, fix = words_of(state)
    days = f", {state.window}" if state.window else ""
    return QualityNote(
        code="shrink_guard" if state.check is Check.SHRINK_GUARD else "failed_check",
        asset=state.asset,
        count=count_of(state.facts),
        message=f"{state.check}{days}: {problem}; {fix}",
    )


def _currency(account: Row | None) -> Iterator[QualityNote]:
    if account is None or account["currency"] is None:
        meaning = "the account's currency is not known, so amounts have no unit; `lac sync` loads it"
        yield QualityNote(code="currency_unknown", asset="accounts", count=1, message=meaning)


def _missing(loaded: set[date], period: DateWindow) -> Iterator[QualityNote]:
    missing = [day for day in period if day not in loaded]
    if missing:
        single = len(missing) == 1
        days = f"{missing[0]} is" if single else f"{len(missing):,} days from {missing[0]} to {missing[-1]} are"
        them = "it" if single else "them"
        meaning = (
            f"{days} not loaded, so sums that reach back to {them} are too low and have no trend; "
            f"`lac sync --account ID --since {missing[0]}` loads {them}"
        )
        yield QualityNote(code="days_not_loaded", asset=CAMPAIGN_DAILY.name, count=len(missing), message=meaning)


def _rejected(rejections: Mapping[str, int]) -> Iterator[QualityNote]:
    for asset, count in sorted(rejections.items()):
        were, their, them = ("was", "its", "it") if count == 1 else ("were", "their", "them")
        meaning = (
            f"{counted(count, 'record')} that LinkedIn sent {were} invalid; {their} rows are as they were before. "
            f"`lac rejects` lists {them}"
        )
        yield QualityNote(code="rejected_records", asset=asset, count=count, message=meaning)


def _unresolved(attempts: Sequence[Row], period: DateWindow) -> list[Row]:
    """The failed and partial attempts of which a day of the period was not read well by a later one; newest first."""
    well: dict[str, set[date | None]] = {}
    unresolved = []
    for row in attempts:
        days = _days(row, period)
        resolved = well.setdefault(row["asset"], set())
        if row["status"] != "success" and days - resolved:
            unresolved.append(row)
        if row["status"] != "failed":
            resolved |= days
    return unresolved


def _days(row: Row, period: DateWindow) -> set[date | None]:
    if row["partition_start"] is None:
        return {None}
    start, end = max(row["partition_start"], period.start), min(row["partition_end"], period.end)
    return set(DateWindow(start, end)) if start < end else set()


def _syncs(asset: str, attempts: Sequence[Row]) -> Iterator[QualityNote]:
    failed = [row for row in attempts if row["status"] == "failed"]
    if failed:
        meaning = f"the last syncs of {asset} failed, so the numbers may be old{_parts_text(failed)}"
        yield QualityNote(code="failed_sync", asset=asset, count=len(failed), message=meaning)
    partial = [row for row in attempts if row["status"] == "partial"]
    rest = [row for row in partial if not row["errors"] or _unchecked(row)]
    if rest:
        meaning = (
            f"the last syncs of {asset} loaded only a part; `lac rejects` lists what was left out{_parts_text(rest)}"
        )
        yield QualityNote(code="partial_sync", asset=asset, count=len(rest), message=meaning)


def _parts_text(attempts: Sequence[Row]) -> str:
    return "".join(f": {error['summary']}" for error in _unchecked(attempts[0])[:1])


def _unchecked(attempt: Row) -> list[Mapping[str, str]]:
    """The notes of an attempt that no check has."""
    return [error for error in attempt["errors"] or () if error["type"] not in _CHECKED]
