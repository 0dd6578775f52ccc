"""adAnalytics rows from the numbers: periods, pivots, metrics, and how LinkedIn writes each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from lac_pipeline.linkedin.metrics import BY_NAME, Kind
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.simulator.hashing import Ints, Masks, mix, salt
from lac_pipeline.simulator.world.book import ENTITY_PIVOTS
from lac_pipeline.simulator.world.conversion_rules import rule_urn
from lac_pipeline.simulator.world.numbers import MICROS, OF_RULES, Grid, is_sum, years_before
from lac_pipeline.simulator.world.recipes import Ratio, recipe_of
from lac_pipeline.simulator.world.segment_names import PLACES, UNDETECTED, segments_of
from lac_pipeline.simulator.world.splits import RULES, Split, split_of, split_sums
from lac_pipeline.windows import DateWindow, months_in

Row = dict[str, Any]

KEYS = ("dateRange", "pivotValues")
GRANULARITIES = ("ALL", "DAILY", "MONTHLY", "YEARLY")
NULL_BEYOND_MAX_DAYS = frozenset({"audiencePenetration"})
"""Metrics that are null where the range requested is too long; the others are refused."""
_DETAIL_DAYS = 183


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A valid request to adAnalytics.

    Attributes:
        pivots: one, or up to three.
        granularity: ALL, DAILY, MONTHLY or YEARLY.
        fields: names in the requested order, `dateRange` and `pivotValues` among them.
        company_size_urns: how company sizes are spelled.
        bare_rules: whether conversion rules are given as numbers, not as URNs.
        unnamed_device: whether a device that was not detected is empty text.
        buttons_without_message: whether message buttons are distinguished by their index alone.
    """

    pivots: tuple[str, ...]
    granularity: str
    fields: tuple[str, ...]
    company_size_urns: str = "SIZE"
    bare_rules: bool = False
    unnamed_device: bool = False
    buttons_without_message: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """The fields that are numbers."""
        return tuple(name for name in self.fields if name not in KEYS)

    @property
    def of_members(self) -> bool:
        """Whether the numbers are about who the members are."""
        return any(pivot.startswith("MEMBER_") for pivot in self.pivots)


def reported_window(window: DateWindow, *, granularity: str, today: date) -> DateWindow:
    """The days a response is about: edges older than six months are rounded out to whole months for ALL."""
    if granularity != "ALL":
        return window
    bound = today - timedelta(days=_DETAIL_DAYS)
    months = months_in(window)
    start = months[0].start if window.start < bound else window.start
    end = months[-1].end if window.last < bound else window.end
    return DateWindow(start, end)


def periods_of(window: DateWindow, granularity: str) -> list[DateWindow]:
    """Cut a window into the periods that get a row each."""
    if granularity == "ALL":
        return [window]
    if granularity == "DAILY":
        return list(window.chunks(1))
    starts = {max(month.start, window.start) for month in months_in(window)}
    if granularity == "YEARLY":
        starts = {day for day in starts if day == window.start or day.month == 1}
    edges = [*sorted(starts), window.end]
    return [DateWindow(start, end) for start, end in pairwise(edges)]


def rows(grid: Grid, request: ReportRequest, *, most: int | None = None) -> list[Row]:
    """The rows of a response, in no defined order; those whose metrics are all zero are left out.

    Args:
        grid: the numbers.
        request: what the request selects.
        most: how many rows to write; which of them are left out is as arbitrary as the order.
    """
    if not len(grid.book.ids) or (RULES in request.pivots and not grid.book.rule_ids):
        return []
    return _Table(grid, request).rows(most)


