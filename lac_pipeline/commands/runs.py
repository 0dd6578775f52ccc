"""`lac runs`: follows a run of a running Dagster, line by line as it happens, until its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.defs.run_tags import ACCOUNT
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.check_results import ERROR_ACCOUNTS

POLL_SECONDS = 1.0
ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
SHOWN = frozenset(
    {"RUN_ENQUEUED", "RUN_START", "STEP_START", "STEP_SUCCESS", "STEP_FAILURE", "ASSET_CHECK_EVALUATION", "RUN_FAILURE"}
)
"""Dagster's own events that a person follows; of the others only what the pipeline itself logs."""

_LOG = """query Log($run: ID!, $after: String) {
  runOrError(runId: $run) { __typename ... on Run { status tags { key value } } }
  logsForRun(runId: $run, afterCursor: $after, limit: 500) { __typename ... on EventConnection { cursor hasMore
    events { __typename ... on MessageEvent { message timestamp level stepKey eventType }
      ... on ExecutionStepFailureEvent { failureMetadata { description } error { message } }
      ... on AssetCheckEvaluationEvent { evaluation { checkName success severity description assetKey { path }
        metadataEntries { label ... on JsonMetadataEntry { jsonString } } } }
    } } } }"""

_RECENT = "query Recent { runsOrError(limit: 200) { ... on Runs { results { runId } } } }"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a run's log."""

    at: datetime
    level: str
    step: str | None
    text: str


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check of severity error that failed in the run for its account, with the words that Dagster shows."""

    asset: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: `SUCCESS`, `FAILURE` or `CANCELED`, and the checks that failed in it."""

    status: str
    failed_checks: tuple[FailedCheck, ...] = ()

    @property
    def well(self) -> bool:
        """Whether the run succeeded, and every check of severity error passed."""
        return self.status == "SUCCESS" and not self.failed_checks


def follow(dagster: RunningDagster, run_id: str, *, sleep: Callable[[float], None]) -> Iterator[Line | Ended]:
    """Yield the run's lines, those that are there at once and the others as they come, and its end.

    Raises:
        UnknownNameError: Dagster does not know the run.
        LacError: Dagster cannot be reached.
    """
    cursor: str | None = None
    failed: list[FailedCheck] = []
    while True:
        response = dagster.ask(_LOG, run=run_id, after=cursor)
        run, log = response["runOrError"], response["logsForRun"]
        if run["__typename"] != "Run" or log["__typename"] != "EventConnection":
            recent = dagster.ask(_RECENT)["runsOrError"].get("results", ())
            fix = f"its whole id is in its address: {dagster.url}/runs lists them"
            raise unknown_name("run", run_id, [attempt["runId"] for attempt in recent], fix=fix)
        yield from (line for event in log["events"] if (line := _line(event)) is not None)
        account = next((tag["value"] for tag in run["tags"] if tag["key"] == ACCOUNT), None)
        failed += [check for event in log["events"] if (check := _failed_check(event, account)) is not None]
        cursor = log["cursor"]
        if not log["hasMore"] and not log["events"]:
            if run["status"] in ENDED:
                yield Ended(run["status"], tuple(failed))
                return
            sleep(POLL_SECONDS)


def _line(event: dict[str, Any]) -> Line | None:
    is_shown = event.get("eventType") in SHOWN or (
        event["__typename"] == "LogMessageEvent" and event["level"] != "DEBUG"
    )
    if not is_shown:
        return None
    failed = (event.get("failureMetadata") or event.get("error") or {}).values()
    text = "\n".join([event["message"], *(str(detail) for detail in failed if detail)])
    at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    return Line(at, event["level"], event["stepKey"], text)


def _failed_check(event: dict[str, Any], account: str | None) -> FailedCheck | None:
    """Read a check that failed; one that fails for other accounts than the run's is not this run's failure."""
    evaluation = event.get("evaluation")
    if evaluation is None or evaluation["success"] or evaluation["severity"] != "ERROR":
        return None
    named = [entry for entry in evaluation["metadataEntries"] if entry["label"] == ERROR_ACCOUNTS]
    accounts: list[int | None] = json.loads(named[0]["jsonString"]) if named else [None]
    if account is not None and None not in accounts and int(account) not in accounts:
        return None
    return FailedCheck(evaluation["assetKey"]["path"][-1], evaluation["checkName"], evaluation["description"] or "")
