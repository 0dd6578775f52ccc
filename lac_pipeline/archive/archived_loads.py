"""Loads in the raw archive: with a stored outcome, or, from older versions, without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime
from itertools import chain

from msgspec import Struct

from lac_pipeline.archive.replay_transport import ArchivedLinkedIn
from lac_pipeline.archive.store import RawArchive
from lac_pipeline.linkedin.metrics import CATALOGUE
from lac_pipeline.streams import STREAMS, Report, Stream, every_stream, stream_of
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.load.outcomes import Outcome
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED
from lac_pipeline.windows import DateWindow, contiguous, month_of


class ArchivedLoad(Struct, frozen=True):
    """A load that can be done again from the archive.

    Attributes:
        attempt: the attempt that loaded.
        closed_at: when it ended, aware UTC.
        responses: the names of its responses.
        metrics: LinkedIn's names of the metrics that it read; none for entities.
        pivot_types: the demographic pivots that it loaded; none elsewhere.
        unread_pivots: those that it could not read.
        accept_shrink: whether it took rows away although most were missing.
        guessed: whether its outcome was not stored, so it is unknown whether it loaded.
        columns: the columns that it filled, and of a declared report what its rows are split by.
    """

    attempt: Attempt
    closed_at: datetime
    responses: tuple[str, ...]
    metrics: tuple[str, ...] = ()
    pivot_types: tuple[str, ...] = ()
    unread_pivots: tuple[UnreadPivot, ...] = ()
    accept_shrink: bool = False
    guessed: bool = False
    columns: tuple[str, ...] = ()

    @property
    def is_of_today(self) -> bool:
        """Whether its report has the same pivots now; responses by other pivots do not belong to today's report."""
        report = stream_of(self.attempt.asset).report
        return report is None or not report.known_by or report.split in self.columns

    @classmethod
    def of(cls, outcome: Outcome) -> ArchivedLoad:
        """Take it from the outcome that was kept."""
        metrics = tuple(metric.name for metric in CATALOGUE if metric.column in outcome.columns)
        return cls(
            outcome.attempt,
            outcome.closed_at,
            outcome.responses,
            metrics,
            pivot_types=outcome.pivot_types or (),
            unread_pivots=outcome.unread_pivots,
            accept_shrink=outcome.accept_shrink,
            columns=outcome.columns,
        )


class ArchivedHistory(Struct, frozen=True):
    """The archived loads of an account.

    Attributes:
        loads: in the order in which they were committed.
        failed: the attempts that failed, and so wrote nothing.
    """

    loads: Sequence[ArchivedLoad]
    failed: Sequence[Attempt]


def history_of(archive: RawArchive, account_id: int, since: date) -> ArchivedHistory:
    """Read what was loaded for an account from the UTC day `since` on.

    Raises:
        ArchiveError: the archive cannot be read, or one of its documents is damaged; it is named.
    """
    streams = every_stream()
    outcomes = [outcome for outcome in archive.outcomes(account_id, since) if outcome.attempt.asset in streams]
    known = {name for outcome in outcomes for name in outcome.responses}
    loads = [ArchivedLoad.of(outcome) for outcome in outcomes if outcome.status in CONFIRMED]
    loads += _guessed(archive, account_id, since, known=known)
    failed = [outcome.attempt for outcome in outcomes if outcome.status == "failed"]
    return ArchivedHistory(sorted(loads, key=lambda load: (load.closed_at, load.attempt.started_at)), failed)


def _guessed(archive: RawArchive, account_id: int, since: date, *, known: Container[str]) -> Iterator[ArchivedLoad]:
    """Take the responses that a run of an older version read for an asset for a load, where they are whole."""
    runs: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    mine: set[str] = set()
    for load in chain(archive.unmarked(None, since, known=known), archive.unmarked(account_id, since, known=known)):
        runs[load.run_id].append((load.exchange.sent_at, load.name))
        if load.exchange.account_id is not None:
            mine.add(load.run_id)
    for run_id in mine:
        responses = sorted(runs[run_id])
        linkedin = ArchivedLinkedIn(archive.read(name) for _, name in responses)
        for stream in STREAMS:
            for window, metrics in _read_whole(stream, account_id, linkedin):
                yield ArchivedLoad(
                    Attempt(stream.name, account_id, run_id, "on_demand", window, responses[0][0]),
                    responses[-1][0],
                    tuple(name for _, name in responses),
                    metrics,
                    guessed=True,
                )


def _read_whole(
    stream: Stream, account_id: int, linkedin: ArchivedLinkedIn
) -> Iterator[tuple[DateWindow | None, tuple[str, ...]]]:
    """Return a stream's windows, and its metrics, where every pivot was read with the same metrics."""
    if isinstance(stream.source, Report):
        report = stream.source
        read = [
            linkedin.reports.metrics_read(report.requested(pivot), report.granularity)
            for pivot in report.served_by(linkedin.version)
        ]
        metrics = {name for known in read for names in known.values() for name in names}
        whole = [{day for day, names in known.items() if names == metrics} for known in read]
        days = set.intersection(*whole) if whole else set()
        covered = (covered_day for day in days for covered_day in (month_of(day) if stream.monthly else (day,)))
        for window in contiguous(covered):
            yield window, tuple(metric.name for metric in CATALOGUE if metric.name in metrics)
    elif linkedin.walked(stream.source.path.format(account_id=account_id)):
        yield None, ()
