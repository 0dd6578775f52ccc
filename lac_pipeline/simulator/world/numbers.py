"""Every number of every creative on every day, as LinkedIn would state it at the simulator's clock.

A number is a function of the seed, the creative, the day, and how old the day is. Delivery settles over three days,
clicks lose a few to validation, leads and conversions are credited back to the day of the click for weeks, and some
days turn out to have been invalid altogether. Sources: LinkedIn's Ads Reporting page and its help on click validation
and attribution windows; the curves are the simulator's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from lac_pipeline.simulator.hashing import Floats, Hashes, Ints, Masks, mix, salt, uniform, uniform_low
from lac_pipeline.simulator.world.book import Book
from lac_pipeline.simulator.world.entities import KINDS
from lac_pipeline.simulator.world.recipes import Rate, Ratio, Scaled, Total, recipe_of
from lac_pipeline.windows import DateWindow

MICROS = 1_000_000
_WEEK = np.array([1.0, 1.08, 1.1, 1.05, 0.88, 0.38, 0.42])
_SETTLING: dict[str, tuple[float, ...]] = {
    "delivery": (0.97, 0.975, 0.99, 1.0),
    "click": (1.02, 1.04, 1.015, 1.0),
}
_CREDITING = {"lead": 30, "conversion": 90}
_INVALID_AFTER_DAYS = 3
OF_RULES = (
    "externalWebsiteConversions",
    "externalWebsitePostClickConversions",
    "externalWebsitePostViewConversions",
    "conversionValueInLocalCurrency",
)
"""The metrics that LinkedIn counts by conversion rule."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What happens to numbers in a world.

    Attributes:
        seed: makes one world differ from another.
        restated: whether numbers move after their day; without it every day is final at once.
        invalid_share: how many creative days turn out invalid and vanish.
        jitter: how much a day differs from its neighbours.
    """

    seed: int
    restated: bool = True
    invalid_share: float = 0.006
    jitter: float = 0.5


@dataclass(frozen=True, slots=True)
class Vanished:
    """Days without numbers for one entity and all below it."""

    kind: str
    urn: str
    window: DateWindow


_PIVOT_OF_KIND = dict(zip(KINDS, ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE"), strict=True))


@dataclass(slots=True)
class Grid:
    """The numbers of a book's creatives over a window of days: creatives down, days across.

    Args:
        book: the creatives.
        window: the days.
        now: the simulator's clock; today holds what the hours so far brought, later days hold nothing.
        rules: how numbers come about.
        vanished: days that were made to vanish.
    """

    book: Book
    window: DateWindow
    now: datetime
    rules: Rules
    vanished: tuple[Vanished, ...] = ()
    _final: dict[str, Ints] = field(default_factory=dict)
    _stated: dict[str, Ints] = field(default_factory=dict)

    def stated(self, name: str) -> Ints:
        """A sum metric as LinkedIn states it now; money in millionths."""
        if name not in self._stated:
            numbers = self._state(name)
            self._stated[name] = numbers if name == "impressions" else np.where(self._alive(), numbers, 0)
        return self._stated[name]

    def _alive(self) -> Masks:
        alive: Masks = self.stated("impressions") > 0
        return alive

    def _state(self, name: str) -> Ints:
        recipe = recipe_of(name)
        if isinstance(recipe, Total):
            return _added([self.stated(part) for part in recipe.parts])
        if isinstance(recipe, Scaled):
            return self.stated(recipe.parent) * self._whole_factor(name, recipe)
        if name == "costInUsd":
            return self.stated("costInLocalCurrency") * self.book.dollars[:, None] // MICROS
        if name == "conversionValueInLocalCurrency":
            value: Ints = self.by_rule(name).sum(axis=2)
            return value
        lag = recipe.lag if isinstance(recipe, Rate) else "delivery"
        if name == "costInLocalCurrency":
            quantum = self._quantum()
            cost: Ints = np.floor(self.final(name) * self._share(lag) / quantum).astype(np.int64) * quantum
            return cost
        rounding = uniform_low(self._cells("settling"))
        numbers = np.floor(self.final(name) * self._share(lag) + rounding).astype(np.int64)
        return np.where(self._invalid(), 0, numbers) if name == "impressions" else numbers

    def by_rule(self, name: str) -> Ints:
        """A metric of conversions, days across and then the book's rules: the rules of a day add up to the creative's.

        Args:
            name: one of `OF_RULES`.
        """
        if name == "conversionValueInLocalCurrency":
            worth = np.array([self.book.worth[rule] for rule in self.book.rule_ids], dtype=np.int64)
            return self.by_rule("externalWebsiteConversions") * worth[None, None, :]
        recipe = recipe_of(name)
        if isinstance(recipe, Total):
            return _added([self.by_rule(part) for part in recipe.parts])
        totals, shares = self.stated(name), self.book.rule_shares(self.rules.seed)
        if not shares.shape[1]:
            return np.zeros((*totals.shape, 0), dtype=np.int64)
        draws = uniform_low(self._cells(f"rules/{name}"))
        running = np.cumsum(shares, axis=1)[:, None, :] * totals[:, :, None] + draws[:, :, None] + 1e-9
        running[:, :, -1] = totals
        edges: Ints = np.minimum(np.floor(running).astype(np.int64), totals[:, :, None])
        return np.diff(edges, axis=2, prepend=0)

    def final(self, name: str) -> Ints:
        """A metric as it will be when nothing moves any more."""
        if name not in self._final:
            self._final[name] = self._make(name)
        return self._final[name]

    def _make(self, name: str) -> Ints:
        recipe = recipe_of(name)
        if isinstance(recipe, Total):
            return _added([self.final(part) for part in recipe.parts])
        if isinstance(recipe, Rate):
            return self._rated(name, recipe)
        if isinstance(recipe, Scaled):
            return self.final(recipe.parent) * self._whole_factor(name, recipe)
        return self._impressions() if name == "impressions" else self._cost()

    def _rated(self, name: str, rate: Rate) -> Ints:
        cells = self._cells(name)
        own = rate.low + (rate.high - rate.low) * uniform(mix(self.rules.seed, salt(f"rate/{name}"), self.book.ids))
        if name == "clicks":
            own = own * self.book.appeal
        daily = own[:, None] if rate.low >= 1 else np.minimum(own[:, None] * (0.8 + 0.4 * uniform(cells)), 1.0)
        numbers = np.floor(self.final(rate.parent) * daily + uniform_low(cells)).astype(np.int64)
        return numbers * self.book.tagged(rate.tags)[:, None]

    def _impressions(self) -> Ints:
        cells, days = self._cells("impressions"), self._ordinals()
        swing = 1 + self.rules.jitter * (uniform(cells) - 0.5)
        season = 1 + 0.15 * np.sin(days * (2 * np.pi / 365.25) + 0.6)
        level = self.book.level[:, None] * (_WEEK[(days + 6) % 7] * season)[None, :] * swing
        active = self._in_run() & (uniform_low(cells) < self.book.chance[:, None])
        return np.where(active, np.floor(level), 0).astype(np.int64)

    def _cost(self) -> Ints:
        cells, quantum = self._cells("cost"), self._quantum()
        per_impression = self.book.cpm[:, None] * (0.85 + 0.3 * uniform(cells)) * (MICROS // 1000)
        cost: Ints = np.floor(self.final("impressions") * per_impression / quantum).astype(np.int64) * quantum
        return cost

    def _quantum(self) -> Ints:
        """Cents mostly; every third creative is billed in thousandths of cents, so that scales differ."""
        fine = (self.book.ids % 3 == 0) & (self.book.quantum < MICROS)
        quantum: Ints = np.where(fine, 10, self.book.quantum)[:, None]
        return quantum

    def _whole_factor(self, name: str, recipe: Scaled) -> Ints:
        spread = mix(self.rules.seed, salt(name), self.book.ids) >> np.uint64(40)
        return (recipe.low + spread.astype(np.int64) % (recipe.high - recipe.low))[:, None]

    def _cells(self, name: str) -> Hashes:
        return mix(self.rules.seed, salt(name), self.book.ids[:, None], self._ordinals()[None, :])

    def _ordinals(self) -> Ints:
        first = self.window.start.toordinal()
        return np.arange(first, first + self.window.days, dtype=np.int64)

    def _in_run(self) -> Masks:
        days = self._ordinals()[None, :]
        months = np.array([1 << (day.month - 1) for day in self.window], dtype=np.int64)[None, :]
        book = self.book
        in_run = (days >= book.first[:, None]) & (days <= book.last[:, None]) & ((book.months[:, None] & months) > 0)
        for gap in self.vanished:
            inside = np.array([day in gap.window for day in self.window])
            in_run &= ~(book.among(_PIVOT_OF_KIND[gap.kind], {gap.urn})[:, None] & inside[None, :])
        return in_run

    def _ages(self) -> Ints:
        return self.now.date().toordinal() - self._ordinals()

    def _share(self, lag: str) -> Floats:
        """Which part of the final number is stated by now, per day."""
        ages = self._ages()
        today = self.now.hour / 24
        if not self.rules.restated:
            return np.where(ages < 0, 0.0, np.where(ages == 0, today, 1.0))[None, :]
        old = np.maximum(ages, 0)
        if lag in _SETTLING:
            curve = np.array(_SETTLING[lag])
            share = curve[np.minimum(old, len(curve) - 1)]
        else:
            share = np.minimum(0.5 + 0.5 * np.sqrt(old / _CREDITING[lag]), 1.0)
        return np.where(ages < 0, 0.0, np.where(ages == 0, share * today, share))[None, :]

    def _invalid(self) -> Masks:
        """Days that validation took away since."""
        drawn = uniform(self._cells("invalid")) < self.rules.invalid_share
        return drawn & (self._ages() >= _INVALID_AFTER_DAYS)[None, :] & self.rules.restated


def _added(parts: list[Ints]) -> Ints:
    total: Ints = np.sum(parts, axis=0, dtype=np.int64)
    return total


def years_before(day: date, years: int) -> date:
    """The same day years ago; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return (day - timedelta(days=1)).replace(year=day.year - years)


def is_sum(name: str) -> bool:
    """Whether the grid holds the metric; the others are made from sums over a row."""
    recipe = recipe_of(name)
    return not isinstance(recipe, Ratio) and name not in ("approximateMemberReach", "audiencePenetration")
