"""What commands found, in the shapes of `--json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from lac_pipeline.cli import terminal

if TYPE_CHECKING:
    from lac_pipeline.cli.terminal.documents import CheckResult, Document, FailedRunCheck, GroupResult
    from lac_pipeline.commands.launch import Launched
    from lac_pipeline.commands.plan import Plan
    from lac_pipeline.commands.reports import ReportStatus
    from lac_pipeline.commands.runs import Ended, Line, Run
    from lac_pipeline.commands.session.known_problems import Outcome
    from lac_pipeline.commands.session.sync_results import GroupSync
    from lac_pipeline.commands.status import Status
    from lac_pipeline.commands.usage import UsageOfDays
    from lac_pipeline.export.exporting import Exported
    from lac_pipeline.warehouse.check_results import CheckState
    from lac_pipeline.warehouse.load.rejects import OpenRejection

Names = Mapping[int, str | None]
"""The names of ad accounts, as far as they are known."""
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON object, as docs/json.md describes it.")]


def print_document(document: Document) -> None:
    """Print a document, in ASCII: what in it would steer the terminal is escaped."""
    terminal.data(json.dumps(document.model_dump(mode="json"), indent=2))


def status_document(found: Status) -> Document:
    """How everything stands."""
    from lac_pipeline.cli.terminal.documents import AssetState, StatusDocument

    assets = [
        AssetState(
            account_id=asset_status.account_id,
            account_name=asset_status.account_name,
            asset=asset_status.asset,
            synced_at=asset_status.synced_at,
            last_status=asset_status.last_status,
            rows=asset_status.rows,
            rejects=asset_status.rejects,
            loaded=asset_status.freshness is not None and not asset_status.excluded,
            due=asset_status.freshness is not None and asset_status.freshness.due and not asset_status.excluded,
            stale_at=None
            if asset_status.freshness is None or asset_status.excluded
            else asset_status.freshness.stale_at,
            reason=None if asset_status.freshness is None else str(asset_status.freshness.reason),
        )
        for asset_status in found.assets
    ]
    return StatusDocument(assets=assets, checks=_check_results(found.checks, found.names))


def _check_results(states: Iterable[CheckState], names: Names) -> list[CheckResult]:
    """What checks found, with the words that people read."""
    from lac_pipeline.cli.terminal.documents import CheckResult
    from lac_pipeline.reporting.check_wording import words_of

    return [
        CheckResult(
            check=str(state.check),
            asset=state.asset,
            account_id=state.account_id,
            account_name=names.get(state.account_id or 0),
            severity="error" if state.is_error else "warning",
            since=state.window and state.window.start,
            until=state.window and state.window.last,
            problem=problem,
            fix=fix,
        )
        for state in states
        for problem, fix in [words_of(state)]
    ]


def usage_document(found: UsageOfDays) -> Document:
    """The requests of some days."""
    from lac_pipeline.cli.terminal.documents import UsageDocument, UsageRow

    rows = [UsageRow(**asdict(row), account_name=found.names.get(row.account_id or 0)) for row in found.rows]
    return UsageDocument(rows=rows, calls=found.calls)


def reports_document(found: Iterable[ReportStatus]) -> Document:
    """The declared reports, and what is stored of others."""
    from lac_pipeline.cli.terminal.documents import ReportRow, ReportsDocument

    return ReportsDocument(
        reports=[
            ReportRow(
                name=report.stored.report,
                declared=report.declared,
                granularity=report.stored.granularity,
                pivots=report.stored.pivots.split(","),
                metrics=list(report.metrics),
                rows=report.stored.rows,
                days=report.stored.days,
                first=report.stored.first,
                last=report.stored.last,
            )
            for report in found
        ]
    )


def rejects_document(found: Iterable[OpenRejection], names: Names) -> Document:
    """The records in quarantine."""
    from lac_pipeline.cli.terminal.documents import RejectRow, RejectsDocument

    kept = [name for name in RejectRow.model_fields if name != "account_name"]
    return RejectsDocument(
        rejects=[
            RejectRow(account_name=names.get(record.account_id), **{name: getattr(record, name) for name in kept})
            for record in found
        ]
    )


def plan_document(found: Plan) -> Document:
    """What a forced sync would do."""
    from lac_pipeline.cli.terminal.documents import PlanDocument, PlanStep

    steps = [
        PlanStep(
            account_id=step.account_id,
            account_name=found.names.get(step.account_id),
            group=step.group,
            since=step.window and step.window.start,
            until=step.window and step.window.last,
            partitions=step.partitions,
            calls=step.calls,
            known=step.known,
            rows=step.rows,
            most_calls_a_day=step.most_calls_a_day,
        )
        for step in found.steps
    ]
    return PlanDocument(steps=steps, calls=found.calls, seconds=found.seconds, rows=found.rows, known=found.known)


def sync_document(results: Iterable[GroupSync], outcome: Outcome, names: Names) -> Document:
    """What came of a sync."""
    from lac_pipeline.cli.terminal.documents import SyncDocument

    return SyncDocument(
        results=[_group_result(result, names) for result in results],
        checks=_check_results(outcome.failed, names),
        warnings=outcome.warnings,
        quarantined=outcome.quarantined,
    )


def _group_result(result: GroupSync, names: Names) -> GroupResult:
    from lac_pipeline.cli.terminal.documents import AttemptResult, GroupResult

    attempts = [
        AttemptResult(
            asset=record.attempt.asset,
            status=record.status,
            since=record.attempt.window and record.attempt.window.start,
            until=record.attempt.window and record.attempt.window.last,
            fetched=record.fetched,
            inserted=record.inserted,
            updated=record.updated,
            unchanged=record.unchanged,
            pruned=record.pruned,
            rejected=record.rejected,
            superseded=record.superseded,
            calls=record.api_calls,
            seconds=record.seconds,
        )
        for record in result.attempts
    ]
    return GroupResult(
        account_id=result.account_id,
        account_name=names.get(result.account_id),
        group=result.group,
        skipped=result.skipped,
        reason=str(result.reason),
        run_id=result.run_id,
        failure=result.failure,
        not_tried=result.not_tried,
        attempts=attempts,
    )


def launch_document(queued: Iterable[tuple[Launched, str]], ends: Sequence[Ended] = (), *, names: Names) -> Document:
    """The runs that were queued, each with its page, and how they ended where that was waited for."""
    from lac_pipeline.cli.terminal.documents import LaunchDocument, LaunchedRun

    runs = [
        LaunchedRun(
            account_id=run.account_id,
            account_name=names.get(run.account_id),
            group=run.group,
            since=run.window and run.window.start,
            until=run.window and run.window.last,
            run_id=run.run_id,
            url=url,
            status=end and end.status,
            failed_checks=[] if end is None else _failed_checks(end),
        )
        for (run, url), end in zip_longest(queued, ends)
    ]
    return LaunchDocument(runs=runs)


def runs_document(found: Iterable[Run], names: Names) -> Document:
    """The newest runs."""
    from lac_pipeline.cli.terminal.documents import ListedRun, RunsDocument

    return RunsDocument(
        runs=[
            ListedRun(**of_run, account_id=run.account_id, account_name=names.get(run.account_id or 0))
            for run in found
            if (of_run := {name: value for name, value in asdict(run).items() if name in ListedRun.model_fields})
        ]
    )


def run_document(run_id: str, lines: Sequence[Line], ended: Ended) -> Document:
    """A run, from its first line to its end."""
    from lac_pipeline.cli.terminal.documents import LogLine, RunDocument

    return RunDocument(
        run_id=run_id,
        status=ended.status,
        lines=[LogLine(at=line.at, level=line.level, step=line.step, text=line.text) for line in lines],
        failed_checks=_failed_checks(ended),
    )


def export_document(url: str, as_of: datetime, done: Iterable[Exported]) -> Document:
    """What an export did."""
    from lac_pipeline.cli.terminal.documents import ExportDocument, ExportedTable

    return ExportDocument(destination=url, as_of=as_of, tables=[ExportedTable(**asdict(exported)) for exported in done])


def _failed_checks(ended: Ended) -> list[FailedRunCheck]:
    from lac_pipeline.cli.terminal.documents import FailedRunCheck

    return [
        FailedRunCheck(asset=check.asset, check=check.name, description=check.description)
        for check in ended.failed_checks
    ]
