"""The asset checks that look at rows: the query of each, and what makes it fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum

from msgspec import Struct

from lac_pipeline.streams import Stream, stream_of
from lac_pipeline.warehouse.check_results import Check, CheckState, PrimaryKey, RowFindings
from lac_pipeline.warehouse.query.check_queries import NOTHING_FOUND, Covered, Found, LoadChecks, key_of
from lac_pipeline.warehouse.query.reach_levels import contradictions
from lac_pipeline.windows import ONE_DAY, DateWindow

Find = Callable[[LoadChecks, str, Covered, date], Found]
"""Reads the rows of an asset that are about some accounts and days, as of today (UTC)."""


def _is_report(stream: Stream) -> bool:
    return stream.report is not None


def _is_daily(stream: Stream) -> bool:
    return stream.report is not None and stream.report.subject is not None


def _is_of_every_day(stream: Stream) -> bool:
    """Whether all activity of a day is in its rows, so that an account that is active has some each day."""
    return stream.report is not None and stream.report.subject is not None and stream.report.totals_match


class Extent(Enum):
    """What a result is about, and so what the next result replaces."""

    DAYS = "the days that were loaded"
    ACCOUNT = "all that is stored of the account"
    YESTERDAY = "the newest whole day, where it was loaded"


class RowCheck(Struct, frozen=True):
    """A check that passes when nothing is found.

    Attributes:
        check: its name and severity.
        applies: whether it looks at the rows of a stream.
        description: what is so when it passes.
        extent: what a result is about.
        find: the query.
    """

    check: Check
    applies: Callable[[Stream], bool]
    description: str
    extent: Extent
    find: Find

    def evaluate(
        self, asset: str, account_id: int, window: DateWindow | None, loads: LoadChecks, *, today: date, run_id: str
    ) -> CheckState | None:
        """Look at the rows of an account and window; None where the check does not apply to these days.

        Raises:
            StorageError: the query failed.
        """
        states = self.evaluate_each(asset, [(account_id, window)], loads, today=today, run_id=run_id)
        return next(states, None)

    def evaluate_each(
        self, asset: str, covered: Covered, loads: LoadChecks, *, today: date, run_id: str
    ) -> Iterator[CheckState]:
        """Look at the rows of each account and window that the check applies to.

        All are looked at by one query first: where it finds nothing, nothing is to be found about any of them.

        Raises:
            StorageError: a query failed.
        """
        judged = [(account_id, window) for account_id, window in covered if self._looks_at(window, today)]
        nothing = len(judged) > 1 and self.find(loads, asset, judged, today) == NOTHING_FOUND
        for account_id, window in judged:
            found = NOTHING_FOUND if nothing else self.find(loads, asset, [(account_id, window)], today)
            about = window if self.extent is Extent.DAYS else None
            yield CheckState(self.check, asset, account_id, not found.total, findings_of(found), about, run_id)

    def _looks_at(self, window: DateWindow | None, today: date) -> bool:
        return self.extent is not Extent.YESTERDAY or window is None or today - ONE_DAY in window


def _counts_members(stream: Stream) -> bool:
    return stream.report is not None and stream.report.distinct is not None


ROW_CHECKS = (
    RowCheck(
        Check.NO_FUTURE_FACTS,
        _is_report,
        "No row is about a future day.",
        Extent.ACCOUNT,
        lambda loads, asset, covered, today: loads.future(asset, covered, today=today),
    ),
    RowCheck(
        Check.NO_NEGATIVE_NUMBERS,
        _is_report,
        "No loaded metric is below zero.",
        Extent.DAYS,
        lambda loads, asset, covered, _: loads.negative(asset, covered),
    ),
    RowCheck(
        Check.FACTS_HAVE_ENTITIES,
        _is_daily,
        "Every campaign or creative that has metrics has a name and settings, unless LinkedIn deleted it (`notes`).",
        Extent.DAYS,
        lambda loads, asset, covered, _: loads.orphans(asset, covered),
    ),
    RowCheck(
        Check.LAST_DAY_COMPLETE,
        _is_of_every_day,
        "If each of the three days before yesterday has rows, yesterday has rows, too.",
        Extent.YESTERDAY,
        lambda loads, asset, covered, today: loads.quiet(asset, covered, day=today - timedelta(days=1)),
    ),
    RowCheck(
        Check.CURRENCY_KNOWN,
        lambda stream: stream.parent is None or _is_daily(stream),
        "The currency of each loaded account is known.",
        Extent.ACCOUNT,
        lambda loads, _asset, covered, _: loads.without_currency(covered),
    ),
    RowCheck(
        Check.REACH_LEVELS,
        _counts_members,
        "The reach of a part is at most that of its whole; what adding it up would overstate is in `notes`.",
        Extent.DAYS,
        lambda loads, asset, covered, _: contradictions(loads.engine, asset, covered),
    ),
)


def row_checks_of(asset: str) -> list[RowCheck]:
    """The checks that look at this asset's rows."""
    return [check for check in ROW_CHECKS if check.applies(stream_of(asset))]


def row_states(asset: str, covered: Covered, loads: LoadChecks, *, today: date, run_id: str) -> Iterator[CheckState]:
    """Evaluate them over these accounts and days, and over the days of earlier failures that the caller adds.

    Raises:
        StorageError: the query failed.
    """
    yield _unique_keys(asset, loads, run_id)
    for check in row_checks_of(asset):
        yield from check.evaluate_each(asset, covered, loads, today=today, run_id=run_id)


def _unique_keys(asset: str, loads: LoadChecks, run_id: str) -> CheckState:
    """Look whether PostgreSQL enforces the key: as long as it does, no scan could find a key twice."""
    key = key_of(asset)
    enforced = tuple(loads.key_in_force(asset)) == key
    return CheckState(Check.UNIQUE_KEYS, asset, None, enforced, PrimaryKey(key), None, run_id)


def findings_of(found: Found) -> RowFindings:
    """What was found, as it is kept with a result."""
    rows, notes = (tuple(_shown_in(row) for row in part) for part in (found.rows, found.notes))
    return RowFindings(found.total, rows, notes)


def _shown_in(row: Mapping[str, object]) -> dict[str, str | int | None]:
    return {name: _shown(value) for name, value in row.items()}


def _shown(value: object) -> str | int | None:
    return value if value is None or isinstance(value, int) else str(value)
