"""`lac plan`: which requests a backfill would send, which rows it would replace, and how long it would take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lac_pipeline.commands.session.sync_results import SyncRequest
from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.defs.assets.entity_reports import budget_of, calls_for_one, planner_of
from lac_pipeline.linkedin.analytics.planner import expected_responses
from lac_pipeline.linkedin.metrics import MAX_PER_CALL
from lac_pipeline.linkedin.resource import Paging, Resource
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Partitioning, Stream, partitioning_of, report_of, stream_of
from lac_pipeline.streams.sync_windows import has_days
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.windows import DateWindow, months_in

SECONDS_PER_CALL = 0.7
"""Assumed until this database has seen syncs of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a sync of one asset group of one account comes to.

    Attributes:
        account_id: ad account.
        group: what is synced together.
        window: the UTC days; None for entities.
        partitions: how many partitions of each asset.
        calls: requests to LinkedIn, estimated from the stored rows.
        known: whether rows are stored to estimate from; otherwise `calls` is the least.
        rows: stored rows of these days, which would be compared and replaced where they differ.
        most_calls_a_day: the budget of a UTC day, all accounts together, where the group has one: the rest of the calls
            is made on the next days.
    """

    account_id: int
    group: AssetGroup
    window: DateWindow | None
    partitions: int
    calls: int
    known: bool
    rows: int
    most_calls_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps, how long they take together, and the names of accounts."""

    steps: Sequence[Step]
    seconds_per_call: float
    names: Mapping[int, str | None] = field(default_factory=dict)

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
    """Estimate a forced sync of these accounts; no request is sent.

    The rows of accounts whose asset groups have the same window, as nearly all have, are counted together.

    Raises:
        DateRangeError: the requested days are invalid.
        StorageError: the query failed.
    """
    overview, ids = Overview(session.warehouse.engine), list(accounts)
    windows = session.windows(ids, request)
    alike: dict[tuple[AssetGroup, DateWindow | None], list[int]] = {}
    for (account_id, group), window in windows.items():
        if window is not None or not has_days(group):
            alike.setdefault((group, window), []).append(account_id)
    steps = {
        (account_id, group): _step(session, account_id, (group, window), rows, settings)
        for (group, window), of in alike.items()
        for rows in [overview.rows(of, settings.streams.names_in(group), window)]
        for account_id in of
    }
    ordered = [steps[key] for account_id in ids for group in AssetGroup if (key := (account_id, group)) in steps]
    return Plan(ordered, overview.seconds_per_call() or SECONDS_PER_CALL, overview.names())


def _step(
    session: AccountSync,
    account_id: int,
    of: tuple[AssetGroup, DateWindow | None],
    counted: Mapping[tuple[int, str], int],
    settings: Settings,
) -> Step:
    group, window = of
    assets = settings.streams.names_in(group)
    rows = {asset: counted.get((account_id, asset), 0) for asset in assets}
    calls = _calls(rows, window, settings)
    if window is not None:
        calls += sum(_calls_one_by_one(session, asset, account_id, window, settings) for asset in assets)
    partitions, budget = _partitions(group, window), _budget(assets, settings)
    return Step(account_id, group, window, partitions, calls, any(rows.values()), sum(rows.values()), budget)


def _partitions(group: AssetGroup, window: DateWindow | None) -> int:
    if window is None:
        return 1
    return len(months_in(window)) if partitioning_of(group) is Partitioning.ACCOUNT_MONTH else window.days


def _calls(rows: Mapping[str, int], window: DateWindow | None, settings: Settings) -> int:
    """What the streams of a group take: the requests for each page of records, and those for each report."""
    return sum(_calls_for(stream_of(asset), rows, window, settings) for asset in rows)


def _calls_for(stream: Stream, rows_of: Mapping[str, int], window: DateWindow | None, settings: Settings) -> int:
    """One for each record that is read by its id; the rows of several pivots are taken to be spread evenly."""
    rows, resource = rows_of[stream.name], stream.resource
    if resource is not None and resource.of_each is not None:
        return 1 + rows_of[resource.of_each.stream]
    if resource is not None:
        return _pages(resource, rows)
    report = report_of(stream.name)
    if report.one_by_one is not None:
        return 0
    pivots, ranges = settings.pivots_of(report), len(report.ranges(window)) if window is not None else 1
    metrics = settings.metrics_of(stream)
    read = [sum(report.reads(metric, pivot) for metric in metrics) for pivot in pivots]
    return sum(ranges * _calls_of(count, rows // len(pivots) // ranges) for count in read)


def _pages(resource: Resource, rows: int) -> int:
    if resource.page_size is None:  # a record that is read by its id
        return 1
    if resource.paging is Paging.INDEX:  # only an empty page after a full page is the end
        return rows // resource.page_size + 1
    return max(1, math.ceil(rows / resource.page_size))


def _budget(assets: Iterable[str], settings: Settings) -> int | None:
    """The most calls of a day that the settings allow for reports that are requested entity by entity."""
    reports = [report for asset in assets if (report := stream_of(asset).report) is not None]
    budgets = [budget_of(report.one_by_one, settings) for report in reports if report.one_by_one is not None]
    return min(budgets, default=None)


def _calls_one_by_one(session: AccountSync, asset: str, account_id: int, window: DateWindow, settings: Settings) -> int:
    """What a report takes that is requested for one entity at a time; none of the others."""
    report = stream_of(asset).report
    if report is None or report.one_by_one is None:
        return 0
    planner = planner_of(asset, report.one_by_one, settings, session.warehouse)
    planned = planner.plan(account_id, window, settings.pivots_of(report), again=True)
    return len(planned.pairs) * calls_for_one(settings.metrics_of(stream_of(asset)))


def _calls_of(metrics: int, rows: int) -> int:
    """One call per response and per 18 metrics; of a first response that is cut, the first metrics alone."""
    responses = expected_responses(rows)
    cut = responses > 1
    return (responses - cut) * math.ceil(metrics / MAX_PER_CALL) + cut