class _Table:
    """Sums by group, period and value, and the rows written from them."""

    def __init__(self, grid: Grid, request: ReportRequest) -> None:
        self.grid, self.request = grid, request
        self.periods = periods_of(grid.window, request.granularity)
        self.groups, self.order, self.edges = self._grouping()
        self.split = self._split()
        self.sums = self._sums()

    def _grouping(self) -> tuple[list[tuple[str, ...]], Ints, Ints]:
        """The distinct entity keys, the creatives sorted by them, and where each key starts."""
        pivots = [pivot for pivot in self.request.pivots if pivot in ENTITY_PIVOTS]
        keys = list(zip(*(self.grid.book.keys[pivot] for pivot in pivots), strict=True)) or [()] * len(
            self.grid.book.ids
        )
        groups = sorted(set(keys))
        place = {key: n for n, key in enumerate(groups)}
        index = np.array([place[key] for key in keys], dtype=np.int64)
        order = np.argsort(index, kind="stable")
        edges = np.searchsorted(index[order], np.arange(len(groups)))
        return groups, order, edges

    def _split(self) -> Split:
        across = {pivot: self._values(pivot) for pivot in self.request.pivots if pivot not in ENTITY_PIVOTS}
        return split_of(self.grid.book, across, seed=self.grid.rules.seed)

    def _values(self, pivot: str) -> list[str]:
        if pivot == RULES:
            return [str(rule) if self.request.bare_rules else rule_urn(rule) for rule in self.grid.book.rule_ids]
        names = PLACES.get(pivot) or segments_of(pivot, size_urns=self.request.company_size_urns)
        if self.request.buttons_without_message and pivot_of(pivot).values > 1:
            names = list(dict.fromkeys(name.rpartition(",")[2] for name in names))
        return ["" if name == UNDETECTED and self.request.unnamed_device else name for name in names]

    def _sums(self) -> dict[str, Ints]:
        visible = self._visible_days()
        starts = [(period.start - self.grid.window.start).days for period in self.periods]
        totals = {
            name: np.add.reduceat(np.where(visible, self.grid.stated(name), 0), starts, axis=1)
            for name in _needed(self.request.metrics)
        }
        if len(self.split.values) == 1:
            return {name: self._fold(numbers)[:, :, None] for name, numbers in totals.items()}
        marks = np.array([period.start.toordinal() * 4000 + period.days for period in self.periods], dtype=np.int64)
        sums = split_sums(self.split, totals, fold=self._fold, periods=marks, ids=self.grid.book.ids)
        return sums | (self._by_rule(visible, starts) if self._only_rules else {})

    @property
    def _only_rules(self) -> bool:
        """Whether conversion rules are the only pivot that cuts across creatives."""
        return [pivot for pivot in self.request.pivots if pivot not in ENTITY_PIVOTS] == [RULES]

    def _by_rule(self, visible: Masks, starts: list[int]) -> dict[str, Ints]:
        """The metrics of conversions, cut day by day, so that days add up and rules add up to the creative."""
        return {
            name: self._fold(np.add.reduceat(np.where(visible[:, :, None], self.grid.by_rule(name), 0), starts, axis=1))
            for name in self.request.metrics
            if name in OF_RULES
        }

    def _fold(self, numbers: Ints) -> Ints:
        folded: Ints = np.add.reduceat(numbers[self.order], self.edges, axis=0)
        return folded

    def _visible_days(self) -> Masks:
        """Ten years of performance; two of demographics, and those not of the last twelve hours."""
        today = self.grid.now.date()
        oldest = years_before(today, 2 if self.request.of_members else 10)
        newest = (self.grid.now - timedelta(hours=36)).date() if self.request.of_members else today
        visible: Masks = np.array([oldest <= day <= newest for day in self.grid.window])[None, :]
        return visible

    def rows(self, most: int | None) -> list[Row]:
        numbers = {name: self._metric(name) for name in self.request.metrics}
        selected = self.sums["impressions"] > 0
        if not self.split.members:  # a click may come on a day, or of a device, without an impression
            selected = np.any([values > 0 for values in self.sums.values()], axis=0)
        if numbers:
            active = selected | self._only_rules  # a rule has conversions, and impressions are of no rule
            selected = active & np.any([np.nan_to_num(values) != 0 for values in numbers.values()], axis=0)
        where = tuple(place[:most] for place in self._shuffled(np.nonzero(selected)))
        columns = [self._column(name, where, numbers) for name in self.request.fields]
        written = (dict(zip(self.request.fields, values, strict=True)) for values in zip(*columns, strict=True))
        if any(isinstance(recipe_of(name), Ratio) for name in self.request.metrics):
            kept = (*KEYS, *NULL_BEYOND_MAX_DAYS)
            return [
                {name: value for name, value in row.items() if value is not None or name in kept} for row in written
            ]
        return list(written)

    def _shuffled(self, where: tuple[Any, ...]) -> tuple[Any, ...]:
        marks = mix(self.grid.rules.seed, salt("order"), *(place.astype(np.int64) for place in where))
        order = np.argsort(marks[: len(where[0])], kind="stable")
        return tuple(place[order] for place in where)

    def _metric(self, name: str) -> Any:  # noqa: ANN401  # integers, or floats with NaN where there is no value
        if is_sum(name):
            return self.sums[name]
        recipe = recipe_of(name)
        if isinstance(recipe, Ratio):
            below = self.sums[recipe.below]
            unit = recipe.unit / (MICROS if recipe.above == "costInLocalCurrency" else 1)
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(below > 0, self.sums[recipe.above] * unit / below, np.nan)
        reach = np.ceil(self.sums["impressions"] ** 0.93).astype(np.int64)
        if name == "approximateMemberReach":
            return reach
        too_long = self.grid.window.days > (BY_NAME[name].max_days or self.grid.window.days)
        return np.full(reach.shape, np.nan) if too_long else np.minimum(reach / 400_000, 1.0)

    def _column(self, name: str, where: tuple[Any, ...], numbers: dict[str, Any]) -> Sequence[Any]:
        group, period, value = where
        if name == "dateRange":
            ranges = [date_range(period) for period in self.periods]
            return [ranges[n] for n in period.tolist()]
        if name == "pivotValues":
            places = list(zip(group.tolist(), value.tolist(), strict=True))
            known = {place: self._pivot_values(*place) for place in set(places)}
            return [known[place] for place in places]
        column: list[Any] = numbers[name][where].tolist()
        write = _writer(name)
        return column if write is None else [write(number) for number in column]

    def _pivot_values(self, group: int, value: int) -> list[str]:
        entities, across = iter(self.groups[group]), iter(self.split.values[value])
        names = [(pivot, next(entities if pivot in ENTITY_PIVOTS else across)) for pivot in self.request.pivots]
        return [part for pivot, name in names for part in (name.split(",") if pivot_of(pivot).values > 1 else [name])]


