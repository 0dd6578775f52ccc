"""The life of one attempt: it begins before the first request, and ends with a load or with the reason of its failure.

However the code between ends, the attempt ends with it: an error of ours fails it by its own words, any other exception
as a defect of this program, and an interrupt as an interrupt. Each is recorded and then raised.

Who fetches may hand the attempt over to who stores, as an asset's body does to the IO manager. It then outlives the
block that began it, as a `PendingLoad`; one that is never stored fails when the warehouse is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from lac_pipeline.errors import DefectError, LacError
from lac_pipeline.warehouse.load.attempts import Attempt, Kept, Load, LoadResult
from lac_pipeline.warehouse.load.recording import recording

RESPONSES_NAMED = 3
"""So many of the last responses are named where this program fails: the one that it fails on is among them."""
LONGEST_DETAIL = 500  # characters
INTERRUPTED = "interrupted before everything had been loaded"


class Loads(Protocol):
    """Where attempts end: the warehouse."""

    def load(self, load: Load) -> LoadResult:
        """Store a finished fetch and close its attempt."""
        ...

    def fail(self, attempt: Attempt, error: BaseException, *, api_calls: int = 0) -> None:
        """Close an attempt that failed."""
        ...

    @property
    def pending(self) -> set[PendingLoad]:
        """What was fetched and is not stored yet."""
        ...


@dataclass(slots=True)
class OpenAttempt:
    """An attempt that has begun and not ended.

    Attributes:
        attempt: its row of `sync_log`.
        responses: the responses of LinkedIn that the archive has kept for it so far.
    """

    attempt: Attempt
    responses: list[Kept]
    _loads: Loads
    _calls: Callable[[], int]
    _calls_before: int = field(init=False)
    _api_calls: int | None = field(default=None, init=False)
    _ended: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Remember how many requests were sent before it."""
        self._calls_before = self._calls()

    @property
    def api_calls(self) -> int:
        """How many requests were sent for it so far, retries included."""
        return self._calls() - self._calls_before if self._api_calls is None else self._api_calls

    def load(self, load: Load) -> LoadResult:
        """Store what was fetched, which closes the attempt.

        Raises:
            LacError: as `Warehouse.load` does; nothing was written.
        """
        result = self._loads.load(load)
        self._ended = True
        return result

    def hand_over(self, load: Load) -> PendingLoad:
        """Let the attempt outlive the block that began it: what was fetched is stored later, which closes it.

        Requests that are sent from now on are not its own.
        """
        self._api_calls = load.api_calls
        pending = PendingLoad(load, self)
        self._loads.pending.add(pending)
        return pending

    def fail(self, error: BaseException) -> None:
        """Record the failure; an attempt that has loaded stays a success."""
        if not self._ended:
            self._loads.fail(self.attempt, error, api_calls=self.api_calls)
            self._ended = True

    def end(self) -> None:
        """Refuse to end without a load.

        Raises:
            RuntimeError: nothing was loaded or handed over, and nothing raised.
        """
        if not self._ended and self._api_calls is None:
            raise RuntimeError(f"the attempt at {self.attempt.asset} ended without a load")

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Let whatever the block raises fail the attempt.

        Raises:
            DefectError: in place of an exception that is none of ours.
        """
        try:
            yield
        except LacError as error:
            self.fail(error)
            raise
        except Exception as error:
            defect = defect_of(error, self.attempt, responses=self.responses)
            self.fail(defect)
            raise defect from error
        except BaseException:  # Ctrl-C, SIGTERM, or Dagster ending the run
            self.fail(interrupted())
            raise

    def forget(self, pending: PendingLoad) -> None:
        """Remove what was handed over, for it is stored or abandoned."""
        self._loads.pending.discard(pending)


@dataclass(frozen=True, slots=True, eq=False)
class PendingLoad:
    """What was fetched, with its attempt still open: storing it closes the attempt.

    Attributes:
        load: the finished fetch.
    """

    load: Load
    _opened: OpenAttempt

    def store(self) -> LoadResult:
        """Store it in one transaction, and forget its rows.

        Raises:
            LacError: as `Warehouse.load` does; nothing was written, and the attempt has failed.
            DefectError: in place of an exception that is none of ours.
        """
        try:
            with self._opened.failing():
                return self._opened.load(self.load)
        finally:
            self._end()

    def abandon(self) -> None:
        """Fail the attempt as interrupted, and forget the rows."""
        self._opened.fail(interrupted())
        self._end()

    def _end(self) -> None:
        self.load.spool.close()
        self._opened.forget(self)


@contextmanager
def lifecycle(attempt: Attempt, *, loads: Loads, calls: Callable[[], int]) -> Iterator[OpenAttempt]:
    """Hold an attempt that has begun until it has ended; what the archive keeps meanwhile is kept as its own.

    Args:
        attempt: its row is in `sync_log` already.
        loads: stores what is fetched, and records a failure.
        calls: counts the requests that were sent, retries included.

    Raises:
        DefectError: in place of an exception that is none of ours.
    """
    with recording(attempt) as recorded:
        opened = OpenAttempt(attempt, recorded.kept, loads, calls)
        with opened.failing():
            yield opened
            opened.end()


def interrupted() -> LacError:
    """Describe an attempt that was ended from outside before its load."""
    return LacError(INTERRUPTED, meaning="nothing of this sync was written", fix="run it again: `lac sync`")


def defect_of(error: Exception, attempt: Attempt, *, responses: Sequence[Kept]) -> DefectError:
    """Describe a fault of this program in four parts: what was read, and the responses that it fails on.

    Args:
        error: what Python raised.
        attempt: what was being synced.
        responses: what LinkedIn returned so far.
    """
    days = f" on {attempt.window}" if attempt.window else ""
    endpoints = ", ".join(dict.fromkeys(kept.endpoint for kept in responses)) or "LinkedIn"
    last = [f"the response is kept in {kept.where}" for kept in responses[-RESPONSES_NAMED:]]
    return DefectError(
        f"lac cannot read what {endpoints} returned about {attempt.asset} of account {attempt.account_id}{days}",
        detail="\n".join([f"{type(error).__name__}: {error}"[:LONGEST_DETAIL], *last]),
        meaning="a defect of lac, not of your settings; nothing of it was written, and what was loaded before stays",
        fix=f"report it with {'these files' if len(last) > 1 else 'this file'}; the log of the run holds the details",
    )
