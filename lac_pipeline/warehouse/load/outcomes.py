"""How an attempt ended, as the raw archive keeps it beside the responses that were read for it.

`lac replay` repeats only the loads of these outcomes: an attempt that failed, or was killed before it ended,
wrote no row, so its responses make none.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from lac_pipeline.errors import ArchiveError
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import Attempt, Load
from lac_pipeline.warehouse.schema.tables import METRICS
from lac_pipeline.windows import DateWindow


class Outcome(Struct, frozen=True):
    """How an attempt ended.

    Attributes:
        attempt: which one; with the asset, the account, the UTC days, the run and the start.
        status: as in `sync_log`: `success`, `partial`, `failed` or `unavailable`.
        closed_at: when, aware UTC; loads are replayed in this order.
        responses: names of the responses in the archive that were read for a load, in order.
        columns: the columns of the table that a load filled, which show the metrics; where one column holds all
            metrics, the parts of the report that were read as well.
        pivot_types: the demographic pivots that a load covers; None where there are none.
        unread_pivots: the demographic pivots that could not be read, while those were.
        accept_shrink: whether rows were taken away although most were missing.
        refused: the records that were not loaded, each with its id, field and reason.
        errors: why a failed attempt failed: what was refused as a whole.
    """

    attempt: Attempt
    status: str
    closed_at: datetime
    responses: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    pivot_types: tuple[str, ...] | None = None
    unread_pivots: tuple[UnreadPivot, ...] = ()
    accept_shrink: bool = False
    refused: tuple[Mapping[str, str], ...] = ()
    errors: tuple[Mapping[str, str | None], ...] = ()

    @classmethod
    def of_load(cls, load: Load, *, status: str, closed_at: datetime) -> Outcome:
        """Describe a load that is about to be committed."""
        return cls(
            load.attempt,
            status,
            closed_at,
            responses=tuple(kept.name for kept in load.responses),
            columns=(*load.spool.columns, *(load.parts or () if METRICS in load.spool.columns else ())),
            pivot_types=load.pivot_types,
            unread_pivots=load.unread_pivots,
            accept_shrink=load.accept_shrink,
            refused=tuple(
                {"record_id": record.record_id, "field": record.field, "reason": record.reason}
                for record in load.rejected
            ),
        )


def attempt_json(attempt: Attempt) -> dict[str, object]:
    """Write which attempt it is, for people and other tools too."""
    days = attempt.window and {"first": attempt.window.start.isoformat(), "last": attempt.window.last.isoformat()}
    return {
        "asset": attempt.asset,
        "account_id": attempt.account_id,
        "run_id": attempt.run_id,
        "trigger": attempt.trigger,
        "started_at": attempt.started_at.isoformat(),
        "days": days,
    }


def write(outcome: Outcome) -> bytes:
    """Write the document, gzipped JSON."""
    document = {
        "attempt": attempt_json(outcome.attempt),
        "status": outcome.status,
        "closed_at": outcome.closed_at.isoformat(),
        "answers": list(outcome.responses),
        "columns": list(outcome.columns),
        "pivot_types": None if outcome.pivot_types is None else list(outcome.pivot_types),
        "unread_pivots": {unread_pivot.pivot: unread_pivot.detail for unread_pivot in outcome.unread_pivots},
        "accept_shrink": outcome.accept_shrink,
        "refused": [dict(rejection) for rejection in outcome.refused],
        "errors": [dict(error) for error in outcome.errors],
    }
    return gzip.compress(json.dumps(document).encode(), compresslevel=6, mtime=0)


def read(content: bytes, *, name: str) -> Outcome:
    """Read the document.

    Raises:
        ArchiveError: it is damaged, or not one of ours.
    """
    try:
        document = json.loads(gzip.decompress(content))
        attempt, pivots = document["attempt"], document["pivot_types"]
        return Outcome(
            Attempt(
                attempt["asset"],
                int(attempt["account_id"]),
                attempt["run_id"],
                attempt["trigger"],
                _window(attempt["days"]),
                datetime.fromisoformat(attempt["started_at"]),
            ),
            document["status"],
            datetime.fromisoformat(document["closed_at"]),
            responses=tuple(document["answers"]),
            columns=tuple(document["columns"]),
            pivot_types=None if pivots is None else tuple(pivots),
            unread_pivots=tuple(
                UnreadPivot(*unread_pivot) for unread_pivot in document.get("unread_pivots", {}).items()
            ),
            accept_shrink=bool(document["accept_shrink"]),
            refused=tuple(document["refused"]),
            errors=tuple(document["errors"]),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"{name} in the raw archive is damaged",
            detail=f"{type(error).__name__}: {error}",
            meaning="how this attempt ended is unknown, so its responses are not replayed",
            fix="remove the document and load its days again with `lac sync --force`",
        ) from error


def _window(days: Mapping[str, str] | None) -> DateWindow | None:
    return DateWindow.inclusive(date.fromisoformat(days["first"]), date.fromisoformat(days["last"])) if days else None
