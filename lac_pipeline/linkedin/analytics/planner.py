"""Plans the windows of adAnalytics requests: no response truncated, as few requests as possible. Pure: no I/O.

LinkedIn returns at most 15,000 elements and cuts the rest silently (its "Ads Reporting" page). So a response of that
many is not used, and its window is requested again in parts. The number of rows a day is unknown at first:

1. The whole window is requested first. For most accounts, that is the only call.
2. If the response is cut, its rows give a first estimate of the density, and one window of a suitable size is read.
3. After that, the size of every window follows from the density of the windows before it: the response should have 97 %
   of the cap, and less each time a response was cut.
4. A day cannot be divided: at 5,000 rows a day only two days fit a call. If that wastes calls, or if a single day is
   over the cap, the campaigns are divided into parts that are requested separately, each with more days a call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from lac_pipeline.linkedin.analytics.density import Sample, best_parts, guess_density
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.windows import DateWindow, months_in

FILL = 0.97
_CARE = 0.95
_LEAST_FILL = 0.75


class Tile(Struct, frozen=True):
    """One request: some units (days or months) of the account, or of some of its campaigns.

    Attributes:
        lane: which part of the account, by number.
        first: index of the first unit.
        end: index after the last unit.
        window: the days that these units cover.
        campaigns: ids to restrict the request to; empty for the whole account.
    """

    lane: int
    first: int
    end: int
    window: DateWindow
    campaigns: tuple[int, ...] = ()

    @property
    def units(self) -> int:
        """How many days or months it holds."""
        return self.end - self.first


@dataclass(slots=True)
class _Lane:
    """The remaining units of one part of the account, and its density."""

    number: int
    campaigns: tuple[int, ...]
    gaps: list[tuple[int, int]]
    density: float | None = None
    measured: bool = False
    open: int = 0
    surprises: int = 0

    def width(self, target: float) -> int:
        """How many units fit into one response; 0 when not even one does."""
        return max(1, int(target // self.density)) if self.density and self.density <= target else 0

    def take(self, target: float) -> tuple[int, int]:
        """Cut the next piece off the first gap, all pieces of a gap about equal."""
        first, end = self.gaps.pop(0)
        if self.density:
            pieces = math.ceil((end - first) / (self.width(target) or 1))
            middle = first + math.ceil((end - first) / pieces)
            self.gaps[:0] = [(middle, end)] if middle < end else []
            end = middle
        self.open += 1
        return first, end

    def put_back(self, tile: Tile) -> None:
        """Return a tile's units to what is left, joined to the gaps beside them."""
        joined: list[tuple[int, int]] = []
        for first, end in sorted([*self.gaps, (tile.first, tile.end)]):
            start = joined.pop()[0] if joined and joined[-1][1] == first else first
            joined.append((start, end))
        self.gaps = joined

    def learn_from_cut(self, sample: Sample, *, units: int, most: float) -> None:
        """Estimate the density again: slightly above the measured value, or a value that must be measured again."""
        least = sample.rows / units
        self.measured = self.measured and self.density is not None and least <= 2 * self.density
        self.surprises += not self.measured
        estimate = least * 1.5 if self.measured else guess_density(sample, units=units, doubtful=self.surprises > 1)
        self.density = min(estimate, most)


class _Division(Struct, frozen=True):
    """A plan to request a lane in parts by campaign; needed when a single unit does not fit into one response."""

    lane: _Lane
    parts: int
    needed: bool


def units_of(window: DateWindow, *, granularity: str) -> list[DateWindow]:
    """Cut a window into what LinkedIn cannot cut further: days, months (the edges as given), or nothing at all."""
    if granularity == "DAILY":
        return list(window.chunks(1))
    if granularity == "MONTHLY":
        return [DateWindow(max(month.start, window.start), min(month.end, window.end)) for month in months_in(window)]
    return [window]


def expected_responses(rows: int, *, cap: int = MAX_ELEMENTS) -> int:
    """How many responses, the truncated first included, so many evenly spread rows need."""
    return 1 if rows < cap else 1 + math.ceil(rows / (cap * FILL))


