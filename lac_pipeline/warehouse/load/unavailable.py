"""What is written for a stream that LinkedIn does not let the token read: a skipped attempt, which is no failure."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import Connection

from lac_pipeline.errors import PermissionMissingError
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.check_results import Check, CheckState, Readable
from lac_pipeline.warehouse.load import check_states, sync_log
from lac_pipeline.warehouse.load.attempts import Load, LoadResult
from lac_pipeline.warehouse.schema.operational_tables import UNAVAILABLE


def leave_unavailable(
    connection: Connection, load: Load, refusal: PermissionMissingError, *, at: datetime
) -> LoadResult:
    """Close the attempt, and keep why as the result of a check; the rows that are there stay. The caller commits."""
    began, attempt = time.monotonic(), load.attempt
    facts = Readable(stream_of(attempt.asset).oauth_scopes, refusal.detail or refusal.summary)
    state = CheckState(Check.STREAM_READABLE, attempt.asset, attempt.account_id, False, facts, None, attempt.run_id)
    check_states.record(connection, [state])
    sync_log.close_attempt(
        connection,
        attempt,
        status=UNAVAILABLE,
        at=at,
        api_calls_made=load.api_calls,
        errors=[sync_log.describe(refusal)],
    )
    return LoadResult(
        fetched=0,
        inserted=0,
        updated=0,
        unchanged=0,
        pruned=0,
        rejected=0,
        superseded=0,
        api_calls=load.api_calls,
        status=UNAVAILABLE,
        shrink=None,
        undecided=None,
        spend=None,
        impressions=None,
        seconds=time.monotonic() - began,
        started_at=attempt.started_at,
        written_at=at,
    )
