"""One load, step by step, inside one transaction."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import psycopg
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError

from lac_pipeline.errors import StorageError
from lac_pipeline.printable import counted
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.check_results import Check, CheckState, Readable, RejectedShare, Shrinkage, UnreadPivots
from lac_pipeline.warehouse.load import check_states, rejects, sync_log
from lac_pipeline.warehouse.load.attempts import Attempt, Load, LoadResult, Shrink, Undecided, is_new_form
from lac_pipeline.warehouse.load.entity_reads import is_unfinished, keep_reads, was_read
from lac_pipeline.warehouse.load.history import keep_history
from lac_pipeline.warehouse.load.lead_answers import store_lead_answers
from lac_pipeline.warehouse.load.load_warnings import warnings_of
from lac_pipeline.warehouse.load.reconciliation import expected_comparisons
from lac_pipeline.warehouse.load.refusals import key_columns, mark_stale, stage_refused
from lac_pipeline.warehouse.load.restatements import Watch, settled
from lac_pipeline.warehouse.load.staging import index_facts, same_key, stage_entities, stage_facts
from lac_pipeline.warehouse.load.sync_log import Coverage
from lac_pipeline.warehouse.load.upsert import (
    Written,
    insert_facts,
    present,
    prune_entities,
    prune_facts,
    shrinkage,
    upsert_entities,
    upsert_facts,
)
from lac_pipeline.warehouse.schema.sums import whole_sum
from lac_pipeline.warehouse.schema.tables import account_of, rows_of, stream_table

WORK_MEMORY = 32 << 20  # bytes; PostgreSQL's own default, 4 MB, sorts 90,000 rows on disk
_MEMORY = func.greatest(func.pg_size_bytes(func.current_setting("work_mem")), WORK_MEMORY).concat("B")
_ADJUSTED = select(func.set_config("work_mem", _MEMORY, True), func.set_config("default_statistics_target", "10", True))


def run_load(connection: Connection, load: Load, *, now: Callable[[Connection], datetime]) -> LoadResult:
    """Stage, lock, upsert, prune, keep history, quarantine, resolve and log; the caller commits.

    Raises:
        StorageError: rows belong to another account, to days outside the attempt's window, or to one key.
    """
    began = time.monotonic()
    _adjust(connection)
    attempt, target = load.attempt, stream_table(load.attempt.asset)
    stage = stage_entities if attempt.window is None else stage_facts
    staging = stage(connection, target, load.spool)
    _take_lock(connection, attempt)
    coverage = sync_log.coverage_of(connection, attempt)
    scope = _scope(target, load, coverage)
    staged = _look_at(connection, load, staging, present(target, scope))
    superseded = _leave_out(connection, load, staging, coverage)
    refused = stage_refused(connection, load.rejected, staging=staging, target=target)
    watch = _watch(connection, attempt)
    kept = staged._replace(rows=staged.rows - superseded)
    written = _upsert(connection, attempt, staging, target, kept, scope=scope, watch=watch)
    judged = and_(scope, refused.judged(target), _remembered(target, attempt, staging))
    losses = _Losses()
    if staged.beside_others:
        losses = _losses(connection, load, target, scope=judged, written=written, unidentified=refused.unidentified)
    pruned = 0
    if losses.prunable:
        pruned = _prune(connection, attempt, staging, target, scope=judged, watch=watch)
    mark_stale(connection, attempt, refused, staging=staging, target=target, scope=scope)
    if stream_of(attempt.asset).history and written.inserted + written.updated + pruned:
        keep_history(connection, target, scope=scope, fetched_at=attempt.started_at)
    if load.lead_answers is not None:
        store_lead_answers(connection, load.lead_answers)
    rejects.quarantine(connection, attempt, load.rejected, coverage)
    rejecting = rejects.resolve(connection, attempt, coverage)
    guards = _guards(load, coverage, losses.shrink, rejecting=rejecting)
    check_states.record(connection, [*guards, *expected_comparisons(attempt, coverage)])
    keep_reads(connection, load)
    result = LoadResult(
        fetched=load.fetched,
        inserted=written.inserted,
        updated=written.updated,
        unchanged=written.unchanged,
        pruned=pruned,
        rejected=len(load.rejected),
        superseded=superseded,
        api_calls=load.api_calls,
        status="partial" if load.rejected or losses.shrink or load.unread_pivots or is_unfinished(load) else "success",
        shrink=losses.shrink,
        undecided=losses.undecided,
        spend=staged.spend,
        impressions=staged.impressions,
        seconds=time.monotonic() - began,
        started_at=attempt.started_at,
        written_at=written.at,
    )
    _log(connection, load, result, at=now(connection))
    return result


def _adjust(connection: Connection) -> None:
    """Let this transaction sort a window in memory, and look at a tenth of the usual sample of its staged keys."""
    connection.execute(_ADJUSTED)


def _take_lock(connection: Connection, attempt: Attempt) -> None:
    digest = hashlib.blake2b(f"{attempt.asset}|{attempt.account_id}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest, "big", signed=True)
    connection.execute(select(func.pg_advisory_xact_lock(literal(key, BigInteger))))


def _scope(table: Table, load: Load, coverage: Coverage) -> ColumnElement[bool]:
    attempt = load.attempt
    account: Column[int] = table.c[account_of(attempt.asset).name]
    day = table.c.get(stream_of(attempt.asset).day_column or "")
    windows = [
        true() if window is None or day is None else and_(day >= window.start, day < window.end) for window in coverage
    ]
    read = was_read(table, load.entities)
    scope = and_(account == attempt.account_id, rows_of(attempt.asset, table), or_(false(), *windows), read)
    report = stream_of(attempt.asset).report
    if report is None or report.pivot_column is None or load.pivot_types is None:
        return scope
    return and_(scope, table.c[report.pivot_column].in_([report.label_of(pivot) for pivot in load.pivot_types]))


class _Staged(NamedTuple):
    """What one query of the staged rows returns: how many they are, their sums, and whether the table has any yet."""

    rows: int
    spend: Decimal | None
    impressions: int | None
    beside_others: bool


def _look_at(connection: Connection, load: Load, staging: Table, others: ColumnElement[bool]) -> _Staged:
    strange = not_(_scope(staging, load, (load.attempt.window,)))
    spend, impressions = (
        whole_sum(staging.c[name]) if name in staging.c else null()
        for name in ("cost_in_local_currency", "impressions")
    )
    row = connection.execute(
        select(func.count().filter(strange), func.count(), spend, impressions, exists().where(others)).select_from(
            staging
        )
    ).one()
    if row[0]:
        raise StorageError(
            f"{counted(row[0], 'row')} for {load.attempt.asset} {'is' if row[0] == 1 else 'are'} of another account or "
            f"outside {load.attempt.window}",
            meaning="the fetch requested one thing and got another; nothing was written",
            fix="report it: it is a fault of this program or of LinkedIn's API",
        )
    return _Staged(row[1], row[2], None if row[3] is None else int(row[3]), row[4])


def _leave_out(connection: Connection, load: Load, staging: Table, coverage: Coverage) -> int:
    if coverage == (load.attempt.window,):
        return 0
    return connection.execute(delete(staging).where(not_(_scope(staging, load, coverage)))).rowcount


def _remembered(target: Table, attempt: Attempt, staging: Table) -> ColumnElement[bool]:
    """SQL condition: LinkedIn would still return the row, or has; one that it has forgotten since is not gone."""
    stream = stream_of(attempt.asset)
    kept_days = None if stream.resource is None else stream.resource.kept_days
    if kept_days is None or stream.day_column is None:
        return true()
    kept_since = attempt.started_at.astimezone(UTC).date() - timedelta(days=kept_days - 1)
    returned = exists().where(same_key(staging, target, key_columns(target))).select_from(staging)
    return or_(target.c[stream.day_column] > kept_since, returned)


def _watch(connection: Connection, attempt: Attempt) -> Watch | None:
    """Watch for restatements where days of a report that promises them are loaded again; a first load has none."""
    report = stream_of(attempt.asset).report
    if report is None or report.subject is None or not report.restatements:
        return None
    days = settled(attempt, sync_log.loaded_before(connection, attempt))
    return Watch(attempt, days, report.subject.column) if days else None


def _upsert(
    connection: Connection,
    attempt: Attempt,
    staging: Table,
    target: Table,
    staged: _Staged,
    *,
    scope: ColumnElement[bool],
    watch: Watch | None,
) -> Written:
    if attempt.window is None:
        return upsert_entities(connection, staging, target, staged=staged.rows, fetched_at=attempt.started_at)
    if not staged.beside_others and watch is None:
        inserted = insert_facts(connection, staging, target, staged=staged.rows)
        if inserted is not None:
            return inserted
    _index(connection, attempt, staging, target)
    return upsert_facts(connection, staging, target, staged=staged.rows, scope=scope, watch=watch)


def _index(connection: Connection, attempt: Attempt, staging: Table, target: Table) -> None:
    try:
        index_facts(connection, target, staging)
    except IntegrityError as error:
        diagnosis = error.orig.diag.message_detail if isinstance(error.orig, psycopg.Error) else None
        raise StorageError(
            f"two rows for one key of {attempt.asset}",
            detail=diagnosis,
            meaning="the fetch got the same day twice, and which one holds is unknown; nothing was written",
            fix="run `lac sync` again; if it stays, report it",
        ) from error


class _Losses(Struct, frozen=True):
    """Rows that LinkedIn did not return, and why they stay nevertheless, if they do."""

    missing: int = 0
    shrink: Shrink | None = None
    undecided: Undecided | None = None

    @property
    def prunable(self) -> bool:
        return bool(self.missing) and self.shrink is None and self.undecided is None


def _losses(
    connection: Connection,
    load: Load,
    target: Table,
    *,
    scope: ColumnElement[bool],
    written: Written,
    unidentified: int,
) -> _Losses:
    lasting = load.attempt.window is None and "removed_at" not in target.c
    if lasting:
        return _Losses()
    shrink = shrinkage(connection, target, written, scope=scope)
    guarded = shrink.suspicious and not load.accept_shrink
    return _Losses(
        shrink.missing,
        shrink if guarded else None,
        Undecided(shrink.missing, unidentified) if shrink.missing and unidentified else None,
    )


def _prune(
    connection: Connection,
    attempt: Attempt,
    staging: Table,
    target: Table,
    *,
    scope: ColumnElement[bool],
    watch: Watch | None,
) -> int:
    if attempt.window is None:
        return prune_entities(connection, staging, target, scope=scope, fetched_at=attempt.started_at)
    return prune_facts(connection, staging, target, scope=scope, watch=watch)


def _guards(load: Load, coverage: Coverage, shrink: Shrink | None, *, rejecting: bool) -> Iterator[CheckState]:
    """What the guards found, kept in the load's own transaction, so that no run that dies after it can hide it."""
    attempt = load.attempt
    result = partial(CheckState, asset=attempt.asset, account_id=attempt.account_id, run_id=attempt.run_id)
    shrinkage = Shrinkage(shrink.stored, shrink.missing) if shrink else Shrinkage(0, 0)
    for window in coverage:
        if load.pivot_types is not None:
            unread = UnreadPivots(load.unread_pivots)
            yield result(Check.PIVOTS_LOADED, passed=not unread.unread, facts=unread, window=window)
        yield result(Check.SHRINK_GUARD, passed=shrink is None, facts=shrinkage, window=window)
    if coverage:
        share = RejectedShare(load.invalid, load.fetched)
        # A failed check is resolved too when every record in quarantine was closed, whatever days this load is about.
        days = attempt.window if rejecting else None
        yield result(Check.REJECTED_SHARE, passed=not is_new_form(share), facts=share, window=days)
    stream = stream_of(attempt.asset)
    if stream.spared:
        yield result(Check.STREAM_READABLE, passed=True, facts=Readable(stream.oauth_scopes), window=None)


def _log(connection: Connection, load: Load, result: LoadResult, *, at: datetime) -> None:
    sync_log.close_attempt(
        connection,
        load.attempt,
        status=result.status,
        at=at,
        rows_fetched=result.fetched,
        rows_inserted=result.inserted,
        rows_updated=result.updated,
        rows_unchanged=result.unchanged,
        rows_pruned=result.pruned,
        rows_rejected=result.rejected,
        rows_superseded=result.superseded,
        api_calls_made=result.api_calls,
        errors=warnings_of(load, result) or None,
        parts=None if load.parts is None else list(load.parts),
    )