class Plan:
    """Hands out tiles until every unit is read completely, learning from each response.

    Args:
        units: the days or months to cover, in order, without gaps.
        splittable: whether rows belong to one campaign each, so that campaigns may be requested separately.
        density: rows a unit, if an earlier read of this account and pivot taught it.
        cap: how many elements LinkedIn puts into a response at most.
    """

    def __init__(
        self, units: Sequence[DateWindow], *, splittable: bool, cap: int, density: float | None = None
    ) -> None:
        self._units = units
        self._splittable = splittable
        self._cap = cap
        self._target = cap * FILL
        self._lanes = [_Lane(0, (), [(0, len(units))], density or None)]
        self._division: _Division | None = None
        self._judged = not splittable

    @property
    def wants_campaigns(self) -> bool:
        """Whether the account's campaigns must be known before anything else is handed out."""
        return self._division is not None

    @property
    def density(self) -> float | None:
        """Rows a unit for the whole account, as far as learned."""
        return self._lanes[0].density if self._lanes[0].measured else None

    def next(self) -> Tile | None:
        """Hand out the next tile, or None while the next depends on the response to an open tile."""
        self._judge()
        if self._division is not None:
            return None
        for lane in self._lanes:
            if lane.gaps and (lane.measured or not lane.open):
                return self._tile(lane, *lane.take(self._target))
        return None

    def read(self, tile: Tile, *, rows: int) -> None:
        """Note that a tile was read completely."""
        lane = self._lanes[tile.lane]
        lane.open -= 1
        fresh = rows / tile.units
        # Halve the influence of days with few rows: busy days may follow, and a truncated response costs a call.
        lane.density = max(fresh, (lane.density or 0) / 2) if lane.measured else fresh
        lane.measured = True

    def cut(self, tile: Tile, *, sample: Sample) -> bool:
        """Note that a tile's response was truncated, and plan it again in parts; False when it cannot be divided."""
        lane = self._lanes[tile.lane]
        lane.open -= 1
        if lane.measured:
            self._target = max(self._target * _CARE, self._cap * _LEAST_FILL)
        if tile.units > 1:
            lane.put_back(tile)
            lane.learn_from_cut(sample, units=tile.units, most=self._target)
            return True
        if not self._splittable or len(tile.campaigns) == 1:
            return False
        lane.density = max(sample.rows, lane.density or 0)
        self._divide_unit(lane, tile)
        return True

    def divide(self, campaigns: Sequence[int]) -> bool:
        """Deal the campaigns into the planned parts; False when they had to be divided and are too few."""
        division, self._division = self._division, None
        if division is None or len(campaigns) < 2:
            return division is None or not division.needed
        lane = division.lane
        self._deal(lane, sorted(campaigns), division.parts, gaps=lane.gaps)
        lane.gaps = []
        return True

    def _tile(self, lane: _Lane, first: int, end: int) -> Tile:
        window = DateWindow(self._units[first].start, self._units[end - 1].end)
        return Tile(lane.number, first, end, window, lane.campaigns)

    def _judge(self) -> None:
        """Decide once, when the account's density is measured, whether parts by campaign save calls."""
        lane = self._lanes[0]
        if self._judged or not (lane.measured and lane.gaps and lane.density):
            return
        self._judged = True
        left = sum(end - first for first, end in lane.gaps)
        parts = best_parts(left, density=lane.density, target=self._target)
        if parts > 1:
            self._division = _Division(lane, parts, needed=False)

    def _divide_unit(self, lane: _Lane, tile: Tile) -> None:
        """Divide one unit over the cap, at once where its campaigns are known."""
        density = lane.density or 0
        parts = max(2, math.ceil(density * 1.5 / self._target))
        if tile.campaigns:
            self._deal(lane, tile.campaigns, parts, gaps=[(tile.first, tile.end)])
            return
        lane.put_back(tile)
        left = sum(end - first for first, end in lane.gaps)
        self._judged = True
        self._division = _Division(
            lane, max(parts, best_parts(left, density=density, target=self._target)), needed=True
        )

    def _deal(self, lane: _Lane, campaigns: Sequence[int], parts: int, *, gaps: list[tuple[int, int]]) -> None:
        """Deal campaigns in turn, so that old and new ones are spread evenly over the parts."""
        parts = min(parts, len(campaigns))
        for part in range(parts):
            hand = tuple(campaigns[part::parts])
            share = (lane.density or 0) * len(hand) / len(campaigns)
            self._lanes.append(_Lane(len(self._lanes), hand, list(gaps), share or None))


def greedy_windows(units: Sequence[DateWindow], *, days: int) -> list[DateWindow]:
    """Fold neighbouring units into windows of at most so many days, for metrics limited to short ranges."""
    start: date = units[0].start
    windows: list[DateWindow] = []
    for before, unit in zip(units, [*units[1:], None], strict=True):
        if unit is None or (unit.end - start).days > days:
            windows.append(DateWindow(start, before.end))
            start = before.end
    return windows
