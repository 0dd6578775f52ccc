"""The warehouse: loads LinkedIn's rows into PostgreSQL, one transaction for each asset, account and window.

Concurrent loads of one asset and account wait for each other (advisory lock). A load never overwrites a later fetch: it
writes no rows of days that a later fetch has loaded already.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import stamina
from sqlalchemy import Connection, Engine

from lac_pipeline.clock import Clock
from lac_pipeline.errors import ArchiveError, StorageError
from lac_pipeline.postgres.engine import is_passing, limit_waits, translating_errors
from lac_pipeline.streams import Stream, every_stream, stream_of
from lac_pipeline.warehouse.check_results import CheckState
from lac_pipeline.warehouse.connected import ConnectedWarehouse
from lac_pipeline.warehouse.load import sync_log
from lac_pipeline.warehouse.load.attempts import Attempt, Load, LoadResult, SkippedAsset, is_flood
from lac_pipeline.warehouse.load.comparing_again import compare_again
from lac_pipeline.warehouse.load.lead_answers import drop_lead_answers
from lac_pipeline.warehouse.load.lifecycle import OpenAttempt, PendingLoad, lifecycle
from lac_pipeline.warehouse.load.loading import run_load
from lac_pipeline.warehouse.load.making_views import make_view
from lac_pipeline.warehouse.load.outcomes import Outcome
from lac_pipeline.warehouse.load.reconciliation import AccountTotals, Reconciled, reconcile
from lac_pipeline.warehouse.load.rejection_limit import flood_error, quarantine_flood
from lac_pipeline.warehouse.load.restatements import prune_restatements
from lac_pipeline.warehouse.load.unavailable import leave_unavailable
from lac_pipeline.warehouse.query.readings import Readings
from lac_pipeline.warehouse.schema.base import server_time
from lac_pipeline.windows import DateWindow, month_of

T = TypeVar("T")

TRIES = 5
"""How often a load is tried when PostgreSQL breaks it off: deadlock, lock time-out, restart."""


class OutcomeArchive(Protocol):
    """Keeps how attempts ended."""

    def close(self, outcome: Outcome) -> None:
        """Keep it.

        Raises:
            ArchiveError: it cannot be written.
        """
        ...


class Warehouse(ConnectedWarehouse):
    """Loads into PostgreSQL, and the log of them.

    Args:
        engine: as `make_engine` makes it.
        clock: when attempts begin and end; PostgreSQL's own clock by default, so that machines whose clocks differ
            agree on what was fetched later.
        archive: opens the archive of outcomes, beside LinkedIn's responses.

    Attributes:
        pending: what was fetched and is not stored yet.
    """

    def __init__(
        self, engine: Engine, *, clock: Clock | None = None, archive: Callable[[], OutcomeArchive] | None = None
    ) -> None:
        super().__init__(engine)
        self._archive = archive
        self.read = Readings(engine)
        self._clock = clock
        self.pending: set[PendingLoad] = set()

    def abandon_pending(self) -> None:
        """End as interrupted what was fetched and never stored, as when a run ends between the two."""
        for pending in list(self.pending):
            pending.abandon()

    def begin(
        self,
        asset: str,
        account_id: int,
        *,
        run_id: str,
        trigger: str,
        window: DateWindow | None,
    ) -> Attempt:
        """Log that a fetch begins, before the first request to LinkedIn.

        Args:
            asset: an asset that is loaded from LinkedIn.
            account_id: ad account.
            run_id: Dagster run.
            trigger: `scheduled`, `on_demand` or `backfill`.
            window: UTC days, whole months for `audience_demographics`; None for entities.

        Raises:
            ValueError: the window does not fit the asset.
            StorageError: the row cannot be written.
        """
        _check_window(asset, window)

        def open_now(connection: Connection) -> Attempt:
            attempt = Attempt(asset, account_id, run_id, trigger, window, self._now(connection))
            return sync_log.open_attempt(connection, attempt)

        return self._transaction(open_now)

    @contextlib.contextmanager
    def attempt(
        self,
        asset: str,
        account_id: int,
        *,
        run_id: str,
        trigger: str,
        window: DateWindow | None,
        calls: Callable[[], int],
    ) -> Iterator[OpenAttempt]:
        """Hold an attempt from its begin to its end: a load, its hand-over, or the recorded reason why there is none.

        Args:
            asset: an asset that is loaded from LinkedIn.
            account_id: ad account.
            run_id: Dagster run.
            trigger: `scheduled`, `on_demand` or `backfill`.
            window: UTC days, whole months for `audience_demographics`; None for entities.
            calls: counts the requests that were sent, retries included.

        Raises:
            ValueError: the window does not fit the asset.
            StorageError: the row cannot be written.
            DefectError: in place of an exception that is none of ours.
        """
        begun = self.begin(asset, account_id, run_id=run_id, trigger=trigger, window=window)
        with lifecycle(begun, loads=self, calls=calls) as opened:
            yield opened

    def load(self, load: Load) -> LoadResult:
        """Bring a finished fetch into its table, in one transaction that also closes the attempt.

        It is tried again, as a whole, when PostgreSQL breaks it off. The spool stays open.

        Raises:
            DatabaseBusyError: others locked the rows all the time.
            DatabaseUnavailableError: PostgreSQL went away and did not come back.
            StorageError: the rows are not those that the attempt was for, or PostgreSQL refuses them.
            UnexpectedPayloadError: most records failed validation; they are in quarantine, and nothing else changed.
        """
        if load.flooded or is_flood(load.invalid, load.fetched):
            self._transaction(lambda connection: quarantine_flood(connection, load))
            raise flood_error(load)

        self.make_report_views([stream_of(load.attempt.asset)])
        archived: list[Outcome] = []

        def store(connection: Connection) -> LoadResult:
            if load.forbidden is not None:
                result = leave_unavailable(connection, load, load.forbidden, at=self._now(connection))
            else:
                result = run_load(connection, load, now=self._now)
            # Before the commit, so that no row is written of which the archive does not know.
            archived.append(Outcome.of_load(load, status=result.status, closed_at=self._now(connection)))
            self._keep(archived[-1])
            return result

        try:
            return self._transaction(store)
        except BaseException as error:
            for outcome in archived[-1:]:  # the last one of an attempt counts
                self._keep_failure(load.attempt, error, at=outcome.closed_at + timedelta(microseconds=1))
            raise

    def make_report_views(self, streams: Iterable[Stream]) -> list[str]:
        """Make the view of each stream that shares a table, where it is missing or its report has changed.

        Returns the names of those that were made.

        Raises:
            StorageError: other views stand on columns that a report has no more, or PostgreSQL cannot do it.
        """
        shown = [stream for stream in streams if stream.shares is not None]
        return [stream.name for stream in shown if self._transaction(partial(make_view, stream=stream))]

    def fail(self, attempt: Attempt, error: BaseException, *, api_calls: int = 0) -> None:
        """Log that an attempt failed, and why; the rows that were there stay.

        Where PostgreSQL cannot write that down, the run still fails with its own error; the attempt
        stays `running` until `close_orphans` closes it with its run.
        """
        errors = [sync_log.describe(error)]

        def close(connection: Connection) -> datetime:
            at = self._now(connection)
            sync_log.close_attempt(connection, attempt, status="failed", at=at, errors=errors, api_calls_made=api_calls)
            return at

        with contextlib.suppress(StorageError):
            self._keep_failure(attempt, error, at=self._transaction(close))

    def skip(self, skipped: Iterable[SkippedAsset], *, run_id: str, trigger: str) -> None:
        """Log that assets of accounts were left alone, each with the freshness gate's reason.

        Raises:
            StorageError: the rows cannot be written.
        """
        rows = list(skipped)
        self._transaction(
            lambda connection: sync_log.log_skipped(
                connection, rows, run_id=run_id, trigger=trigger, at=self._now(connection)
            )
        )

    def close_orphans(self, finished_run_ids: Iterable[str]) -> int:
        """Close as failed what runs that are over left running; return how many attempts that were.

        `Readings.running_run_ids` lists the runs to look up in Dagster.

        Raises:
            StorageError: the rows cannot be written.
        """
        run_ids = list(finished_run_ids)
        return self._transaction(
            lambda connection: sync_log.close_running(connection, run_ids, at=self._now(connection))
        )

    def reconcile(self, totals: AccountTotals, *, assets: Iterable[str], run_id: str) -> Reconciled:
        """Compare LinkedIn's totals of an account with the sums of our tables, and log what was compared.

        Args:
            totals: of LinkedIn.
            assets: the tables that hold the window: `campaign_daily_metrics`, `creative_daily_metrics`, or both.
            run_id: Dagster run.

        Raises:
            StorageError: PostgreSQL cannot do it.
        """
        compared = tuple(assets)
        return self._transaction(lambda connection: reconcile(connection, totals, assets=compared, run_id=run_id))

    def compare_again(self, asset: str, account_id: int, *, run_id: str) -> list[CheckState]:
        """Compare a table again with LinkedIn's totals as they were stored, and keep the results.

        Args:
            asset: `campaign_daily_metrics` or `creative_daily_metrics`.
            account_id: ad account.
            run_id: Dagster run.

        Raises:
            StorageError: PostgreSQL cannot do it.
        """
        return self._transaction(lambda connection: compare_again(connection, asset, account_id, run_id=run_id))

    def prune_restatements(self, older_than: timedelta) -> int:
        """Forget the restatements that were seen longer ago than this; return how many rows that were.

        Raises:
            StorageError: the rows cannot be deleted.
        """
        return self._transaction(
            lambda connection: prune_restatements(connection, before=self._now(connection) - older_than)
        )

    def drop_lead_answers(self, older_than: timedelta) -> int:
        """Delete what members filled in longer ago than this; return how many rows that were.

        Raises:
            StorageError: the rows cannot be deleted.
        """
        return self._transaction(
            lambda connection: drop_lead_answers(connection, before=self._now(connection) - older_than)
        )

    def _now(self, connection: Connection) -> datetime:
        return server_time(connection) if self._clock is None else self._clock()

    def _keep(self, outcome: Outcome) -> None:
        if self._archive is not None:
            self._archive().close(outcome)

    def _keep_failure(self, attempt: Attempt, error: BaseException, *, at: datetime) -> None:
        with contextlib.suppress(ArchiveError):  # an attempt without an outcome is not replayed either
            self._keep(Outcome(attempt, "failed", at, errors=(sync_log.describe(error),)))

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        with translating_errors():
            return stamina.RetryingCaller(attempts=TRIES, timeout=None).on(is_passing)(self._once, work)

    def _once(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            limit_waits(connection)
            return work(connection)


def _check_window(asset: str, window: DateWindow | None) -> None:
    streams = every_stream()
    if asset not in streams:
        raise ValueError(f"{asset} is not loaded from LinkedIn; these are: {', '.join(streams.names)}")
    stream = stream_of(asset)
    if (window is None) != (stream.day_column is None):
        raise ValueError(f"{asset} is loaded {'as a whole' if stream.day_column is None else 'by windows of days'}")
    if window is not None and stream.monthly:
        whole = DateWindow(month_of(window.start).start, month_of(window.last).end)
        if window != whole:
            raise ValueError(f"{asset} is loaded by whole months, not {window}")
