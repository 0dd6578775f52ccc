"""Reconciliation: the sums of the tables against LinkedIn's own totals of the account.

Tolerance: none for counts and a cent for money on days that were over for two days when the totals were requested; on
younger days, whose numbers may move between two calls, 1 % of LinkedIn's total and at least one unit more. The total
of a window may differ by as much as its days together. The day still running is not compared, and neither is a metric
on days of which it is unknown, whether LinkedIn did not give it or it was not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

from msgspec import Struct
from sqlalchemy import Connection, Numeric, cast, insert, select

from lac_pipeline.linkedin.metrics import Kind, Metric
from lac_pipeline.streams import report_of, stream_of
from lac_pipeline.warehouse.check_results import SHOWN, Check, CheckState, Difference, NotCompared, Reconciliation
from lac_pipeline.warehouse.load import check_states
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.rejects import count_open
from lac_pipeline.warehouse.load.restatements import SETTLED_AFTER
from lac_pipeline.warehouse.load.sync_log import Coverage
from lac_pipeline.warehouse.schema.base import SCHEMA, Base, server_time
from lac_pipeline.warehouse.schema.quality_tables import ReconciliationRow
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.windows import DateWindow

UNKNOWN = "no metric that may be summed is known on all of these days"
NOT_YET = "they were not read since these days were loaded"
CENT = Decimal("0.01")
YOUNG_SHARE = Decimal("0.01")
Totals = Mapping[str, Decimal | None]
"""Totals by column; None where LinkedIn did not give one, or not for every row."""


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """LinkedIn's totals of an account, pivot ACCOUNT; a requested metric that is absent is zero, a null is None.

    Attributes:
        account_id: ad account.
        window: the UTC days that were requested, without the current day.
        metrics: what was requested.
        days: granularity DAILY; days without activity are absent.
        whole: granularity ALL; of a refresh's few days, the days added up.
        requested_at: when.
    """

    account_id: int
    window: DateWindow
    metrics: tuple[Metric, ...]
    days: Mapping[date, Totals]
    whole: Totals
    requested_at: datetime


class Comparison(Struct, frozen=True):
    """One total: LinkedIn's, ours, and how far they may lie apart; `day` is None for the whole window."""

    asset: str
    day: date | None
    metric: str
    linkedin: Decimal
    ours: Decimal
    tolerance: Decimal

    @property
    def passed(self) -> bool:
        """Whether the totals lie as near as they should."""
        return abs(self.ours - self.linkedin) <= self.tolerance


class Reconciled(Struct, frozen=True):
    """What came of a reconciliation: the window's totals, and the days that differ."""

    account_id: int
    window: DateWindow
    comparisons: tuple[Comparison, ...]

    @property
    def failures(self) -> tuple[Comparison, ...]:
        """The totals that lie too far apart, single days first."""
        failed = [comparison for comparison in self.comparisons if not comparison.passed]
        return tuple(
            sorted(
                failed,
                key=lambda comparison: (
                    comparison.day is None,
                    comparison.asset,
                    comparison.day or date.min,
                    comparison.metric,
                ),
            )
        )


def expected_comparisons(attempt: Attempt, coverage: Coverage) -> list[CheckState]:
    """That the loaded days are not compared yet, for a load to keep in its own transaction.

    The check's result takes its place. It stays where the run ends in between, so that a loss that no check looked for
    is not taken for agreement.
    """
    report = stream_of(attempt.asset).report
    if report is None or not report.totals_match:
        return []
    today = attempt.started_at.astimezone(UTC).date()  # the day that still runs is not compared
    days = [
        DateWindow(window.start, min(window.end, today))
        for window in coverage
        if window is not None and window.start < today
    ]
    result = partial(CheckState, Check.RECONCILIATION, attempt.asset, attempt.account_id, None, NotCompared(NOT_YET))
    return [result(window, attempt.run_id) for window in days]


def reconcile(connection: Connection, totals: AccountTotals, *, assets: Sequence[str], run_id: str) -> Reconciled:
    """Compare the totals with the sums of these tables, log the comparisons and their result; the caller commits."""
    found = [comparison for asset in assets for comparison in _compare(connection, totals, asset)]
    result = Reconciled(
        totals.account_id, totals.window, tuple(match for match in found if match.day is None or not match.passed)
    )
    # Loads are dated by PostgreSQL's clock. A stamp of a clock that runs ahead would hide those that come later.
    checked_at = min(totals.requested_at, server_time(connection))
    rows = [_row(totals, comparison, run_id, checked_at) for comparison in result.comparisons]
    if rows:  # what returns something is one statement, however many rows it inserts
        connection.execute(insert(ReconciliationRow).returning(ReconciliationRow.id), rows)
    states = [_result(connection, result, asset, run_id=run_id, covering=totals.window) for asset in assets]
    check_states.record(connection, states, covering=totals.window)
    return result


