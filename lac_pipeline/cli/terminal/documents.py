"""The shapes of `--json`: what scripts may rely on. `docs/json.md` is written from them.

Days are UTC days and both ends of a range are in it; times are ISO 8601 in UTC. A field is never left out, and new ones
may be added; None is null.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """A JSON object that a command prints, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Account = Annotated[int, Field(description="ad account")]
AccountName = Annotated[str | None, Field(description="its name; null before it is loaded")]
KnownName = Annotated[
    str | None, Field(description="its name; null where no `lac status` or `lac sync` of this home has seen it")
]
Asset = Annotated[str, Field(description="asset, which is also the table's name")]
Group = Annotated[str, Field(description="what is synced together: entities, metrics, demographics")]
Since = Annotated[date | None, Field(description="first UTC day; null where it is not about days")]
Until = Annotated[date | None, Field(description="last UTC day; null where it is not about days")]
RunId = Annotated[str | None, Field(description="Dagster run; null where there was none")]
Rows = Annotated[int, Field(description="stored rows; of entities those that LinkedIn still has")]


class CheckResult(Document):
    """A check that fails, warns, or could not be evaluated."""

    check: Annotated[str, Field(description="the check's name")]
    asset: Asset
    account_id: Annotated[int | None, Field(description="ad account; null for what is about the whole table")]
    account_name: AccountName
    severity: Annotated[str, Field(description="`error` or `warning`; an error makes `lac sync` exit 1")]
    since: Since
    until: Until
    problem: Annotated[str, Field(description="what was found, for people")]
    fix: Annotated[str, Field(description="the next step, for people")]


class AssetState(Document):
    """One asset of one account."""

    account_id: Account
    account_name: AccountName
    asset: Asset
    synced_at: Annotated[datetime | None, Field(description="when its last successful fetch began; null if never")]
    last_status: Annotated[str | None, Field(description="of its newest attempt: success, partial, failed, running")]
    rows: Rows
    rejects: Annotated[int, Field(description="records in quarantine")]
    loaded: Annotated[bool, Field(description="false where LAC_ACCOUNT_IDS or LAC_STREAMS leaves it out")]
    due: Annotated[bool, Field(description="whether the next sync loads it")]
    stale_at: Annotated[datetime | None, Field(description="when it is next due; null if never synced or not loaded")]
    reason: Annotated[str | None, Field(description="why it is due or not, such as data_fresh_37min")]


class StatusDocument(Document):
    """`lac status --json`."""

    assets: Annotated[list[AssetState], Field(description="every asset of every account, as the table shows them")]
    checks: Annotated[list[CheckResult], Field(description="what is known to be wrong")]


class UsageRow(Document):
    """The requests of a day to an endpoint about an account."""

    day: Annotated[date, Field(description="UTC day")]
    endpoint: Annotated[str, Field(description="LinkedIn's resource")]
    account_id: Annotated[int | None, Field(description="ad account; null for requests about none or several")]
    account_name: AccountName
    calls: Annotated[int, Field(description="requests sent, retries included")]
    quota_spent_until: Annotated[datetime | None, Field(description="when LinkedIn's daily quota is there again")]


class UsageDocument(Document):
    """`lac usage --json`."""

    rows: Annotated[list[UsageRow], Field(description="by day, endpoint and account")]
    calls: Annotated[int, Field(description="their sum")]


class ReportRow(Document):
    """A report of one's own in one form, and what is stored of it."""

    name: Annotated[str, Field(description="its name in the file of LAC_REPORTS")]
    declared: Annotated[bool, Field(description="whether it is declared in this form; the rows of others stay")]
    granularity: Annotated[str, Field(description="DAILY or MONTHLY")]
    pivots: Annotated[list[str], Field(description="LinkedIn's pivots, in the order of a row's values")]
    metrics: Annotated[list[str], Field(description="LinkedIn's names of the declared metrics; none if not declared")]
    rows: Annotated[int, Field(description="rows stored, of all ad accounts")]
    days: Annotated[int, Field(description="UTC days, or months, that have rows")]
    first: Annotated[date | None, Field(description="the first of them")]
    last: Annotated[date | None, Field(description="the last of them")]


class ReportsDocument(Document):
    """`lac reports --json`."""

    reports: Annotated[list[ReportRow], Field(description="the declared ones in their order, then the others")]


class RejectRow(Document):
    """A record that LinkedIn sends in a form that cannot be loaded."""

    account_id: Account
    account_name: AccountName
    asset: Asset
    record_id: Annotated[str, Field(description="what identifies the record")]
    field: Annotated[str, Field(description="the field that is refused")]
    reason: Annotated[str, Field(description="why, for people")]
    value: Annotated[str, Field(description="the refused value, as JSON")]
    raw: Annotated[dict[str, Any], Field(description="the record as it came")]
    first_seen: Annotated[datetime, Field(description="when it was first refused")]
    last_seen: Annotated[datetime, Field(description="when it was last refused")]
    run_id: RunId


class RejectsDocument(Document):
    """`lac rejects --json`."""

    rejects: Annotated[list[RejectRow], Field(description="all that are open")]


class PlanStep(Document):
    """What a forced sync of an asset group of an account comes to."""

    account_id: Account
    account_name: AccountName
    group: Group
    since: Since
    until: Until
    partitions: Annotated[int, Field(description="of each asset")]
    calls: Annotated[int, Field(description="requests to LinkedIn, estimated")]
    known: Annotated[bool, Field(description="false where no rows are stored to estimate from: `calls` is the least")]
    rows: Rows
    most_calls_a_day: Annotated[
        int | None, Field(description="the budget of a UTC day, all accounts together; null where there is none")
    ]


