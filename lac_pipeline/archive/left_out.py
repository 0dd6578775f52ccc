"""What a replay of the raw archive does not load, although LinkedIn returned it, and what it cannot know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from lac_pipeline.archive.archived_loads import ArchivedHistory, ArchivedLoad
from lac_pipeline.errors import ArchiveError
from lac_pipeline.settings import Settings
from lac_pipeline.streams import Partitioning, stream_of
from lac_pipeline.windows import DateWindow


class FailedSyncs(Struct, frozen=True):
    """Syncs that failed then, so that they load nothing again."""

    count: int


class GuessedLoads(Struct, frozen=True):
    """Loads that an older version kept without their outcome: one that failed may have loaded."""

    count: int


class UnchosenStream(Struct, frozen=True):
    """Loads of a stream that LAC_STREAMS leaves out."""

    count: int


class SplitOtherwise(Struct, frozen=True):
    """Loads of a declared report that had other pivots, or another granularity, then."""

    count: int


class NothingKept(Struct, frozen=True):
    """No whole response was kept since this UTC day."""

    since: date


class BeforeStart(Struct, frozen=True):
    """UTC days before LAC_START_DATE, which have no partition."""

    window: DateWindow
    start: date


class MetricsNotRead(Struct, frozen=True):
    """UTC days that were loaded without some of the metrics that are read now."""

    window: DateWindow
    metrics: tuple[str, ...]


class ResponseMissing(Struct, frozen=True):
    """A response that the load read cannot be read any more."""

    error: ArchiveError


Cause = (
    FailedSyncs
    | GuessedLoads
    | UnchosenStream
    | SplitOtherwise
    | NothingKept
    | BeforeStart
    | MetricsNotRead
    | ResponseMissing
)


class LeftOut(Struct, frozen=True):
    """Something of an asset that a replay does not load, or is not sure of."""

    account_id: int
    asset: str
    cause: Cause

    @property
    def failure(self) -> str | None:
        """Why the replay fails by it; None if it only has to be known."""
        return str(self.cause.error) if isinstance(self.cause, ResponseMissing) else None


def left_out(account_id: int, history: ArchivedHistory, *, settings: Settings, since: date) -> Iterator[LeftOut]:
    """Find what the replay of an account leaves out, by what the archive holds and by the settings of today.

    Args:
        account_id: ad account.
        history: what the archive holds of it.
        settings: what is to be loaded.
        since: the first UTC day on which responses were kept that are read.
    """
    for asset, count in Counter(attempt.asset for attempt in history.failed).items():
        yield LeftOut(account_id, asset, FailedSyncs(count))
    for asset, count in Counter(load.attempt.asset for load in history.loads if load.guessed).items():
        yield LeftOut(account_id, asset, GuessedLoads(count))
    for asset, count in Counter(load.attempt.asset for load in history.loads).items():
        if asset not in settings.streams:
            yield LeftOut(account_id, asset, UnchosenStream(count))
    for asset, count in Counter(load.attempt.asset for load in history.loads if not load.is_of_today).items():
        yield LeftOut(account_id, asset, SplitOtherwise(count))
    for stream in settings.streams:
        if stream.resource and all(load.attempt.asset != stream.name for load in history.loads):
            yield LeftOut(account_id, stream.name, NothingKept(since))
    for load in history.loads:
        for cause in _of_load(load, settings):
            yield LeftOut(account_id, load.attempt.asset, cause)


def _of_load(load: ArchivedLoad, settings: Settings) -> Iterator[Cause]:
    window, stream, start = load.attempt.window, stream_of(load.attempt.asset), settings.start_date
    if window is None:
        return
    if window.start < (start.replace(day=1) if stream.monthly else start):
        yield BeforeStart(DateWindow(window.start, min(window.end, start)), start)
    read = set(load.metrics)
    lacking = sorted({metric.name for metric in settings.metrics_of(stream)} - read) if read else []
    if lacking and stream.partitioning is Partitioning.ACCOUNT_DAY:
        yield MetricsNotRead(window, tuple(lacking))
