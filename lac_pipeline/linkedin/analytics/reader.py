"""Reads adAnalytics completely: in windows that fit, with 18 metrics a call, joined by key; cut responses are refused.

Sources: LinkedIn's "Ads Reporting" page for the cap, the pivots and the limits; that a response leaves out rows whose
requested metrics are all zero, and that following its paging links gives 400, was seen in public connectors.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from lac_pipeline.errors import BadRequestError, IncompleteResponseError, UnexpectedPayloadError
from lac_pipeline.linkedin.analytics.decoded_rows import RowLines, RowsDecoder
from lac_pipeline.linkedin.analytics.density import Sample
from lac_pipeline.linkedin.analytics.merge import Table, key_of
from lac_pipeline.linkedin.analytics.planner import (
    Plan,
    Tile,
    greedy_windows,
    units_of,
)
from lac_pipeline.linkedin.analytics.report import Report
from lac_pipeline.linkedin.events import Listener, ReportDivided, WindowCut, WindowRead
from lac_pipeline.linkedin.gather import stop, together
from lac_pipeline.linkedin.metrics import MAX_PER_CALL, Metric
from lac_pipeline.linkedin.paging import ParsedResponse, elements_of
from lac_pipeline.linkedin.restli import Value
from lac_pipeline.linkedin.urn import CAMPAIGN, id_of
from lac_pipeline.windows import DateWindow

Send = Callable[[Mapping[str, Value], RowsDecoder | None], Awaitable[ParsedResponse]]

DEFAULT_COUNT = 10


class AnalyticsPage(Struct, frozen=True):
    """All rows of one window, or of some campaigns in it, with every requested metric.

    Attributes:
        window: the days it covers.
        elements: LinkedIn's rows, numbers with a fraction as Decimal; a metric that is absent is zero. Elements that
            lack the key of a row are among them: validation refuses them.
        sources: where the raw responses are kept.
        decoded: the rows in place of the elements, where the decoder could take each response.
    """

    window: DateWindow
    elements: list[Any]
    sources: tuple[str, ...]
    decoded: RowLines | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.elements) if self.decoded is None else len(self.decoded)


@dataclass(slots=True)
class Knowledge:
    """What reading has taught so far.

    Attributes:
        densities: rows a unit, by account, pivots, granularity and campaigns.
        counts_to_ten: whether this server returns ten rows unless a request names a count; None while that is unknown.
    """

    densities: dict[tuple[int, tuple[str, ...], str, tuple[int, ...]], float] = field(default_factory=dict)
    counts_to_ten: bool | None = None


class _CutError(Exception):
    """A response as long as LinkedIn's cap."""

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self.sample = sample


