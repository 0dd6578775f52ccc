"""From a run's partitions to loads that the IO manager can store: ask, validate and spool, one account at a time."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from lac_pipeline.archive.recording import Recording, recording
from lac_pipeline.defs.assets.left_behind import failed_before
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.io_manager import AccountFailure, Fetched, FetchedWindow, defect_of, failure
from lac_pipeline.defs.partitions import AccountWindow, requested
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource, freshness_gate, utc_now
from lac_pipeline.defs.run_tags import ACCEPT_SHRINK, ACCOUNT, account_run, trigger_of
from lac_pipeline.errors import LacError
from lac_pipeline.linkedin.client import LinkedInClient
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.models.validation import RecordValidator
from lac_pipeline.printable import one_line
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, stream_of
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import Load, is_flood
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Answer:
    """Elements of LinkedIn's, the validator that knows them, and where the raw answers are kept."""

    elements: list[Any]
    validator: RecordValidator
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for one account window: the columns that its answers fill, and the answers as they arrive.

    A pivot that cannot be read comes in place of its answers.
    """

    columns: tuple[str, ...]
    answers: AsyncIterator[Answer | UnreadPivot]


REJECTIONS_LOGGED = 20
RECORDS_AT_ONCE = 1000
"""So many are validated at once; 15,000 rows of 83 metrics would be 150 MB more."""
INTERRUPTED = "interrupted before everything had arrived"

Ask = Callable[[LinkedInClient, AccountWindow, Naming], Question]


@dataclass(frozen=True, slots=True)
class AssetRun:
    """One asset's part of a run.

    Attributes:
        asset: the asset.
        run_id: Dagster run.
        trigger: `scheduled`, `on_demand` or `backfill`.
        accept_shrink: whether to prune although most rows are missing.
        log: what people read of the run.
    """

    asset: str
    run_id: str
    trigger: str
    accept_shrink: bool
    log: logging.Logger

    @classmethod
    def of(cls, context: dg.AssetExecutionContext) -> AssetRun:
        """Take it from the step that Dagster executes."""
        run = context.run
        accept_shrink = run.tags.get(ACCEPT_SHRINK) == "true"
        return cls(context.asset_key.path[-1], run.run_id, trigger_of(run.tags), accept_shrink, context.log)


async def fetch(
    context: dg.AssetExecutionContext,
    linkedin: LinkedInResource,
    warehouse: WarehouseResource,
    *,
    ask: Ask,
    pivot_types: tuple[str, ...] | None = None,
) -> Fetched:
    """Fetch every account window of the run; an account that fails is recorded and does not stop the others.

    Raises:
        dagster.Failure: the run's partitions make no sense, or no account at all could be fetched.
    """
    try:
        partitions = requested(context)
    except LacError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    _tag(context, partitions)
    run = AssetRun.of(context)
    fetcher = Fetcher(run, linkedin.client, warehouse.warehouse, warehouse.settings, pivot_types)
    outcomes = [await fetcher.fetch(partition, ask) for partition in _untroubled(context, warehouse, partitions)]
    windows = tuple(outcome for outcome in outcomes if isinstance(outcome, FetchedWindow))
    failures = tuple(outcome for outcome in outcomes if isinstance(outcome, AccountFailure))
    if failures and not windows:
        raise failure(failures)
    return Fetched(windows, failures)


def _untroubled(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, partitions: Sequence[AccountWindow]
) -> list[AccountWindow]:
    """The account windows for which nothing upstream failed in this run.

    Raises:
        dagster.Failure: it did for all of them.
    """
    troubled = failed_before(context, warehouse.warehouse) & {one.account_id for one in partitions}
    untroubled = [one for one in partitions if one.account_id not in troubled]
    if troubled:
        accounts = f"accounts {', '.join(map(str, sorted(troubled)))}: not tried, for an asset upstream failed"
        context.log.warning(accounts)
        if not untroubled:
            raise dg.Failure(description=accounts, allow_retries=False)
    return untroubled


def _tag(context: dg.AssetExecutionContext, partitions: Sequence[AccountWindow]) -> None:
    """Let a run from the UI carry what ours do, so that limits per account and the freshness sensor see it."""
    accounts = {partition.account_id for partition in partitions}
    if ACCOUNT not in context.run.tags and len(accounts) == 1:
        group = stream_of(context.asset_key.path[-1]).group
        tags = account_run(accounts.pop(), group, trigger_of(context.run.tags))
        context.instance.add_run_tags(context.run.run_id, tags)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches account windows of one asset.

    Args:
        run: for which run.
        client: what answers.
        warehouse: where the attempts are recorded.
        settings: what is read.
        pivot_types: the demographic pivots that are fetched; None where a table has none.
    """

    run: AssetRun
    client: LinkedInClient
    warehouse: Warehouse
    settings: Settings
    pivot_types: tuple[str, ...] | None

    async def fetch(self, partition: AccountWindow, ask: Ask) -> FetchedWindow | AccountFailure:
        """Fetch one account window; the attempt is in `sync_log` before LinkedIn is asked, and however it ends."""
        try:
            refuse_excluded(partition.account_id, self.settings)
            attempt = self.warehouse.begin(
                self.run.asset,
                partition.account_id,
                run_id=self.run.run_id,
                trigger=self.run.trigger,
                window=partition.window,
            )
        except LacError as error:
            return AccountFailure(partition, error)
        calls_before = self.client.calls
        try:
            with recording(attempt) as recorded:
                return await self._read(partition, recorded, ask)
        except LacError as error:
            self.warehouse.fail(attempt, error, api_calls=self.client.calls - calls_before)
            return AccountFailure(partition, error)
        except Exception as error:
            self.run.log.exception(f"{_place(partition)}: a fault of this program")
            defect = defect_of(error, attempt, answers=recorded.kept)
            self.warehouse.fail(attempt, defect, api_calls=self.client.calls - calls_before)
            return AccountFailure(partition, defect)
        except BaseException:  # Ctrl-C, SIGTERM, or Dagster ending the run
            interrupted = LacError(
                INTERRUPTED, meaning="nothing of this sync was written", fix="run it again: `lac sync`"
            )
            self.warehouse.fail(attempt, interrupted, api_calls=self.client.calls - calls_before)
            raise

    async def _read(self, partition: AccountWindow, recorded: Recording, ask: Ask) -> FetchedWindow:
        calls_before, began = self.client.calls, time.monotonic()
        naming = Naming(self.client, UrnNames(self.warehouse.engine), self.run.log)
        question = ask(self.client, partition, naming)
        spool = CopySpool(question.columns)
        rejected: list[RejectedRecord] = []
        sources: list[str] = []
        unknown: Counter[str] = Counter()
        fetched, flooded = 0, False
        unread: list[UnreadPivot] = []
        async for answer in question.answers:
            if isinstance(answer, UnreadPivot):
                self.run.log.error(f"{_place(partition)}: {answer.pivot} could not be read: {answer.detail}")
                unread.append(answer)
                continue
            received, refused_before = len(answer.elements), len(rejected)
            for records in released(answer.elements):
                page = answer.validator.validate(records)
                spool.extend(page.rows)
                rejected += page.rejected
                unknown += page.unknown_fields
            sources += answer.sources
            fetched += received
            flooded = flooded or is_flood(len(rejected) - refused_before, received)
        if not fetched:
            await self._confirm_silence(partition)
        self._tell(partition, fetched=fetched, rejected=rejected, unknown=unknown)
        load = Load(
            attempt=recorded.attempt,
            spool=spool,
            rejected=rejected,
            fetched=fetched,
            api_calls=self.client.calls - calls_before,
            pivot_types=self._pivots_but(unread),
            unread_pivots=tuple(unread),
            parts=self.settings.parts.get(self.run.asset),
            accept_shrink=self.run.accept_shrink,
            flooded=flooded,
            answers=tuple(recorded.kept),
        )
        return FetchedWindow(partition, load, tuple(sources), time.monotonic() - began)

    def _pivots_but(self, unread: Sequence[UnreadPivot]) -> tuple[str, ...] | None:
        """The pivots whose rows are brought up to date; None where a table has none."""
        left_out = {one.pivot for one in unread}
        return self.pivot_types and tuple(pivot for pivot in self.pivot_types if pivot not in left_out)

    async def _confirm_silence(self, partition: AccountWindow) -> None:
        """Ask for the account itself when adAnalytics has nothing, unless it is known that it may be read.

        LinkedIn answers 200 without rows both for days without activity and for an account that the token may not read
        (its Ads Reporting page); the account's own record tells the two apart, for one call. A scheduled refresh of
        days of which no row is held spares it where the account's entities are fresh: they were read just before.
        """
        if partition.window is None:
            return
        held = self.warehouse.read.count(self.run.asset, partition.account_id, partition.window)
        if held or not self._is_readable(partition.account_id):
            self.run.log.info(f"{_place(partition)}: no rows, {held} are held; asking for the account itself")
            await self.client.account(partition.account_id)

    def _is_readable(self, account_id: int) -> bool:
        if self.run.trigger != "scheduled":
            return False
        gate = freshness_gate(self.settings, self.warehouse)
        entities = next(one for one in gate.states([account_id]) if one.group is AssetGroup.ENTITIES)
        return not entities.failures and entities.stale_at is not None and utc_now() < entities.stale_at

    def _tell(
        self, partition: AccountWindow, *, fetched: int, rejected: Sequence[RejectedRecord], unknown: Counter[str]
    ) -> None:
        log, where = self.run.log, _place(partition)
        log.info(f"{where}: {fetched} records fetched, {len(rejected)} rejected")
        for record in rejected[:REJECTIONS_LOGGED]:
            detail = f"rejected {record.record_id}: {record.field} = {record.value}: {record.reason}"
            log.warning(f"{where}: {one_line(detail)}")
        if len(rejected) > REJECTIONS_LOGGED:
            log.warning(f"{where}: {len(rejected) - REJECTIONS_LOGGED} more rejected; `lac rejects` lists them")
        if unknown:
            log.info(f"{where}: fields that are not loaded: {one_line(', '.join(sorted(unknown)))}")


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


def _place(partition: AccountWindow) -> str:
    return f"account {partition.account_id}" + (f", {partition.window}" if partition.window else "")
