"""What a load that succeeded left as it was, and why, as `sync_log.errors` holds it."""

from __future__ import annotations

from lac_pipeline.printable import counted
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import (
    SHRINK_GUARD,
    UNIDENTIFIED,
    UNREAD_PIVOT,
    Attempt,
    Load,
    LoadResult,
    Shrink,
    Undecided,
)

Entry = dict[str, str | None]


def warnings_of(load: Load, result: LoadResult) -> list[Entry]:
    """Describe what a load left unchanged, and why, in the form of `sync_log.errors`."""
    attempt = load.attempt
    warnings = [_unread_warning(attempt, unread_pivot) for unread_pivot in load.unread_pivots]
    if result.shrink:
        warnings.append(_shrink_warning(attempt, result.shrink))
    if result.undecided:
        warnings.append(_undecided_warning(attempt, result.undecided))
    return warnings


def _shrink_warning(attempt: Attempt, shrink: Shrink) -> Entry:
    return {
        "type": SHRINK_GUARD,
        "summary": f"LinkedIn returned all but {shrink.missing} of {shrink.stored} rows",
        "detail": None,
        "meaning": "access may have been lost, so nothing was pruned",
        "fix": f"if the rows are really gone: `lac sync --account {attempt.account_id} --accept-shrink`",
    }


def _unread_warning(attempt: Attempt, unread: UnreadPivot) -> Entry:
    return {
        "type": UNREAD_PIVOT,
        "summary": f"{attempt.asset} by {unread.pivot} could not be read",
        "detail": unread.detail,
        "meaning": f"the rows of {unread.pivot} are as they were before; the other pivots were loaded",
        "fix": f"if LinkedIn refuses it again, {stream_of(attempt.asset).left_out_by(unread.pivot)}",
    }


def _undecided_warning(attempt: Attempt, undecided: Undecided) -> Entry:
    single = undecided.unidentified == 1
    return {
        "type": UNIDENTIFIED,
        "summary": f"LinkedIn returned all but {counted(undecided.missing, 'row')}, and "
        f"{counted(undecided.unidentified, 'record')} that {'was' if single else 'were'} refused and "
        f"{'names' if single else 'name'} no row",
        "detail": None,
        "meaning": "a refused record may be about any of the missing rows, so all of them stay as they were",
        "fix": f"see `lac rejects --account {attempt.account_id} --asset {attempt.asset}`; the next sync without such "
        "a record takes away what is gone",
    }