class AnalyticsReader:
    """Reads one report to its last row.

    Args:
        report: what to read.
        send: sends one call's parameters, and what may decode its rows.
        decoder: decodes rows at once.
        version: the API version, which decides which metrics may be requested.
        knowledge: kept over reports, so that the next one starts with what this one learned.
        concurrency: how many calls may be under way.
        progress: gets an event of every window.
        cap: how many elements LinkedIn puts into a response at most.
    """

    def __init__(
        self,
        report: Report,
        *,
        send: Send,
        decoder: RowsDecoder | None = None,
        version: str,
        knowledge: Knowledge,
        concurrency: int,
        progress: Listener,
        cap: int,
    ) -> None:
        self._report = report
        self._send = send
        self._decoder = decoder
        self._version = version
        self._knowledge = knowledge
        self._progress = progress
        self._cap = cap
        self._units = units_of(report.window, granularity=report.granularity)
        self._campaigns: list[int] | None = None
        chunks = max(1, math.ceil(len(report.metrics) / MAX_PER_CALL))
        self._tiles_at_once = max(1, concurrency // chunks)

    async def pages(self) -> AsyncGenerator[AnalyticsPage, None]:
        """Yield the windows as they become complete, each row once, in no particular order.

        Raises:
            IncompleteResponseError: a single day (or month) is over LinkedIn's cap and cannot be divided.
            UnexpectedPayloadError: a response without rows, a row twice, or of days that were not requested, or without
                its key where that could be any row's.
        """
        report = self._report
        key = (report.account_id, report.pivots, report.granularity, report.campaigns)
        plan = Plan(
            self._units,
            splittable=report.divisible,
            density=self._knowledge.densities.get(key),
            cap=self._cap,
        )
        async with aclosing(self._drain(plan)) as complete:
            async for page in complete:
                yield page
        if plan.density is not None:
            self._knowledge.densities[key] = plan.density

    async def _drain(self, plan: Plan) -> AsyncGenerator[AnalyticsPage, None]:
        open_tiles: dict[asyncio.Task[AnalyticsPage], Tile] = {}
        try:
            while True:
                await self._open_more(plan, open_tiles)
                if not open_tiles:
                    return
                done, _ = await asyncio.wait(open_tiles, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    page = self._settle(plan, open_tiles.pop(task), task)
                    if page is not None:
                        yield page
        finally:
            await stop([*open_tiles])

    async def _open_more(self, plan: Plan, open_tiles: dict[asyncio.Task[AnalyticsPage], Tile]) -> None:
        while len(open_tiles) < self._tiles_at_once:
            tile = plan.next()
            if tile is not None:
                open_tiles[asyncio.create_task(self._read(tile))] = tile
            elif not plan.wants_campaigns:
                return
            elif not plan.divide(await self._active_campaigns()):
                raise self._incomplete(self._report.window)

    def _settle(self, plan: Plan, tile: Tile, task: asyncio.Task[AnalyticsPage]) -> AnalyticsPage | None:
        """Report the result of a tile to the planner; a truncated tile has no page."""
        try:
            page = task.result()
        except _CutError as cut:
            if not plan.cut(tile, sample=cut.sample):
                raise self._incomplete(tile.window) from None
            self._progress(WindowCut(self._report, tile.window, rows=self._cap))
            return None
        plan.read(tile, rows=len(page))
        rows, campaigns = len(page), len(tile.campaigns)
        self._progress(WindowRead(self._report, tile.window, rows=rows, campaigns=campaigns or None))
        return page

    async def _read(self, tile: Tile) -> AnalyticsPage:
        """Read one tile with all its metrics: the first call alone, as it shows whether the tile fits."""
        first, *others = self._calls(tile)
        table = Table(report=self._report.subject, calls=1 + len(others), decoder=self._decoder)
        await self._collect(table, tile, *first)
        await together(*(self._collect(table, tile, window, names) for window, names in others))
        return AnalyticsPage(tile.window, table.elements, table.sources, table.lines)

    def _calls(self, tile: Tile) -> list[tuple[DateWindow, tuple[str, ...]]]:
        """List the calls a tile takes: 18 metrics each, those with a shorter reach in windows of their own."""
        report, version = self._report, self._version
        metrics = report.served(report.metrics, version=version, days=tile.window.days)
        calls = [(tile.window, names) for names in _eighteens(metrics)] or [(tile.window, ())]
        short = [metric for metric in report.metrics if metric.max_days and metric not in metrics]
        for days in sorted({metric.max_days for metric in short if metric.max_days}):
            for window in greedy_windows(self._units[tile.first : tile.end], days=days):
                fitting = [metric for metric in short if metric.max_days == days]
                names = _eighteens(report.served(fitting, version=version, days=window.days))
                calls += [(window, chunk) for chunk in names]
        return calls

    async def _collect(self, table: Table, tile: Tile, window: DateWindow, names: tuple[str, ...]) -> None:
        response = await self._response(self._report.parameters(window, names, tile.campaigns), self._decoder)
        dated = self._report.granularity != "ALL"
        table.add(response, window=window if dated else None, metrics=names)

    async def _response(self, parameters: dict[str, Value], decoder: RowsDecoder | None = None) -> ParsedResponse:
        """Request once, and again with a `count` where ten rows may be a default page."""
        counted = parameters | {"start": 0, "count": self._cap}
        response = await self._send(counted if self._knowledge.counts_to_ten else parameters, decoder)
        if self._knowledge.counts_to_ten is None and _echoes_ten(response):
            if _rows_in(response) > DEFAULT_COUNT:
                self._knowledge.counts_to_ten = False
            elif _rows_in(response) == DEFAULT_COUNT:
                response = await self._recount(counted, response, decoder)
        if _rows_in(response) >= self._cap:
            raise _CutError(self._sample(response))
        return response

    async def _recount(
        self, counted: Mapping[str, Value], response: ParsedResponse, decoder: RowsDecoder | None
    ) -> ParsedResponse:
        """Find out whether ten rows are all; a server that does not know `count` had no reason to stop at ten."""
        try:
            again = await self._send(counted, decoder)
        except BadRequestError:
            return response
        if _rows_in(again) > _rows_in(response):
            self._knowledge.counts_to_ten = True
        return again

    def _sample(self, response: ParsedResponse) -> Sample:
        if response.rows is not None:
            return Sample.of(response.rows.keys())
        keys = [key for element in elements_of(response) if (key := key_of(element)) is not None]
        if not keys:
            raise response.unexpected(f"has no row with a readable key ({self._report.subject})")
        return Sample.of([(day, "".join(pivots)) for day, _, pivots in keys])

    async def _active_campaigns(self) -> list[int]:
        """Request once which campaigns have rows in the window, deleted ones too; none if that is truncated."""
        if self._campaigns is None:
            report = Report(self._report.account_id, "CAMPAIGN", "ALL", self._report.window, ())
            try:
                response = await self._response(report.parameters(report.window, (), ()))
            except _CutError:
                self._campaigns = []
            else:
                self._campaigns = [_campaign_of(element, response) for element in elements_of(response)]
            self._progress(ReportDivided(self._report, campaigns=len(self._campaigns)))
        return self._campaigns

    def _incomplete(self, window: DateWindow) -> IncompleteResponseError:
        report = self._report
        return IncompleteResponseError(
            f"LinkedIn cuts the {report.subject} on {window} at {self._cap} rows",
            meaning="it cannot be requested in smaller parts, so it would never be complete; nothing of it was loaded",
            fix=f"leave {report.pivot} out for account {report.account_id}; a report of your own is requested by parts "
            "of a day where CAMPAIGN or CREATIVE is among its pivots",
        )


def _eighteens(metrics: Sequence[Metric]) -> list[tuple[str, ...]]:
    names = [metric.name for metric in metrics]
    return [tuple(names[at : at + MAX_PER_CALL]) for at in range(0, len(names), MAX_PER_CALL)]


def _campaign_of(element: object, response: ParsedResponse) -> int:
    """Read the campaign that a row is about; one that cannot be read would be missing from every part."""
    key = key_of(element)
    try:
        if key is not None and len(key[2]) == 1:
            return id_of(key[2][0], kind=CAMPAIGN)
    except (UnexpectedPayloadError, ValueError):  # ValueError: Python does not read thousands of digits
        pass
    raise response.unexpected("has a row without a readable campaign")


def _rows_in(response: ParsedResponse) -> int:
    return len(elements_of(response)) if response.rows is None else len(response.rows)


def _echoes_ten(response: ParsedResponse) -> bool:
    paging = response.body.get("paging")
    return isinstance(paging, dict) and paging.get("count") == DEFAULT_COUNT
