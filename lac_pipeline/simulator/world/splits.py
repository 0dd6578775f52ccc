"""How totals fall into the values of a pivot that cuts across creatives: members, devices, placements.

Source: LinkedIn's Ads Reporting page. Per creative and period: member values with fewer than three events are left out,
at most a hundred are given, and each carries a little noise, so neither days nor segments sum to a total.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lac_pipeline.simulator.hashing import Floats, Ints, Masks, mix, salt, uniform, uniform_low
from lac_pipeline.simulator.world.audiences import curve_of, known_of, rates_of
from lac_pipeline.simulator.world.book import Book
from lac_pipeline.simulator.world.recipes import engages

RULES = "CONVERSION"
LEAST_EVENTS = 3
MOST_VALUES = 100
KNOWN_MEMBERS = 0.8
_BLOCK_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Split:
    """The values of the pivots that cut across creatives, and each creative's share of each.

    Attributes:
        values: one for each pivot.
        shares: of what is delivered, such as impressions and cost.
        engaged: of what members do, such as clicks and leads.
        members: whether the values are about who the members are.
        known: of each creative, the part of its members that has any of the values.
    """

    values: list[tuple[str, ...]]
    shares: Floats
    engaged: Floats
    members: bool
    known: Floats


def split_of(book: Book, pivots: dict[str, list[str]], *, seed: int) -> Split:
    """Cross the values of some pivots; no pivot at all is one value that holds everything."""
    values: list[tuple[str, ...]] = [()]
    shares: Floats = np.ones((len(book.ids), 1))
    engaged = shares
    for pivot, names in pivots.items():
        own = book.rule_shares(seed) if pivot == RULES else _shares(book, pivot, len(names), seed=seed)
        shares, engaged = _crossed(shares, own), _crossed(engaged, _engaged(book, pivot, own, seed=seed))
        values = [(*before, name) for before in values for name in names]
    known = np.array([min((_known(pivot, market) for pivot in pivots), default=1.0) for market in book.markets])
    return Split(values, shares, engaged, any(pivot.startswith("MEMBER_") for pivot in pivots), known[:, None, None])


def _known(pivot: str, market: str) -> float:
    return known_of(pivot, market, usually=KNOWN_MEMBERS) if pivot.startswith("MEMBER_") else 1.0


def _crossed(before: Floats, own: Floats) -> Floats:
    return (before[:, :, None] * own[:, None, :]).reshape(len(before), -1)


def _shares(book: Book, pivot: str, count: int, *, seed: int) -> Floats:
    """A curve over the values, that of the market and kind of ad or else a falling one, bent for every creative."""
    falling: Floats = 1 / (1 + np.arange(count)) ** 0.7
    kinds = [(market, "text" in tags) for market, tags in zip(book.markets, book.tags, strict=True)]
    curves = {(market, text): curve_of(pivot, market, text=text) for market, text in set(kinds)}
    curve = np.array([falling if (known := curves[kind]) is None else known for kind in kinds])
    bend = 0.3 + 1.4 * uniform(mix(seed, salt(pivot), book.ids[:, None], np.arange(count)[None, :]))
    return _parts(curve.reshape(len(book.ids), count) * bend)


def _engaged(book: Book, pivot: str, shares: Floats, *, seed: int) -> Floats:
    """The shares of what members do: in a market, some of them engage more readily than others."""
    if not any(book.markets):
        return shares
    in_market = np.array([bool(market) for market in book.markets])[:, None]
    return _parts(np.where(in_market, shares * rates_of(pivot, shares.shape[1], seed=seed), shares))


def _parts(weights: Floats) -> Floats:
    parts: Floats = weights / weights.sum(axis=1, keepdims=True)
    return parts


def split_sums(
    split: Split,
    totals: dict[str, Ints],
    *,
    fold: Callable[[Ints], Ints],
    periods: Ints,
    ids: Ints,
) -> dict[str, Ints]:
    """Cut totals into values and fold the creatives into their groups.

    Args:
        split: the values and shares.
        totals: per metric, creatives down and periods across; impressions among them.
        fold: sums rows of creatives into rows of groups.
        periods: a number for each period, which the noise depends on.
        ids: creative numbers.

    Returns:
        per metric, groups x periods x values.
    """
    creatives, count = totals["impressions"].shape
    step = max(1, _BLOCK_CELLS // max(1, creatives * len(split.values)))
    blocks: dict[str, list[Ints]] = {name: [] for name in totals}
    for start in range(0, count, step):
        part = slice(start, start + step)
        cut = _cut({name: numbers[:, part] for name, numbers in totals.items()}, split, periods[part], ids)
        for name, numbers in cut.items():
            blocks[name].append(fold(numbers))
    return {name: np.concatenate(numbers, axis=1) for name, numbers in blocks.items()}


def _cut(totals: dict[str, Ints], split: Split, periods: Ints, ids: Ints) -> dict[str, Ints]:
    draws = mix(ids[:, None], periods[None, :])
    shares = {name: split.engaged if engages(name) else split.shares for name in totals}
    if not split.members:
        return {name: _allot(numbers, shares[name], uniform(draws)) for name, numbers in totals.items()}
    seen = _noisy(_allot(totals["impressions"], split.shares, uniform(draws), known=split.known), periods, ids)
    kept = _kept(seen)
    rest = {
        name: np.where(kept, _allot(numbers, shares[name], uniform_low(draws), known=split.known), 0)
        for name, numbers in totals.items()
        if name != "impressions"
    }
    return {"impressions": np.where(kept, seen, 0), **rest}


def _allot(totals: Ints, shares: Floats, draws: Floats, *, known: Floats | None = None) -> Ints:
    """Cut whole numbers, or the known part of them, by shares, without loss if all; draws decide who gets a rest."""
    running = np.cumsum(shares, axis=1)[:, None, :] * totals[:, :, None] * (1.0 if known is None else known)
    edges = np.floor(running + draws[:, :, None]).astype(np.int64)
    if known is None:
        edges[:, :, -1] = totals
    return np.diff(edges, axis=2, prepend=0)


def _noisy(seen: Ints, periods: Ints, ids: Ints) -> Ints:
    noise = mix(ids[:, None, None], periods[None, :, None], np.arange(seen.shape[2])[None, None, :])
    offset = (noise % np.uint64(5)).astype(np.int64) - 2
    return np.maximum(seen + np.minimum(offset, seen // 5), 0)


def _kept(seen: Ints) -> Masks:
    enough: Masks = seen >= LEAST_EVENTS
    if seen.shape[2] <= MOST_VALUES:
        return enough
    bar = np.partition(seen, -MOST_VALUES, axis=2)[:, :, -MOST_VALUES, None]
    above: Masks = seen > bar
    ties = (seen == bar) & (np.cumsum(seen == bar, axis=2) + above.sum(axis=2, keepdims=True) <= MOST_VALUES)
    kept: Masks = enough & (above | ties)
    return kept
