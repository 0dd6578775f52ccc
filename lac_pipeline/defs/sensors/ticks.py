"""The ticks of schedules and sensors, as Dagster keeps them: how each last ended, and which failed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, InstigatorTick, TickStatus
from dagster_shared.error import SerializableErrorInfo
from msgspec import Struct

OVER = [TickStatus.SUCCESS, TickStatus.SKIPPED, TickStatus.FAILURE]
READ_AT_ONCE = 20
"""More failures of one sensor between two looks are no news: they are alike."""


class Tick(Struct, frozen=True):
    """A tick that is over.

    Attributes:
        name: the schedule's or sensor's name.
        is_schedule: whether it is a schedule's.
        due_at: when it was due (UTC); of a sensor, when it began.
        ended_at: when it ended (UTC).
        status: how it ended.
        runs: how many runs it requested.
        reason: why it was skipped, or why it failed; None after success.
    """

    name: str
    is_schedule: bool
    due_at: datetime
    ended_at: datetime
    status: TickStatus
    runs: int
    reason: str | None

    @property
    def failed(self) -> bool:
        """Whether it requested nothing because something went wrong."""
        return self.status is TickStatus.FAILURE


class Automation(Struct, frozen=True):
    """A schedule or sensor that Dagster's daemon has seen.

    Attributes:
        stopped: whether a person switched it off.
        last: its last tick that is over; None if there was none.
    """

    stopped: bool
    last: Tick | None


def automations(instance: dg.DagsterInstance) -> dict[str, Automation]:
    """Every schedule and sensor that the daemon has seen, by name."""
    return {
        state.instigator_name: Automation(
            stopped=state.status is InstigatorStatus.STOPPED,
            last=next((_tick(tick) for tick in _ticks(instance, state, OVER, limit=1)), None),
        )
        for state in instance.all_instigator_state()
    }


def failed_ticks(instance: dg.DagsterInstance, *, since: datetime) -> Iterator[Tick]:
    """The ticks that failed since then.

    Dagster dates a schedule's tick by when it was due, which may be hours before it was evaluated; what counts here is
    when it ended. An instance in memory keeps no ticks.
    """
    if instance.schedule_storage is None:
        return
    for state in instance.all_instigator_state():
        for evaluation in _ticks(instance, state, [TickStatus.FAILURE], limit=READ_AT_ONCE):
            tick = _tick(evaluation)
            if tick.ended_at >= since:
                yield tick


def _ticks(
    instance: dg.DagsterInstance, state: InstigatorState, statuses: list[TickStatus], *, limit: int
) -> Sequence[InstigatorTick]:
    return instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=limit, statuses=statuses)


def _tick(tick: InstigatorTick) -> Tick:
    return Tick(
        name=tick.instigator_name,
        is_schedule=tick.instigator_type is InstigatorType.SCHEDULE,
        due_at=datetime.fromtimestamp(tick.timestamp, UTC),
        ended_at=datetime.fromtimestamp(tick.end_timestamp or tick.timestamp, UTC),
        status=tick.status,
        runs=len(tick.run_ids),
        reason=tick.skip_reason if tick.error is None else _reason(tick.error),
    )


def _reason(error: SerializableErrorInfo) -> str:
    """What our code raised; around it Dagster puts an error that names only the schedule or sensor."""
    return (error.cause or error).message.strip()
