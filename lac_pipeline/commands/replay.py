"""`lac replay`: fills the assets with the code of a sync, from the raw archive instead of LinkedIn.

No Dagster run is made: a repeated load keeps the id of its original run, and Dagster gets one materialization of each
loaded partition.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import dagster as dg
from pydantic import SecretStr

from lac_pipeline.archive.archived_loads import ArchivedLoad, history_of
from lac_pipeline.archive.left_out import LeftOut, ResponseMissing, left_out
from lac_pipeline.archive.replay_transport import ArchivedLinkedIn
from lac_pipeline.archive.store import RawArchive
from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import GroupSync, SyncCause
from lac_pipeline.defs.account_loads import AccountFailure, failure_lines
from lac_pipeline.defs.assets.fetching import AssetRun, Fetcher
from lac_pipeline.defs.assets.naming import Naming
from lac_pipeline.defs.assets.partition_fetches import fetch_and_store
from lac_pipeline.defs.assets.sources import ArchivedReads, Batch, Source
from lac_pipeline.defs.assets.streams import source_of
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.event_wording import line_of
from lac_pipeline.defs.metadata import StoredWindow, partition_metadata
from lac_pipeline.defs.partitions import AccountWindow, account_partitions, account_window
from lac_pipeline.defs.resources import client_config
from lac_pipeline.defs.runless_events import report_materializations
from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.analytics.decoded_rows import RowsDecoder
from lac_pipeline.linkedin.analytics.reader import AnalyticsPage
from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.events import Event
from lac_pipeline.linkedin.lookups import COMPANY_SIZES, Lookup
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Catalogue, Partitioning, Stream, partitioning_of, stream_of
from lac_pipeline.streams.sync_windows import month_window
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import EntityReads
from lac_pipeline.warehouse.query.readings import AttemptRecord, Readings
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import ONE_DAY, DateWindow

log = logging.getLogger(__name__)

_UNBOUNDED_MB = 1_000_000  # each response of the archive was within the bound; many are joined into one
_UNHURRIED = 1_000_000.0  # requests a second: the archive has no limits to respect


class ArchivedClient(LinkedInClient):
    """A client whose reads reach the archive alone, so that none is a call to LinkedIn.

    Names that were not looked up then are not looked up now, or they would be taken for misses.
    """

    def __init__(self, client: LinkedInClient, linkedin: ArchivedLinkedIn) -> None:
        vars(self).update(vars(client))
        self._linkedin = linkedin

    @property
    def calls(self) -> int:
        """None was sent."""
        return 0

    async def report_pages(self, report: Report, decoder: RowsDecoder | None) -> AsyncGenerator[AnalyticsPage, None]:
        """Read a report in the windows in which it was read then."""
        reports = self._linkedin.reports
        for window in reports.windows_of(report.pivots, report.granularity, report.window, report.campaigns):
            async with aclosing(super().report_pages(replace(report, window=window), decoder)) as pages:
                async for page in pages:
                    yield page

    async def names(self, urns: Sequence[str]) -> Lookup[str]:
        """Find the names that are kept, and those that LinkedIn did not have."""
        return await super().names([urn for urn in urns if urn in self._linkedin.looked_up or urn in COMPANY_SIZES])

    async def contents(self, urns: Sequence[str]) -> Lookup[dict[str, Any]]:
        """Find the posts and messages that are kept, and those that LinkedIn did not have."""
        return await super().contents([urn for urn in urns if urn in self._linkedin.looked_up])


@dataclass(frozen=True, slots=True)
class ReplayedSource(Source):
    """What a load read then: of the pivots that it could not read, nothing is read here either.

    Attributes:
        source: what reads it.
        unread_pivots: the pivots that it could not read.
        reads: what it requested.
    """

    source: Source
    unread_pivots: Sequence[UnreadPivot]
    reads: ArchivedReads

    @property
    def pivots(self) -> tuple[str, ...] | None:
        """Those that it read."""
        return self.source.pivots

    def columns(self, account_id: int) -> tuple[str, ...]:
        """Those that it filled."""
        return self.source.columns(account_id)

    def prepared(self, warehouse: Warehouse, partition: AccountWindow, *, again: bool) -> Source:
        """The same for what is stored now."""
        return replace(self, source=self.source.prepared(warehouse, partition, again=again).archived(self.reads))

    async def batches(
        self, client: LinkedInClient, partition: AccountWindow, naming: Naming
    ) -> AsyncIterator[Batch | UnreadPivot | RejectedRecord | EntityReads]:
        """Yield what was read, after what could not be."""
        for unread in self.unread_pivots:
            yield unread
        async for batch in self.source.batches(client, partition, naming):
            yield batch


class Replay:
    """Replays accounts from the archive into the warehouse.

    Args:
        settings: of a prepared environment.
        warehouse: what is loaded.
        instance: where the partitions are recorded that were loaded.
        since: the first UTC day whose archived responses are read.
    """

    def __init__(self, settings: Settings, *, warehouse: Warehouse, instance: dg.DagsterInstance, since: date) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self._instance = instance
        self._since = since
        self._archive = RawArchive(settings.raw_url, run_id="replay", clock=utc_now)

    def accounts(self, account: str) -> list[int]:
        """The accounts that `--account ID|all` means, of those that the archive holds.

        Raises:
            ArchiveError: it holds none.
            UnknownNameError: it does not hold this one.
            PartitionError: LAC_ACCOUNT_IDS leaves this one out.
        """
        archived = self._archive.accounts()
        if account.isdigit() and int(account) in archived:
            refuse_excluded(int(account), self._settings)
        chosen = [
            account_id
            for account_id in archived
            if account in ("all", str(account_id)) and not self._settings.excludes(account_id)
        ]
        elsewhere = "set LAC_RAW_URL to where the responses are kept"
        if not archived:
            raise ArchiveError(
                f"the raw archive in {self._settings.raw_url} holds no responses about any account", fix=elsewhere
            )
        if not chosen:
            kind = f"ad account in the raw archive {self._settings.raw_url}"
            raise unknown_name(kind, account, [str(account_id) for account_id in archived], fix=elsewhere)
        self._instance.add_dynamic_partitions(str(account_partitions.name), [str(account_id) for account_id in chosen])
        return chosen

    def replay(self, account_id: int) -> Iterator[GroupSync | LeftOut]:
        """Do again every load of an account that began since the first day, in the order in which they were committed.

        Each is done as if at its own time and from its own responses alone, so that what one of them refused, kept or
        took away is refused, kept or taken away again. One that cannot be done has its error, and the others go on. The
        last results list what is not loaded.

        Raises:
            ArchiveError: the archive cannot be read, or an outcome in it is damaged.
        """
        history = history_of(self._archive, account_id, self._since)
        newest: dict[tuple[str, str], StoredWindow] = {}
        try:
            for load in history.loads:
                partition = self._partition(load)
                if partition is not None and load.attempt.asset in self._settings.streams and load.is_of_today:
                    yield self._again(load, partition, newest)
        finally:  # what was loaded is shown, however the replay ends
            self._materialize(newest)
        yield from left_out(account_id, history, settings=self._settings, since=self._since)

    def _partition(self, load: ArchivedLoad) -> AccountWindow | None:
        """What of a load's days has partitions; None if none has."""
        attempt, group = load.attempt, stream_of(load.attempt.asset).group
        window = attempt.window and _partitioned(attempt.window, group, start=self._settings.start_date)
        if attempt.window is not None and window is None:
            return None
        return account_window(attempt.account_id, group, window)

    def _again(
        self, load: ArchivedLoad, partition: AccountWindow, newest: dict[tuple[str, str], StoredWindow]
    ) -> GroupSync | LeftOut:
        """Do one load again; `newest` gets the last load of each partition of an asset."""
        attempt = load.attempt
        try:
            linkedin = ArchivedLinkedIn(map(self._archive.read, load.responses))
        except ArchiveError as error:
            return LeftOut(attempt.account_id, attempt.asset, ResponseMissing(error))
        then = Warehouse(self._warehouse.engine, clock=lambda: attempt.started_at)
        outcome = asyncio.run(_load_again(load, partition, linkedin, then, self._settings))
        failure = None
        if isinstance(outcome, AccountFailure):
            failure = "\n".join(failure_lines([outcome], self._warehouse))
        else:
            newest.update({(attempt.asset, key): outcome for key in partition.keys})
        return GroupSync(
            attempt.account_id,
            stream_of(attempt.asset).group,
            SyncCause.REPLAY,
            attempt.run_id,
            _attempts(self._warehouse.read, load, partition),
            failure,
            (attempt.asset,),
        )

    def _materialize(self, newest: Mapping[tuple[str, str], StoredWindow]) -> None:
        """Let Dagster show what was loaded: one materialization of each partition, with the numbers of its rows."""
        keys: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for (asset, key), stored in newest.items():
            keys[asset, id(stored)].append(key)
        materializations: list[dg.AssetMaterialization] = []
        for (asset, _), brought in keys.items():
            read, shown = self._warehouse.read, newest[asset, brought[0]]
            metadata = partition_metadata(read, asset, shown, read.account(shown.partition.account_id))
            materializations += (
                dg.AssetMaterialization(asset, partition=key, metadata=metadata[key]) for key in brought
            )
        report_materializations(self._instance, materializations)