class PlanDocument(Document):
    """`lac plan --json`; it never runs the sync."""

    steps: Annotated[list[PlanStep], Field(description="by account and asset group")]
    calls: Annotated[int, Field(description="sum of the steps' requests")]
    seconds: Annotated[float, Field(description="how long these take, estimated")]
    rows: Annotated[int, Field(description="sum of the steps' rows")]
    known: Annotated[bool, Field(description="whether every step has rows to estimate from")]


class AttemptResult(Document):
    """What came of an asset in a sync."""

    asset: Asset
    status: Annotated[str, Field(description="success, partial or failed")]
    since: Since
    until: Until
    fetched: Annotated[int, Field(description="records that LinkedIn returned")]
    inserted: Annotated[int, Field(description="rows that are new")]
    updated: Annotated[int, Field(description="rows that changed")]
    unchanged: Annotated[int, Field(description="rows that did not")]
    pruned: Annotated[int, Field(description="rows that LinkedIn no longer has")]
    rejected: Annotated[int, Field(description="records that went into quarantine")]
    superseded: Annotated[int, Field(description="rows left out, for a later fetch had loaded their day")]
    calls: Annotated[int, Field(description="requests to LinkedIn")]
    seconds: Annotated[float | None, Field(description="how long it took")]


class GroupResult(Document):
    """What came of an asset group of an account."""

    account_id: Account
    account_name: AccountName
    group: Group
    skipped: Annotated[bool, Field(description="whether there was no run")]
    reason: Annotated[str, Field(description="why it was synced or skipped, such as data_fresh_37min")]
    run_id: RunId
    failure: Annotated[str | None, Field(description="why it failed, for people; null if it did not")]
    not_tried: Annotated[list[str], Field(description="assets that the run did not come to")]
    attempts: Annotated[list[AttemptResult], Field(description="by asset")]


class SyncDocument(Document):
    """`lac sync --json`."""

    results: Annotated[list[GroupResult], Field(description="by account and asset group")]
    checks: Annotated[list[CheckResult], Field(description="checks of these accounts that fail, of whichever run")]
    warnings: Annotated[int, Field(description="how many more checks warn")]
    quarantined: Annotated[int, Field(description="how many records are in quarantine")]


class FailedRunCheck(Document):
    """A check of severity error that failed in a run."""

    asset: Asset
    check: Annotated[str, Field(description="the check's name")]
    description: Annotated[str, Field(description="what was found, for people")]


class LaunchedRun(Document):
    """A run that Dagster queued."""

    account_id: Account
    account_name: KnownName
    group: Group
    since: Since
    until: Until
    run_id: Annotated[str, Field(description="Dagster run")]
    url: Annotated[str, Field(description="its page in the Dagster UI")]
    status: Annotated[str | None, Field(description="SUCCESS, FAILURE or CANCELED; null without --wait")]
    failed_checks: Annotated[list[FailedRunCheck], Field(description="with --wait; they make the command exit 1")]


class LaunchDocument(Document):
    """`lac launch --json`."""

    runs: Annotated[list[LaunchedRun], Field(description="one for each asset group")]


class ListedRun(Document):
    """A run, as `lac runs` lists it."""

    run_id: Annotated[str, Field(description="Dagster run")]
    status: Annotated[str, Field(description="Dagster's status, such as QUEUED, STARTED, SUCCESS, FAILURE")]
    account_id: Annotated[int | None, Field(description="ad account; null for a run over several, or over none")]
    account_name: KnownName
    account_ids: Annotated[list[int], Field(description="every ad account that it loads; several may share a run")]
    group: Annotated[str | None, Field(description="the asset group that it syncs; null for any other run")]
    trigger: Annotated[str, Field(description="scheduled, on_demand or backfill")]
    begun_at: Annotated[datetime, Field(description="when it started, or was queued")]
    ended_at: Annotated[datetime | None, Field(description="when it ended; null while it has not")]


class RunsDocument(Document):
    """`lac runs --json`."""

    runs: Annotated[list[ListedRun], Field(description="the newest first")]


class LogLine(Document):
    """A line of a run's log."""

    at: Annotated[datetime, Field(description="when")]
    level: Annotated[str, Field(description="Dagster's level, such as INFO")]
    step: Annotated[str | None, Field(description="the step; null for the run itself")]
    text: Annotated[str, Field(description="for people")]


class RunDocument(Document):
    """`lac runs RUN_ID --json`, printed when the run has ended."""

    run_id: Annotated[str, Field(description="Dagster run")]
    status: Annotated[str, Field(description="SUCCESS, FAILURE or CANCELED")]
    lines: Annotated[list[LogLine], Field(description="its log")]
    failed_checks: Annotated[list[FailedRunCheck], Field(description="they make the command exit 1")]


class ExportedTable(Document):
    """What an export did to a table or view."""

    name: Annotated[str, Field(description="table or view")]
    rows: Annotated[int, Field(description="rows in its files now")]
    files: Annotated[int, Field(description="its files now, of the accounts that were exported")]
    written: Annotated[int, Field(description="files that were new or had changed")]
    removed: Annotated[int, Field(description="files whose rows are gone")]
    bytes: Annotated[int, Field(description="size of its files now")]


class ExportDocument(Document):
    """`lac export --json`."""

    destination: Annotated[str, Field(description="folder or URL")]
    as_of: Annotated[datetime, Field(description="the moment whose rows all files show")]
    tables: Annotated[list[ExportedTable], Field(description="tables and views, by name")]


DOCUMENTS: tuple[type[Document], ...] = (
    StatusDocument,
    UsageDocument,
    ReportsDocument,
    RejectsDocument,
    PlanDocument,
    SyncDocument,
    LaunchDocument,
    RunsDocument,
    RunDocument,
    ExportDocument,
)
"""What a command prints, in the order of `docs/json.md`."""
