"""`lac replay`: the same assets, fed from the raw archive instead of LinkedIn."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Any

import dagster as dg
from pydantic import SecretStr

from lac_pipeline.assets.configured_accounts import refuse_excluded
from lac_pipeline.assets.metrics import DAILY_PIVOTS
from lac_pipeline.definitions import build_definitions
from lac_pipeline.errors import ArchiveError
from lac_pipeline.linkedin.archived import ArchivedLinkedIn, paths_of
from lac_pipeline.linkedin.auth import FixedTokens
from lac_pipeline.linkedin.client import LinkedInClient, connect
from lac_pipeline.linkedin.lookups import COMPANY_SIZES, CONTENTS, TARGETING, Lookup
from lac_pipeline.metrics import MAX_ELEMENTS, allowed
from lac_pipeline.operations.sync import AccountSync, ScopeSync, SyncRequest
from lac_pipeline.partitions import account_partitions
from lac_pipeline.resources import LinkedInResource, WarehouseResource, client_config, open_warehouse, utc_now
from lac_pipeline.scopes import Scope, month_window
from lac_pipeline.settings import Settings
from lac_pipeline.storage.raw import RawArchive
from lac_pipeline.storage.warehouse import Warehouse
from lac_pipeline.tokens import Tokens
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.windows import DateWindow, contiguous

log = logging.getLogger(__name__)

REASON = "replay_of_raw_archive"
NAMING = frozenset({TARGETING, *(resource.endpoint for resource in CONTENTS)})
"""Endpoints that are asked for names, about no account in particular."""
_NAMED = 3
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
    """What one account's replay reads from, and the moment that its loads stand for.

    Attributes:
        linkedin: the answers.
        at: when LinkedIn gave the last of those that are being loaded; a load of later answers is not undone.
    """

    linkedin: ArchivedLinkedIn
    at: datetime = field(default_factory=utc_now)


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
        self._names = [one for one in self._archive.answers(None, since) if one.endpoint in NAMING]

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

    def replay(self, account_id: int) -> Iterator[ScopeSync]:
        """Load everything that the archive holds of an account since the first day, asset by asset.

        What it holds too little of is not loaded; the last results say what and why.

        Raises:
            ArchiveError: a document of it is damaged.
        """
        exchanges = chain(self._names, self._archive.answers(account_id, self._since))
        answers = ReplayedAnswers(ArchivedLinkedIn(exchanges))
        with open_warehouse(self._settings) as warehouse:
            session = AccountSync(
                _definitions(self._settings, answers),
                instance=self._instance,
                warehouse=warehouse,
                settings=self._settings,
            )
            for asset, scope, window, endpoint in self._loads(account_id, answers.linkedin):
                answers.at = answers.linkedin.sent_at[endpoint]
                yield session.run(account_id, scope, window, SyncRequest(force=True), REASON, assets=(asset,))
        for scope, reason in self._left_out(account_id, answers.linkedin):
            yield ScopeSync(account_id, scope, reason)

    def _loads(
        self, account_id: int, linkedin: ArchivedLinkedIn
    ) -> Iterator[tuple[str, Scope, DateWindow | None, str]]:
        """Tell what can be loaded: asset, scope, days, and the endpoint that its answers came from."""
        endpoints = {"accounts": "adAccounts", "campaign_groups": "adCampaignGroups", "campaigns": "adCampaigns"}
        for asset, path in paths_of(account_id):
            if linkedin.walked(path):
                yield asset, Scope.ENTITIES, None, endpoints.get(asset, asset)
        for daily in DAILY_PIVOTS:
            for window in contiguous(
                self._loadable(linkedin.days_read(daily.pivot, "DAILY", self._asked(daily.pivot)))
            ):
                yield daily.name, Scope.METRICS, window, "adAnalytics"
        for window in self._months(linkedin):
            yield "audience_demographics", Scope.DEMOGRAPHICS, window, "adAnalytics"

    def _left_out(self, account_id: int, linkedin: ArchivedLinkedIn) -> Iterator[tuple[Scope, str]]:
        """Tell what is not loaded, although LinkedIn was asked for it, or for a part of it."""
        for asset, path in paths_of(account_id):
            if not linkedin.walked(path):
                yield Scope.ENTITIES, f"{asset}: no whole answer was kept since {self._since}"
        for daily in DAILY_PIVOTS:
            read, asked = linkedin.metrics_read(daily.pivot, "DAILY"), set(self._asked(daily.pivot))
            for window in contiguous(self._loadable(day for day, names in read.items() if not asked <= names)):
                lacking = sorted(set().union(*(asked - read[day] for day in window)))
                yield Scope.METRICS, f"{daily.name} of {window}: {_named(lacking)} of LAC_METRICS not read then"
            for window in contiguous(day for day in read if day < self._settings.start_date):
                yield Scope.METRICS, f"{daily.name} of {window}: before LAC_START_DATE, {self._settings.start_date}"
        for window in self._months_in_part(linkedin):
            why = "not every pivot was read with every one of LAC_METRICS"
            yield Scope.DEMOGRAPHICS, f"audience_demographics of {window}: {why}"

    def _asked(self, pivot: str, *, days: int = 1) -> list[str]:
        version = self._settings.linkedin_api_version
        return [metric.name for metric in allowed(self._settings.metrics, pivot=pivot, version=version, days=days)]

    def _loadable(self, days: Iterable[date]) -> list[date]:
        """Those days that have a partition."""
        return [day for day in days if self._settings.start_date <= day <= utc_now().date()]

    def _months(self, linkedin: ArchivedLinkedIn) -> Iterator[DateWindow]:
        """The months of which every member pivot was read, as far as they have a partition."""
        pivots = self._settings.member_pivots
        asked = self._asked(pivots[0], days=31)
        known = set.intersection(*(linkedin.days_read(pivot, "MONTHLY", asked) for pivot in pivots))
        return self._partitioned(known)

    def _months_in_part(self, linkedin: ArchivedLinkedIn) -> Iterator[DateWindow]:
        """The months of which some member pivot was read, but not every one with every metric asked for now."""
        pivots = self._settings.member_pivots
        touched = set.union(*(linkedin.days_read(pivot, "MONTHLY", ()) for pivot in pivots))
        whole = {day for window in self._months(linkedin) for day in window}
        return self._partitioned(touched - whole)

    def _partitioned(self, days: set[date]) -> Iterator[DateWindow]:
        """The months of the days, as far as they have a partition."""
        for window in contiguous(days):
            months = month_window(window, start=self._settings.start_date, today=utc_now().date())
            if months is not None:
                yield months


def _named(metrics: Sequence[str]) -> str:
    """The first few by name, the others by number."""
    more = len(metrics) - _NAMED
    return f"{', '.join(metrics[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _definitions(settings: Settings, answers: ReplayedAnswers) -> dg.Definitions:
    """The code location, with a LinkedIn that answers from the archive and loads dated as their answers are."""

    class ReplayedWarehouse(WarehouseResource):
        @contextmanager
        def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[WarehouseResource]:
            self._settings = settings
            with open_warehouse(settings) as live:
                self._warehouse = Warehouse(live.engine, clock=lambda: answers.at)
                yield self

    class ReplayedLinkedIn(LinkedInResource):
        @asynccontextmanager
        async def yield_for_execution(  # type: ignore[override]
            self, context: dg.InitResourceContext
        ) -> AsyncIterator[LinkedInResource]:
            async with _client(settings, answers.linkedin) as self._client:
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
    async with connect(config, tokens=tokens, progress=log.debug, clock=utc_now, network=linkedin) as client:
        yield ArchivedClient(client, linkedin)