async def _load_again(
    load: ArchivedLoad, partition: AccountWindow, linkedin: ArchivedLinkedIn, warehouse: Warehouse, settings: Settings
) -> StoredWindow | AccountFailure:
    """Read one load's responses as they were read then, and load what they hold."""
    attempt, then = load.attempt, _as_then(settings, load, version=linkedin.version)
    run = AssetRun(attempt.asset, attempt.run_id, attempt.trigger, load.accept_shrink, log)
    reads = ArchivedReads(linkedin.paths, linkedin.reports.entities)
    source = ReplayedSource(source_of(then.streams.of(attempt.asset), then), load.unread_pivots, reads)
    async with _client(then, linkedin) as client:
        return await fetch_and_store(Fetcher(run, client, warehouse, then, source), partition)


def _attempts(read: Readings, load: ArchivedLoad, partition: AccountWindow) -> list[AttemptRecord]:
    """The newest attempt of the load's run at this asset and these days: the one that did it again."""
    attempt = replace(load.attempt, window=partition.window)
    same = [
        record
        for record in read.attempts_of(attempt.run_id)
        if replace(record.attempt, started_at=attempt.started_at) == attempt
    ]
    return same[-1:]


def _partitioned(window: DateWindow, group: AssetGroup, *, start: date) -> DateWindow | None:
    """The days of a window that have a partition; None if none has."""
    today = utc_now().date()
    if partitioning_of(group) is Partitioning.ACCOUNT_MONTH:
        return month_window(window, start=start, today=today)
    first, end = max(window.start, start), min(window.end, today + ONE_DAY)
    return DateWindow(first, end) if first < end else None