def _needed(metrics: Iterable[str]) -> set[str]:
    """The sums behind the requested metrics; impressions show where there was activity."""
    needed = {"impressions"}
    for name in metrics:
        recipe = recipe_of(name)
        if isinstance(recipe, Ratio):
            needed |= {recipe.above, recipe.below}
        elif is_sum(name):
            needed.add(name)
    return needed


def date_range(window: DateWindow) -> dict[str, dict[str, int]]:
    """A window as LinkedIn writes it, both ends inclusive."""
    ends = {"start": window.start, "end": window.last}
    return {name: {"year": day.year, "month": day.month, "day": day.day} for name, day in ends.items()}


def _writer(name: str) -> Callable[[Any], Any] | None:
    """How a metric is written; None when it goes out as the whole number it is."""
    kind = BY_NAME[name].kind
    if kind is Kind.COUNT:
        return None
    if kind is Kind.MONEY:
        return money if is_sum(name) else _quotient
    return _rate


def money(micros: int) -> str:
    """Millionths as a decimal string; LinkedIn pads the scale now this way, now that way."""
    whole, part = divmod(micros, MICROS)
    digits = f"{part:06d}"
    style = micros // 10_000 % 4
    if style == 0:
        return f"{whole}.{digits}"
    short = digits.rstrip("0")
    if short:
        return f"{whole}.{short}"
    return f"{whole}.0" if style == 1 else str(whole)


def _quotient(value: float) -> str | None:
    return None if value != value else f"{value:.6f}"  # noqa: PLR0124  # only NaN differs from itself


def _rate(value: float) -> float | None:
    return None if value != value else round(value, 4)  # noqa: PLR0124  # only NaN differs from itself
