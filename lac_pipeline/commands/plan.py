"""`lac plan`: what a backfill would ask, replace and take, before it is begun."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lac_pipeline.commands.sync import AccountSync, SyncRequest
from lac_pipeline.linkedin.analytics.planner import expected_answers
from lac_pipeline.linkedin.client import CREATIVES_PAGE_SIZE, PAGE_SIZE
from lac_pipeline.linkedin.metrics import MAX_PER_CALL, allowed
from lac_pipeline.settings import Settings
from lac_pipeline.streams.sync_windows import ASSETS_OF, Scope
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.windows import DateWindow, months_in

SECONDS_PER_CALL = 0.7
"""Assumed until this database has seen syncs of its own."""

_PAGES = {"campaign_groups": PAGE_SIZE, "campaigns": PAGE_SIZE, "creatives": CREATIVES_PAGE_SIZE}


@dataclass(frozen=True, slots=True)
class Step:
    """What a sync of one scope of one account comes to.

    Attributes:
        account_id: ad account.
        scope: what is synced together.
        window: the UTC days; None for entities.
        partitions: how many partitions of each asset.
        calls: requests to LinkedIn, estimated from the rows that are held.
        known: whether rows are held to estimate from; otherwise `calls` is the least.
        rows: rows of these days that are held now, and would be compared and replaced where they differ.
    """

    account_id: int
    scope: Scope
    window: DateWindow | None
    partitions: int
    calls: int
    known: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps, and how long they take together."""

    steps: Sequence[Step]
    seconds_per_call: float

    @property
    def calls(self) -> int:
        """Requests to LinkedIn."""
        return sum(step.calls for step in self.steps)

    @property
    def rows(self) -> int:
        """Rows that would be compared and replaced where they differ."""
        return sum(step.rows for step in self.steps)

    @property
    def known(self) -> bool:
        """Whether every estimate has rows to go by."""
        return all(step.known for step in self.steps)

    @property
    def seconds(self) -> float:
        """The estimated time."""
        return self.calls * self.seconds_per_call


def plan(session: AccountSync, accounts: Iterable[int], request: SyncRequest, settings: Settings) -> Plan:
    """Estimate a forced sync of these accounts; LinkedIn is not asked.

    Raises:
        DateRangeError: the asked days make no sense.
        StorageError: PostgreSQL cannot answer.
    """
    overview = Overview(session.warehouse.engine)
    steps = [step for account in accounts for step in _steps(session, overview, account, request, settings)]
    return Plan(steps, overview.seconds_per_call() or SECONDS_PER_CALL)


def _steps(
    session: AccountSync, overview: Overview, account_id: int, request: SyncRequest, settings: Settings
) -> Iterable[Step]:
    for scope in Scope:
        window = session.window(account_id, scope, request)
        if window is None and scope is Scope.DEMOGRAPHICS:
            continue
        counted = overview.rows([account_id], window)
        rows = {asset: counted.get((account_id, asset), 0) for asset in ASSETS_OF[scope]}
        calls = _entity_calls(rows) if window is None else _analytics_calls(scope, rows, settings)
        partitions = 1 if window is None else len(months_in(window)) if scope is Scope.DEMOGRAPHICS else window.days
        yield Step(account_id, scope, window, partitions, calls, any(rows.values()), sum(rows.values()))


def _entity_calls(rows: Mapping[str, int]) -> int:
    return 1 + sum(max(1, math.ceil(rows[asset] / size)) for asset, size in _PAGES.items())


def _analytics_calls(scope: Scope, rows: Mapping[str, int], settings: Settings) -> int:
    if scope is Scope.METRICS:
        pivots = {"CAMPAIGN": rows["campaign_daily_metrics"], "CREATIVE": rows["creative_daily_metrics"]}
    else:
        members = settings.member_pivots
        pivots = dict.fromkeys(members, rows["audience_demographics"] // len(members))
    return sum(_calls_of(pivot, held, settings) for pivot, held in pivots.items())


def _calls_of(pivot: str, rows: int, settings: Settings) -> int:
    """One call per answer and per 18 metrics; a first answer that is cut is asked for the first metrics alone."""
    days = 31 if pivot.startswith("MEMBER_") else 1
    asked = allowed(settings.metrics, pivot=pivot, version=settings.linkedin_api_version, days=days)
    answers = expected_answers(rows)
    cut = answers > 1
    return (answers - cut) * math.ceil(len(asked) / MAX_PER_CALL) + cut
