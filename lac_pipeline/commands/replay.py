"""`lac replay`: the same assets, fed from the raw archive instead of LinkedIn."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import dagster as dg
from pydantic import SecretStr

from lac_pipeline.archive.archived_loads import ArchivedLoad, history_of
from lac_pipeline.archive.left_out import LeftOut, ResponseMissing, left_out
from lac_pipeline.archive.replay_transport import ArchivedLinkedIn
from lac_pipeline.archive.store import RawArchive
from lac_pipeline.commands.sync import AccountSync, GroupSync, SyncCause, SyncRequest
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.event_wording import line_of
from lac_pipeline.defs.partitions import account_partitions
from lac_pipeline.defs.resources import LinkedInResource, WarehouseResource, client_config, open_warehouse, utc_now
from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.events import Event
from lac_pipeline.linkedin.lookups import COMPANY_SIZES, Lookup
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.linkedin.oauth.authenticator import FixedTokens
from lac_pipeline.linkedin.oauth.tokens import Tokens
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Partitioning, partitioning_of, stream_of
from lac_pipeline.streams.sync_windows import month_window
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.check_results import UnreadPivot
from lac_pipeline.warehouse.load.attempts import Load, LoadResult
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import ONE_DAY, DateWindow

log = logging.getLogger(__name__)

_UNBOUNDED_MB = 1_000_000  # each answer of the archive was within the bound; many are joined into one
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

    async def names(self, urns: Sequence[str]) -> Lookup[str]:
        """Find the names that are kept, and those that LinkedIn did not have."""
        return await super().names([urn for urn in urns if urn in self._linkedin.looked_up or urn in COMPANY_SIZES])

    async def contents(self, urns: Sequence[str]) -> Lookup[dict[str, Any]]:
        """Find the posts and messages that are kept, and those that LinkedIn did not have."""
        return await super().contents([urn for urn in urns if urn in self._linkedin.looked_up])


@dataclass
class ReplayedAnswers:
    """What the load that is done again reads from, and the moment that it stands for.

    Attributes:
        settings: those that it was done with.
        linkedin: the answers.
        at: when it began; a load that began later is not undone.
        unread_pivots: the pivots that it could not read, of which nothing is loaded here either.
    """

    settings: Settings
    linkedin: ArchivedLinkedIn = field(default_factory=lambda: ArchivedLinkedIn(()))
    at: datetime = field(default_factory=utc_now)
    unread_pivots: tuple[UnreadPivot, ...] = ()


class Replay:
    """Replays accounts from the archive into the warehouse.

    Args:
        settings: of a prepared environment.
        instance: where the runs are recorded.
        since: the first UTC day on which answers were kept that are read.
    """

    def __init__(self, settings: Settings, *, instance: dg.DagsterInstance, since: date) -> None:
        self._settings = settings
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
        held = self._archive.accounts()
        if account.isdigit() and int(account) in held:
            refuse_excluded(int(account), self._settings)
        chosen = [one for one in held if account in ("all", str(one)) and not self._settings.excludes(one)]
        elsewhere = "set LAC_RAW_URL to where the answers are kept"
        if not held:
            raise ArchiveError(
                f"the raw archive in {self._settings.raw_url} holds no answers about any account", fix=elsewhere
            )
        if not chosen:
            kind = f"ad account in the raw archive {self._settings.raw_url}"
            raise unknown_name(kind, account, [str(one) for one in held], fix=elsewhere)
        self._instance.add_dynamic_partitions(str(account_partitions.name), [str(one) for one in chosen])
        return chosen

    def replay(self, account_id: int) -> Iterator[GroupSync | LeftOut]:
        """Do again every load of an account that began since the first day, in the order in which they were committed.

        Each is done as if at its own time and from its own answers alone, so that what one of them refused, kept or
        took away is refused, kept or taken away again. One that cannot be done says why, and the others go on. The last
        results say what is not loaded.

        Raises:
            ArchiveError: the archive cannot be read, or an outcome in it is damaged.
        """
        history = history_of(self._archive, account_id, self._since)
        replayed = ReplayedAnswers(self._settings)
        with open_warehouse(self._settings) as warehouse:
            session = AccountSync(
                _definitions(self._settings, replayed),
                instance=self._instance,
                warehouse=warehouse,
                settings=self._settings,
            )
            for load in history.loads:
                if load.attempt.asset in self._settings.streams:
                    yield from self._again(session, load, replayed)
        yield from left_out(account_id, history, settings=self._settings, since=self._since)

    def _again(
        self, session: AccountSync, load: ArchivedLoad, replayed: ReplayedAnswers
    ) -> Iterator[GroupSync | LeftOut]:
        attempt = load.attempt
        group = stream_of(attempt.asset).group
        window = attempt.window and _partitioned(attempt.window, group, start=self._settings.start_date)
        if attempt.window is not None and window is None:
            return
        try:
            replayed.linkedin = ArchivedLinkedIn(map(self._archive.read, load.answers))
        except ArchiveError as error:
            yield LeftOut(attempt.account_id, attempt.asset, ResponseMissing(error))
            return
        replayed.at, replayed.unread_pivots = attempt.started_at, load.unread_pivots
        replayed.settings = _as_then(self._settings, load, version=replayed.linkedin.version)
        request = SyncRequest(force=True, accept_shrink=load.accept_shrink)
        yield session.run(
            attempt.account_id, group, window, request, SyncCause.REPLAY, assets=(attempt.asset,), checks=False
        )


def _partitioned(window: DateWindow, group: AssetGroup, *, start: date) -> DateWindow | None:
    """The days of a window that have a partition; None if none has."""
    today = utc_now().date()
    if partitioning_of(group) is Partitioning.ACCOUNT_MONTH:
        return month_window(window, start=start, today=today)
    first, end = max(window.start, start), min(window.end, today + ONE_DAY)
    return DateWindow(first, end) if first < end else None


def _as_then(settings: Settings, load: ArchivedLoad, *, version: str) -> Settings:
    """The settings that the load was done with, as far as they decide what is read."""
    known = {
        "lac_metrics": ",".join(load.metrics),
        "lac_member_pivots": ",".join(load.pivot_types),
        "linkedin_api_version": version,
    }
    then = settings.model_copy(update={name: value for name, value in known.items() if value})
    for derived in ("metrics", "member_pivots"):  # a copy takes along what was derived from the values before
        vars(then).pop(derived, None)
    return then


def _definitions(settings: Settings, replayed: ReplayedAnswers) -> dg.Definitions:
    """The code location, with a LinkedIn that answers from the archive and loads dated as they were."""

    class ReplayedLoads(Warehouse):
        def load(self, load: Load) -> LoadResult:
            return super().load(replace(load, unread_pivots=replayed.unread_pivots))

    class ReplayedWarehouse(WarehouseResource):
        @contextmanager
        def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[WarehouseResource]:
            self._settings = replayed.settings
            with open_warehouse(settings) as live:
                self._warehouse = ReplayedLoads(live.engine, clock=lambda: replayed.at)
                yield self

    class ReplayedLinkedIn(LinkedInResource):
        @asynccontextmanager
        async def yield_for_execution(  # type: ignore[override]
            self, context: dg.InitResourceContext
        ) -> AsyncIterator[LinkedInResource]:
            async with _client(replayed.settings, replayed.linkedin) as self._client:
                yield self

    warehouse = ReplayedWarehouse()
    return build_definitions(settings, warehouse=warehouse, linkedin=ReplayedLinkedIn(warehouse=warehouse))


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
    """Wait for nothing: the archive answers the same, however late it is asked again."""
