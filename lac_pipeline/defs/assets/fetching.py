"""From requests to COPY text: the records of an account window, validated and spooled batch by batch as they arrive."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import dagster as dg
from msgspec import Struct

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.account_loads import FetchedWindow
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.sources import Batch, Source
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.opening import freshness_gate
from lac_pipeline.defs.partitions import AccountWindow
from lac_pipeline.defs.run_tags import ACCEPT_SHRINK, FORCED, trigger_of
from lac_pipeline.errors import PermissionMissingError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.lead_responses import LeadAnswers
from lac_pipeline.printable import one_line
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, stream_of
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.load.attempts import EntityReads, Load, is_flood
from lac_pipeline.warehouse.load.lead_answers import LeadAnswersOfLoad
from lac_pipeline.warehouse.load.spool import CopySpool, SpoolFile
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.warehouse import Warehouse

REJECTIONS_LOGGED = 20
RECORDS_AT_ONCE = 1000
"""So many are validated at once; 15,000 rows of 83 metrics would be 150 MB more."""


class AssetRun(Struct, frozen=True):
    """One asset's part of a run.

    Attributes:
        asset: the asset.
        run_id: Dagster run.
        trigger: `scheduled`, `on_demand` or `backfill`.
        accept_shrink: whether to prune although most rows are missing.
        log: what people read of the run.
        again: whether what is fresh is read too.
    """

    asset: str
    run_id: str
    trigger: str
    accept_shrink: bool
    log: logging.Logger
    again: bool = False

    @classmethod
    def of(cls, context: dg.AssetExecutionContext) -> AssetRun:
        """Take it from the step that Dagster executes."""
        run = context.run
        accept_shrink = run.tags.get(ACCEPT_SHRINK) == "true"
        trigger = trigger_of(run.tags)
        again = run.tags.get(FORCED) == "true" or trigger == "backfill"
        return cls(context.asset_key.path[-1], run.run_id, trigger, accept_shrink, context.log, again)


@dataclass(slots=True)
class Fetched:
    """What arrived for one account window, beside the rows in its spool.

    Attributes:
        pivots: the pivots that were read; None where the table has no column of pivots.
        records: how many records LinkedIn returned.
        rejected: those that failed validation.
        flooded: whether most records of some batch failed.
        unread_pivots: the pivots that could not be read.
        sources: where the raw responses are kept.
        unknown_fields: LinkedIn's fields that no column takes, and how often they were seen.
        seconds: how long it took, waits included.
        forbidden: how LinkedIn refused it, where that fails nothing.
        unread: how many single records LinkedIn failed on; they are among the rejected.
        entities: what was read of a report that is requested entity by entity.
        lead_answers: what members filled in, of a stream that has such.
    """

    pivots: tuple[str, ...] | None
    records: int = 0
    rejected: list[RejectedRecord] = field(default_factory=list)
    flooded: bool = False
    unread_pivots: tuple[UnreadPivot, ...] = ()
    sources: tuple[str, ...] = ()
    unknown_fields: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    forbidden: PermissionMissingError | None = None
    unread: int = 0
    entities: EntityReads | None = None
    lead_answers: LeadAnswers | None = None


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches account windows of one asset; it needs no run of Dagster's.

    Args:
        run: for which run.
        client: what sends the requests.
        warehouse: what is stored already, and the log of attempts.
        settings: which accounts and parts are read, and how long entities are fresh.
        source: what the asset reads.
        file: where the rows of all windows wait to be stored.
    """

    run: AssetRun
    client: LinkedInClient
    warehouse: Warehouse
    settings: Settings
    source: Source
    file: SpoolFile = field(default_factory=SpoolFile)

    async def fetch(self, partition: AccountWindow) -> FetchedWindow:
        """Fetch one account window; its attempt is in `sync_log` before the first request, and open until it is stored.

        Raises:
            LacError: the account is left out by LAC_ACCOUNT_IDS, or cannot be fetched; the attempt has failed.
        """
        run, account_id = self.run, partition.account_id
        refuse_excluded(account_id, self.settings)
        begun = self.warehouse.attempt(
            run.asset,
            account_id,
            run_id=run.run_id,
            trigger=run.trigger,
            window=partition.window,
            calls=lambda: self.client.calls,
        )
        with begun as attempt, ExitStack() as unless_handed_over:
            spool = unless_handed_over.enter_context(CopySpool(self.source.columns(account_id), self.file))
            fetched = await self._read_or_spare(partition, spool)
            load = Load(
                attempt=attempt.attempt,
                spool=spool,
                rejected=fetched.rejected,
                fetched=fetched.records,
                api_calls=attempt.api_calls,
                pivot_types=fetched.pivots,
                unread_pivots=fetched.unread_pivots,
                parts=self._parts(fetched),
                accept_shrink=run.accept_shrink,
                flooded=fetched.flooded,
                responses=tuple(attempt.responses),
                forbidden=fetched.forbidden,
                unread=fetched.unread,
                entities=fetched.entities,
                lead_answers=self._lead_answers(fetched),
            )
            pending = attempt.hand_over(load)
            unless_handed_over.pop_all()
            return FetchedWindow(partition, pending, fetched.sources, fetched.seconds)

    def _parts(self, fetched: Fetched) -> tuple[str, ...] | None:
        """What was read; where entities wait, or are not known yet, no pivot was read as a whole: a sync is due."""
        parts, entities = self.settings.parts.get(self.run.asset), fetched.entities
        if parts is None or entities is None or (entities.counted and not entities.waiting):
            return parts
        return tuple(part for part in parts if part not in (fetched.pivots or ()))

    def _lead_answers(self, fetched: Fetched) -> LeadAnswersOfLoad | None:
        if fetched.lead_answers is None:
            return None
        return LeadAnswersOfLoad(fetched.lead_answers, timedelta(days=self.settings.lac_lead_answers_days))

    async def _read_or_spare(self, partition: AccountWindow, spool: CopySpool) -> Fetched:
        """Read the window; of a stream that is spared, LinkedIn's refusal is what was fetched."""
        try:
            return await self._read(partition, spool)
        except PermissionMissingError as error:
            if not stream_of(self.run.asset).spared:
                raise
            self.run.log.warning(f"{partition.place}: skipped: {error}")
            return Fetched(self.source.pivots, forbidden=error)

    async def _read(self, partition: AccountWindow, spool: CopySpool) -> Fetched:
        """Read the window to its end and put its valid rows into the spool.

        Raises:
            LinkedInError: it cannot be read.
        """
        began = time.monotonic()
        fetched = Fetched(self.source.pivots)
        engine = self.warehouse.engine
        naming = Naming(self.client, UrnNames(engine), AdContents(engine), self.run.log)
        source = self.source.prepared(self.warehouse, partition, again=self.run.again)
        async for batch in source.batches(self.client, partition, naming):
            if isinstance(batch, UnreadPivot):
                self._leave_out(partition, batch, fetched)
            elif isinstance(batch, RejectedRecord):
                fetched.unread += 1
                fetched.rejected.append(batch)
            elif isinstance(batch, EntityReads):
                fetched.entities = batch
            else:
                _take(batch, fetched, spool)
        if not fetched.records and (fetched.entities is None or fetched.entities.read):
            await self._confirm_silence(partition)
        self._log(partition, fetched)
        fetched.seconds = time.monotonic() - began
        return fetched

    def _leave_out(self, partition: AccountWindow, unread: UnreadPivot, fetched: Fetched) -> None:
        self.run.log.error(f"{partition.place}: {unread.pivot} could not be read: {unread.detail}")
        fetched.unread_pivots += (unread,)
        fetched.pivots = fetched.pivots and tuple(pivot for pivot in fetched.pivots if pivot != unread.pivot)

    async def _confirm_silence(self, partition: AccountWindow) -> None:
        """Request the account itself if adAnalytics returns no rows, unless it is known that the account may be read.

        LinkedIn returns 200 without rows both for days without activity and for an account that the token may not read
        (its Ads Reporting page); the account's own record distinguishes the two, for one call. A scheduled refresh of
        days of which the table has no row spares it where the account's entities are fresh: they were read just before.
        """
        if stream_of(self.run.asset).report is None:
            return
        stored = self.warehouse.read.count(self.run.asset, partition.account_id, partition.window)
        if stored or not self._is_readable(partition.account_id):
            self.run.log.info(f"{partition.place}: no rows, {stored} are stored; requesting the account itself")
            await self.client.account(partition.account_id)

    def _is_readable(self, account_id: int) -> bool:
        if self.run.trigger != "scheduled":
            return False
        states = freshness_gate(self.settings, self.warehouse).states([account_id])
        entities = next(state for state in states if state.group is AssetGroup.ENTITIES)
        return not entities.failures and entities.stale_at is not None and utc_now() < entities.stale_at

    def _log(self, partition: AccountWindow, fetched: Fetched) -> None:
        log, where, rejected = self.run.log, partition.place, fetched.rejected
        log.info(f"{where}: {fetched.records:,} records fetched, {len(rejected):,} rejected")
        for record in rejected[:REJECTIONS_LOGGED]:
            detail = f"rejected {record.record_id}: {record.field} = {record.value}: {record.reason}"
            log.warning(f"{where}: {one_line(detail)}")
        if len(rejected) > REJECTIONS_LOGGED:
            log.warning(f"{where}: {len(rejected) - REJECTIONS_LOGGED} more rejected; `lac rejects` lists them")
        if fetched.unknown_fields:
            names = ", ".join(sorted(fetched.unknown_fields))
            log.info(f"{where}: fields that are not loaded: {one_line(names)}")


def _take(batch: Batch, fetched: Fetched, spool: CopySpool) -> None:
    """Spool a batch's rows, validated if they were not decoded; the batch holds no record afterwards."""
    if batch.decoded is not None:
        spool.write(batch.decoded.text, rows=len(batch.decoded))
        fetched.records += len(batch.decoded)
    received, refused_before = len(batch.records), len(fetched.rejected)
    for records in released(batch.records):
        page = batch.validator.validate(records)
        spool.extend(page.rows)
        fetched.rejected += page.rejected
        fetched.unknown_fields += page.unknown_fields
    fetched.records += received
    fetched.sources += batch.sources
    fetched.lead_answers = batch.lead_answers or fetched.lead_answers
    fetched.flooded = fetched.flooded or is_flood(len(fetched.rejected) - refused_before, received)


def released(elements: list[Any]) -> Iterator[list[Any]]:
    """Take the records out of the list, some at a time and in order.

    Whatever still refers to the list, such as the generators that it came through, then holds no record while the next
    response is read.
    """
    elements.reverse()
    while elements:
        records = elements[: -RECORDS_AT_ONCE - 1 : -1]
        del elements[-RECORDS_AT_ONCE:]
        yield records
