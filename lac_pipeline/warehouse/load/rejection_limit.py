"""The flood guard: if most records fail validation, LinkedIn has changed the format, and the stored rows stay."""

from __future__ import annotations

from sqlalchemy import Connection

from lac_pipeline.errors import UnexpectedPayloadError
from lac_pipeline.printable import counted
from lac_pipeline.warehouse.load import rejects, sync_log
from lac_pipeline.warehouse.load.attempts import Load


def quarantine_flood(connection: Connection, load: Load) -> int:
    """Keep the refused records, so that a person sees why, and nothing else; return how many rows were written."""
    coverage = sync_log.coverage_of(connection, load.attempt)
    return rejects.quarantine(connection, load.attempt, load.rejected, coverage)


def flood_error(load: Load) -> UnexpectedPayloadError:
    """Describe a flood of rejections in words."""
    attempt, first = load.attempt, load.rejected[0]
    account = attempt.account_id
    return UnexpectedPayloadError(
        f"{len(load.rejected)} of {counted(load.fetched, 'record')} for {attempt.asset} of account {account} "
        f"{'is' if len(load.rejected) == 1 else 'are'} invalid",
        detail=f"record {first.record_id}: {first.field}: {first.reason}",
        meaning="LinkedIn's format has changed, or this version does not know it; the rows that were there stay",
        fix=f"see `lac rejects --account {account} --asset {attempt.asset}`; after an update of lac-pipeline run "
        "`lac rejects retry`",
    )
