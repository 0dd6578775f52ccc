"""`lac runs`: lists the runs of a running Dagster, or follows one, line by line as it happens, until its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lac_pipeline.commands.session.running_dagster import RunningDagster
from lac_pipeline.defs.run_tags import NAMED, SCOPE, tagged_accounts, trigger_of
from lac_pipeline.errors import UnknownNameError
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.check_results import ERROR_ACCOUNTS

POLL_SECONDS = 1.0
LONGEST_ID = 36
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

_RECENT = """query Recent($limit: Int!) { runsOrError(limit: $limit) { ... on Runs { results {
  runId status startTime endTime creationTime tags { key value } } } } }"""
_ALIKE = 3
LOOKED_AT = 200
"""How many of the newest runs are looked through for those of an account, or for one by the beginning of its id."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as Dagster lists it.

    Attributes:
        run_id: its id.
        status: Dagster's, such as `SUCCESS`.
        account_ids: the ad accounts that it loads; of a refresh several may share a run.
        named: its first ad accounts by name and id; empty where no name was known when it began.
        group: the asset group that it syncs; None for any other run.
        trigger: what requested it: `scheduled`, `on_demand` or `backfill`.
        begun_at: when it started, or was queued.
        ended_at: when it ended; None while it has not.
    """

    run_id: str
    status: str
    account_ids: tuple[int, ...]
    named: str
    group: str | None
    trigger: str
    begun_at: datetime
    ended_at: datetime | None

    @property
    def account_id(self) -> int | None:
        """The ad account; None for a run over several, or over none."""
        return self.account_ids[0] if len(self.account_ids) == 1 else None


def recent(dagster: RunningDagster, *, limit: int, account_ids: Collection[int] | None = None) -> list[Run]:
    """List the newest runs, the newest first.

    Args:
        dagster: where.
        limit: how many at most.
        account_ids: only those of these ad accounts, of the last 200 runs; None for all.

    Raises:
        LacError: Dagster cannot be reached.
    """
    count = limit if account_ids is None else LOOKED_AT
    found = dagster.execute(_RECENT, limit=count)["runsOrError"].get("results", ())
    runs = [_run(each) for each in found]
    if account_ids is not None:
        runs = [run for run in runs if not set(account_ids).isdisjoint(run.account_ids)]
    return runs[:limit]


def _run(found: Mapping[str, Any]) -> Run:
    tags = {tag["key"]: tag["value"] for tag in found["tags"]}
    return Run(
        run_id=found["runId"],
        status=found["status"],
        account_ids=tuple(tagged_accounts(tags)),
        named=tags.get(NAMED, ""),
        group=tags.get(SCOPE),
        trigger=trigger_of(tags),
        begun_at=datetime.fromtimestamp(found["startTime"] or found["creationTime"], UTC),
        ended_at=None if found["endTime"] is None else datetime.fromtimestamp(found["endTime"], UTC),
    )


def whole_id(dagster: RunningDagster, beginning: str) -> str:
    """The id of the one run of the last 200 whose id begins so; what was given, where there is none or are several.

    Raises:
        LacError: Dagster cannot be reached.
    """
    if len(beginning) >= LONGEST_ID:
        return beginning
    found = [run.run_id for run in recent(dagster, limit=LOOKED_AT) if run.run_id.startswith(beginning)]
    return found[0] if len(found) == 1 else beginning


def _unknown_run(dagster: RunningDagster, name: str) -> UnknownNameError:
    """Describe that no run has this id, or that the ids of several begin so."""
    known = [run.run_id for run in recent(dagster, limit=LOOKED_AT)]
    alike = [run_id for run_id in known if run_id.startswith(name)]
    nearest = unknown_name("run", name, known, fix=f"`lac runs` lists them, and so does {dagster.url}/runs")
    if alike:
        meaning = f"{len(alike)} ids begin so: {', '.join(alike[:_ALIKE])}{' ...' if len(alike) > _ALIKE else ''}"
    else:
        meaning = f"none of the newest {LOOKED_AT} runs has an id that begins so"
    return UnknownNameError(nearest.summary, meaning=meaning, fix=nearest.fix)


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
        response = dagster.execute(_LOG, run=run_id, after=cursor)
        run, log = response["runOrError"], response["logsForRun"]
        if run["__typename"] != "Run" or log["__typename"] != "EventConnection":
            raise _unknown_run(dagster, run_id)
        yield from (line for event in log["events"] if (line := _line(event)) is not None)
        of_run = tagged_accounts({tag["key"]: tag["value"] for tag in run["tags"]})
        failed += [check for event in log["events"] if (check := _failed_check(event, of_run)) is not None]
        cursor = log["cursor"]
        if not log["hasMore"] and not log["events"]:
            if run["status"] in ENDED:
                yield Ended(run["status"], tuple(failed))
                return
            sleep(POLL_SECONDS)


def end_of(dagster: RunningDagster, run_id: str, *, sleep: Callable[[float], None]) -> Ended:
    """Wait until a run has ended.

    Raises:
        UnknownNameError: Dagster does not know the run.
        LacError: Dagster cannot be reached.
    """
    return next(event for event in follow(dagster, run_id, sleep=sleep) if isinstance(event, Ended))


def _line(event: dict[str, Any]) -> Line | None:
    is_shown = event.get("eventType") in SHOWN or (
        event["__typename"] == "LogMessageEvent" and event["level"] != "DEBUG"
    )
    if not is_shown:
        return None
    failed = (event.get("failureMetadata") or event.get("error") or {}).values()
    message = event["message"] or event["eventType"].replace("_", " ").lower()
    text = "\n".join([message, *(str(detail) for detail in failed if detail)])
    at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    return Line(at, event["level"], event["stepKey"], text)


def _failed_check(event: dict[str, Any], of_run: Sequence[int]) -> FailedCheck | None:
    """Read a check that failed; one that fails for other accounts than the run's is not this run's failure."""
    evaluation = event.get("evaluation")
    if evaluation is None or evaluation["success"] or evaluation["severity"] != "ERROR":
        return None
    named = [entry for entry in evaluation["metadataEntries"] if entry["label"] == ERROR_ACCOUNTS]
    accounts: list[int | None] = json.loads(named[0]["jsonString"]) if named else [None]
    if of_run and None not in accounts and set(of_run).isdisjoint(accounts):
        return None
    return FailedCheck(evaluation["assetKey"]["path"][-1], evaluation["checkName"], evaluation["description"] or "")
