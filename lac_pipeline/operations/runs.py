"""`lac runs`: follows a run of a running Dagster, line by line as it happens, until its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lac_pipeline.errors import NotFoundError
from lac_pipeline.operations.graphql import RunningDagster

POLL_SECONDS = 1.0
ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
TOLD = frozenset(
    {"RUN_ENQUEUED", "RUN_START", "STEP_START", "STEP_SUCCESS", "STEP_FAILURE", "ASSET_CHECK_EVALUATION", "RUN_FAILURE"}
)
"""Dagster's own events that a person follows; of the others only what the pipeline itself logs."""

_LOG = """query Log($run: ID!, $after: String) { runOrError(runId: $run) { __typename ... on Run { status } }
  logsForRun(runId: $run, afterCursor: $after, limit: 500) { __typename ... on EventConnection { cursor hasMore
    events { __typename ... on MessageEvent { message timestamp level stepKey eventType }
      ... on ExecutionStepFailureEvent { failureMetadata { description } error { message } } } } } }"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a run's log."""

    at: datetime
    level: str
    step: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: `SUCCESS`, `FAILURE` or `CANCELED`."""

    status: str


def follow(dagster: RunningDagster, run_id: str, *, sleep: Callable[[float], None]) -> Iterator[Line | Ended]:
    """Yield the run's lines, those that are there at once and the others as they come, and its end.

    Raises:
        NotFoundError: Dagster does not know the run.
        LacError: Dagster cannot be reached.
    """
    cursor: str | None = None
    while True:
        answer = dagster.ask(_LOG, run=run_id, after=cursor)
        run, log = answer["runOrError"], answer["logsForRun"]
        if run["__typename"] != "Run" or log["__typename"] != "EventConnection":
            raise NotFoundError(
                f"unknown run: {run_id}", fix=f"its whole id is in its address: {dagster.url}/runs lists them"
            )
        yield from (line for event in log["events"] if (line := _line(event)) is not None)
        cursor = log["cursor"]
        if not log["hasMore"] and not log["events"]:
            if run["status"] in ENDED:
                yield Ended(run["status"])
                return
            sleep(POLL_SECONDS)


def _line(event: dict[str, Any]) -> Line | None:
    told = event.get("eventType") in TOLD or (event["__typename"] == "LogMessageEvent" and event["level"] != "DEBUG")
    if not told:
        return None
    failed = (event.get("failureMetadata") or event.get("error") or {}).values()
    text = "\n".join([event["message"], *(str(said) for said in failed if said)])
    at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    return Line(at, event["level"], event["stepKey"], text)
