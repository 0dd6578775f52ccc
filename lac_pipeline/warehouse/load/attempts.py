"""What is loaded, by which attempt, and what came of it: the data of the warehouse's interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from lac_pipeline.errors import PermissionMissingError
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.warehouse.check_results import RejectedShare, UnreadEntity, UnreadPivot
from lac_pipeline.warehouse.load.lead_answers import LeadAnswersOfLoad
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.windows import DateWindow

SHRINK_ROWS = 20
"""A window may always lose this many rows ..."""
SHRINK_SHARE = 0.5
"""... and beyond them this share of what it holds, before nothing is pruned."""


FLOOD_RECORDS = 5
"""So many records of a page may fail validation whatever their share ..."""
FLOOD_SHARE = 0.5
"""... and beyond them this share, before the format is taken to have changed and nothing is loaded."""


def is_flood(rejected: int, fetched: int) -> bool:
    """Whether so many records failed that loading the rest would leave half a truth."""
    return rejected > FLOOD_RECORDS and rejected > FLOOD_SHARE * fetched


NEW_FORM_RECORDS = 10
"""So many records of a fetch may fail validation whatever their share ..."""
NEW_FORM_SHARE = 0.1
"""... and beyond them this share, before LinkedIn is taken to send another form; the rest is loaded."""


def is_new_form(share: RejectedShare) -> bool:
    """Whether so many records failed that LinkedIn must have changed what it sends."""
    return share.rejected >= NEW_FORM_RECORDS and share.share > NEW_FORM_SHARE


class Shrink(Struct, frozen=True):
    """How many rows a window holds, and how many of them LinkedIn did not return."""

    stored: int
    missing: int

    @property
    def suspicious(self) -> bool:
        """Whether so much is missing that lost access is likelier than lost rows."""
        return self.missing > SHRINK_ROWS and self.missing > SHRINK_SHARE * self.stored


class Undecided(Struct, frozen=True):
    """How many rows LinkedIn did not return, and how many refused records could be about them: they name no row."""

    missing: int
    unidentified: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sync an asset of an account: a row of `sync_log`.

    Attributes:
        asset: name of the asset and its table.
        account_id: ad account.
        run_id: Dagster run.
        trigger: `scheduled`, `on_demand` or `backfill`.
        window: the UTC days that are fetched, whole months for demographics; None for entities.
        started_at: aware UTC; of two attempts, the one that began later wins.
    """

    asset: str
    account_id: int
    run_id: str
    trigger: str
    window: DateWindow | None
    started_at: datetime


class SkippedAsset(NamedTuple):
    """An asset of an account that was left alone, and the freshness gate's reason."""

    account_id: int
    asset: str
    reason: str


UNREAD_PIVOT = "UnreadPivot"
"""The `type` in `sync_log.errors` of a pivot that could not be read, while others were."""
SHRINK_GUARD = "ShrinkGuard"
"""The `type` in `sync_log.errors` of rows that stay, for so many are missing that access may be lost."""
UNIDENTIFIED = "UnidentifiedRecords"
"""The `type` in `sync_log.errors` of rows that stay, for refused records that name no row may be about them."""


class Kept(NamedTuple):
    """A response in the archive: the endpoint that gave it, where it is, and its name in the archive."""

    endpoint: str
    where: str
    name: str


class EntityReads(Struct, frozen=True):
    """What was read of a report that is requested entity by entity.

    Attributes:
        column: the column of the table that holds the entity.
        read: the entities and pivots whose rows are complete; the rows of others stay.
        failed: the entities and pivots that LinkedIn failed on.
        entities: how many entities LinkedIn has rows for.
        waiting: of how many of them something is still to be read.
        goes_on_at: when the rest is read; None where nothing waits.
        own_budget: whether it waits for our own budget of requests, not for LinkedIn's quota.
        counted: whether the rows were ever loaded that show which entities LinkedIn has rows for.
    """

    column: str
    read: tuple[tuple[int, str], ...]
    failed: tuple[UnreadEntity, ...]
    entities: int
    waiting: int = 0
    goes_on_at: datetime | None = None
    own_budget: bool = False
    counted: bool = True


class Load(Struct, frozen=True):
    """A finished fetch, ready to be stored.

    Attributes:
        attempt: as `Warehouse.begin` gave it.
        spool: the valid rows.
        rejected: the records that failed validation.
        fetched: how many records LinkedIn returned.
        api_calls: how many requests were sent, retries included.
        pivot_types: the demographic pivots that were fetched; rows of others stay. None: all.
        accept_shrink: whether to prune although most rows are missing.
        flooded: whether most records of some page failed, which ends the sync even where all of it would pass.
        unread_pivots: the pivots that could not be read, none of which is among the `pivot_types`.
        parts: what was read: columns of metrics, and pivots where there are several; None for entities.
        responses: LinkedIn's responses in the archive, all that were read for it.
        forbidden: how LinkedIn refused a stream that is spared; nothing is loaded then.
        unread: how many of the refused records could not be read at all, which shows nothing of their form.
        entities: what was read of a report that is requested entity by entity; None elsewhere.
        lead_answers: what members filled in at the responses that are loaded; None for other streams.
    """

    attempt: Attempt
    spool: CopySpool
    rejected: Sequence[RejectedRecord]
    fetched: int
    api_calls: int
    pivot_types: tuple[str, ...] | None = None
    accept_shrink: bool = False
    flooded: bool = False
    unread_pivots: tuple[UnreadPivot, ...] = ()
    parts: tuple[str, ...] | None = None
    responses: tuple[Kept, ...] = ()
    forbidden: PermissionMissingError | None = None
    lead_answers: LeadAnswersOfLoad | None = None
    unread: int = 0
    entities: EntityReads | None = None

    @property
    def invalid(self) -> int:
        """How many records failed validation."""
        return len(self.rejected) - self.unread


class LoadResult(Struct, frozen=True):
    """What became of a load.

    Attributes:
        fetched: records that LinkedIn returned.
        inserted: rows that were new.
        updated: rows of which a value changed, or that came back after they were removed.
        unchanged: rows that were equal already.
        pruned: rows that LinkedIn no longer returns: deleted (metrics) or marked removed (entities).
        rejected: records that went to the quarantine.
        superseded: rows left out because a fetch that began later had loaded their days already.
        api_calls: requests sent.
        status: `success`; `partial` when records were rejected, pivots not read, or nothing was pruned; `unavailable`
            when LinkedIn does not let the token read the stream.
        shrink: the numbers of the shrink guard when it kept rows from being pruned.
        undecided: the numbers when refused records that name no row kept rows from being pruned.
        spend: sum of `cost_in_local_currency` over the staged rows, in account currency; None for entities, and where
            LinkedIn did not give the cost of some row.
        impressions: sum of `impressions` over the staged rows; None as above.
        seconds: how long the load took.
        started_at: when the fetch began.
        written_at: the `updated_at` of the rows that were inserted or updated, by PostgreSQL's clock.
    """

    fetched: int
    inserted: int
    updated: int
    unchanged: int
    pruned: int
    rejected: int
    superseded: int
    api_calls: int
    status: str
    shrink: Shrink | None
    undecided: Undecided | None
    spend: Decimal | None
    impressions: int | None
    seconds: float
    started_at: datetime
    written_at: datetime
