"""Estimates of the rows a day has, from a truncated response, and of the parts that need the fewest calls. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

_MOST_PARTS = 8


class Sample(Struct, frozen=True):
    """What is known from a truncated response.

    Attributes:
        rows: how many rows came.
        entities: of how many campaigns, creatives or segments.
        units: of how many days (or months).
        by_date: whether they came in the order of their days.
        by_entity: whether they came entity by entity.
    """

    rows: int
    entities: int
    units: int
    by_date: bool = False
    by_entity: bool = False

    @classmethod
    def of(cls, keys: Sequence[tuple[Any, str]]) -> Sample:
        """Take the sample of a response's rows, given as day and entity in the order they came."""
        days = [day for day, _ in keys]
        entities = {entity for _, entity in keys}
        return cls(
            rows=len(keys),
            entities=len(entities),
            units=len(set(days)),
            by_date=days in (sorted(days), sorted(days, reverse=True)),
            by_entity=sum(entity != other for (_, entity), (_, other) in pairwise(keys)) < len(entities),
        )


def guess_density(sample: Sample, *, units: int, doubtful: bool) -> float:
    """Estimate the rows per unit of a window whose response was truncated.

    LinkedIn promises no order, but the rows show the one they came in. By date: the days that came are complete. In
    none: every entity seen may have a row in every unit. Entity by entity: the number of further rows is unknown, so
    the least is doubled, or taken eightfold when a guess was wrong before.

    Args:
        sample: what came.
        units: how many units were requested.
        doubtful: whether an earlier guess was far too low.
    """
    least = sample.rows / units
    if sample.by_date and sample.units < units:
        return max(sample.rows / max(1, sample.units - 1), least)
    if sample.by_entity:
        return least * (8 if doubtful else 2)
    return max(least * 2, float(sample.entities))


def best_parts(units: int, *, density: float, target: float) -> int:
    """Return how many parts by campaign need the fewest calls for so many units; 1 unless at least three are saved.

    Args:
        units: how many days (or months) are to be read.
        density: rows a unit of the whole account.
        target: rows a response should have.
    """
    calls = {parts: _calls(units, parts, density=density, target=target) for parts in range(1, _MOST_PARTS + 1)}
    fewest = min(calls, key=lambda parts: (calls[parts], parts))
    if calls[fewest] == math.inf:
        return math.ceil(density / target)
    return fewest if calls[1] - calls[fewest] > 2 else 1


def _calls(units: int, parts: int, *, density: float, target: float) -> float:
    width = int(target * parts // density) if density else units
    return parts * math.ceil(units / width) if width else math.inf