def keep_result(
    connection: Connection, result: Reconciled, asset: str, *, run_id: str, covering: DateWindow
) -> CheckState:
    """Keep whether a table agrees, in place of what was found before about the days; the caller commits."""
    state = _result(connection, result, asset, run_id=run_id, covering=covering)
    check_states.record(connection, [state], covering=covering)
    return state


def _result(connection: Connection, result: Reconciled, asset: str, *, run_id: str, covering: DateWindow) -> CheckState:
    """Whether a table agrees; a failure is about the span of days that differ: loading them again resolves it."""
    failed = [failure for failure in result.failures if failure.asset == asset]
    days = [finding.day for finding in failed if finding.day is not None]
    first = tuple(Difference(finding.day, finding.metric, finding.linkedin, finding.ours) for finding in failed[:SHOWN])
    compared = sum(comparison.asset == asset for comparison in result.comparisons)
    window = DateWindow.inclusive(min(days), max(days)) if days else covering
    refused = count_open(connection, asset, result.account_id, window) if failed else 0
    return CheckState(
        Check.RECONCILIATION,
        asset,
        result.account_id,
        passed=not failed if compared else None,
        facts=Reconciliation(compared, len(failed), first, refused) if compared else NotCompared(UNKNOWN),
        window=window,
        run_id=run_id,
    )


def _compare(connection: Connection, totals: AccountTotals, asset: str) -> Iterator[Comparison]:
    """Compare each day, those without any row too, and then the whole."""
    pivots = report_of(asset).pivots
    metrics = [metric for metric in totals.metrics if metric.additive and all(map(metric.serves, pivots))]
    ours = sums_by_day(connection, asset, totals.account_id, totals.window, [metric.column for metric in metrics])
    for metric in metrics:
        name, leeway = metric.column, Decimal(0)
        for day in totals.window:
            theirs, stored = (sums.get(day, {}).get(name, Decimal(0)) for sums in (totals.days, ours))
            if theirs is None or stored is None:
                continue
            tolerance = _tolerance(metric, theirs, young=totals.requested_at.date() - day <= SETTLED_AFTER)
            leeway += tolerance
            yield Comparison(asset, day, name, theirs, stored, tolerance)
        theirs, stored = totals.whole.get(name, Decimal(0)), total_of(ours.values(), name)
        if theirs is not None and stored is not None:
            yield Comparison(asset, None, name, theirs, stored, leeway)


def total_of(days: Iterable[Totals], metric: str) -> Decimal | None:
    """Add a metric up over days; None where it is unknown on one of them."""
    values = [sums.get(metric, Decimal(0)) for sums in days]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def sums_by_day(
    connection: Connection, asset: str, account_id: int, window: DateWindow, metrics: Sequence[str]
) -> dict[date, dict[str, Decimal | None]]:
    """Sum these columns over the account's rows of each day that has rows; None where a row does not know one."""
    table = Base.metadata.tables[f"{SCHEMA}.{asset}"]
    query = (
        select(table.c.date, *(cast(whole_sum(table.c[name]), Numeric) for name in metrics))
        .where(table.c.account_id == account_id, table.c.date >= window.start, table.c.date < window.end)
        .group_by(table.c.date)
    )
    return {day: dict(zip(metrics, sums, strict=True)) for day, *sums in connection.execute(query)}


def _tolerance(metric: Metric, theirs: Decimal, *, young: bool) -> Decimal:
    exact = CENT if metric.kind is Kind.MONEY else Decimal(0)
    return exact + max(Decimal(1), YOUNG_SHARE * abs(theirs)) if young else exact


def _row(totals: AccountTotals, comparison: Comparison, run_id: str, checked_at: datetime) -> dict[str, object]:
    return {
        "account_id": totals.account_id,
        "asset": comparison.asset,
        "run_id": run_id,
        "checked_at": checked_at,
        "window_start": totals.window.start,
        "window_end": totals.window.end,
        "date": comparison.day,
        "metric": comparison.metric,
        "linkedin_total": comparison.linkedin,
        "our_total": comparison.ours,
        "difference": comparison.ours - comparison.linkedin,
        "tolerance": comparison.tolerance,
        "passed": comparison.passed,
    }