def _as_then(settings: Settings, load: ArchivedLoad, *, version: str) -> Settings:
    """The settings that the load was done with, as far as they decide what is read."""
    report = stream_of(load.attempt.asset).report
    known = {"lac_metrics": ",".join(load.metrics), "linkedin_api_version": version}
    if report is not None and report.chosen_by is not None:
        known[report.chosen_by.attribute] = ",".join(load.pivot_types)
    then = settings.model_copy(update={name: value for name, value in known.items() if value})
    for derived in ("metrics", "parts"):  # a copy takes along what was derived from the values before
        vars(then).pop(derived, None)
    vars(then)["streams"] = Catalogue(tuple(_as_read(stream, load.metrics) for stream in settings.streams))
    return then


def _as_read(stream: Stream, names: Sequence[str]) -> Stream:
    """The stream with those of its report's own metrics that a load read: one that it did not read is no zero."""
    report = stream.report
    read = tuple(metric for metric in report.metrics if metric.name in names) if report is not None else ()
    return stream if report is None or not read else replace(stream, source=replace(report, metrics=read))


@asynccontextmanager
async def _client(settings: Settings, linkedin: ArchivedLinkedIn) -> AsyncIterator[LinkedInClient]:
    config = replace(
        client_config(settings),
        requests_per_second=_UNHURRIED,
        application_requests_per_second=_UNHURRIED,
        analytics_cap=MAX_ELEMENTS * 1000,
        max_response_mb=_UNBOUNDED_MB,
    )
    tokens = FixedTokens(Tokens(access=SecretStr("archive")))
    async with connect(
        config, tokens=tokens, progress=_log_event, clock=utc_now, sleep=_at_once, network=linkedin
    ) as client:
        yield ArchivedClient(client, linkedin)


def _log_event(event: Event) -> None:
    log.debug(line_of(event))


async def _at_once(_seconds: float) -> None:
    """Wait for nothing: the archive returns the same, however late a request is sent again."""
