"""What moved the account's numbers: each change taken apart by campaign, so that the parts add up to it exactly."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, get_args

from lac_pipeline.linkedin.objectives import CPC, CPL, Measure
from lac_pipeline.ratios import CHANGE_PLACES, total
from lac_pipeline.reporting.periods import PeriodName
from lac_pipeline.reporting.snapshot_document import Change
from lac_pipeline.reporting.summary_document import Contribution, Driver, DriverMetric
from lac_pipeline.reporting.sums import COST

Row = Mapping[str, Any]
SHOWN = 5

_MEASURES: Mapping[str, Measure] = {CPL.name: CPL, CPC.name: CPC}
"""The costs of a result that are taken apart."""


def drivers(
    period: PeriodName,
    change: Change,
    now: Mapping[int, Row],
    before: Mapping[int, Row],
    *,
    names: Mapping[int, str | None],
    lead_campaigns: Collection[int],
) -> Iterator[Driver]:
    """Yield what moved each metric whose change is known.

    Args:
        period: whose change it is.
        change: of the account.
        now: each campaign's sums over the period.
        before: the same over the period before.
        names: of campaigns.
        lead_campaigns: the campaigns that CPL is about.
    """
    for metric in get_args(DriverMetric):
        whole: Decimal | None = getattr(change, metric)
        if whole is None:
            continue
        rows = now, before
        if metric == CPL.name:
            rows = tuple({key: row for key, row in of.items() if key in lead_campaigns} for of in rows)  # type: ignore[assignment]
        measure = _MEASURES.get(metric)
        exact = amount_points(metric, *rows) if measure is None else price_points(measure, *rows)
        points = apportion(exact, whole, places=CHANGE_PLACES)
        most = sorted((key for key in points if points[key]), key=lambda key: (-abs(points[key]), key))[:SHOWN]
        shown = [Contribution(campaign_id=key, campaign_name=names.get(key), points=points[key]) for key in most]
        yield Driver(
            period=period,
            metric=metric,
            change=whole,
            campaigns=shown,
            others=total(points[key] for key in points if key not in most),
        )


def amount_points(metric: str, now: Mapping[int, Row], before: Mapping[int, Row]) -> dict[int, Fraction]:
    """Each campaign's own difference, as a share of the account's value before."""
    whole = sum((_of(row, metric) for row in before.values()), Fraction(0))
    return {key: (_of(now.get(key), metric) - _of(before.get(key), metric)) / whole for key in {**now, **before}}


def price_points(measure: Measure, now: Mapping[int, Row], before: Mapping[int, Row]) -> dict[int, Fraction]:
    """Each campaign's part of the change of a cost per result, as a share of the account's cost per result before.

    A campaign's excess is what it spent above its results at the account's price before, per result of the account.
    Before, all excesses add up to zero; now, to the difference of the prices. So the changes of the excesses add up to
    the change of the price, also where a campaign has no result, began or ended.
    """
    results = [sum((_of(row, measure.metric) for row in of.values()), Fraction(0)) for of in (now, before)]
    price = sum((_of(row, COST) for row in before.values()), Fraction(0)) / results[1]

    def excess(row: Row | None, results: Fraction) -> Fraction:
        return (_of(row, COST) - price * _of(row, measure.metric)) / results

    return {
        key: (excess(now.get(key), results[0]) - excess(before.get(key), results[1])) / price
        for key in {**now, **before}
    }


def apportion(parts: Mapping[int, Fraction], whole: Decimal, *, places: int) -> dict[int, Decimal]:
    """Round parts so that they add up to a whole that is rounded to these places.

    Each is rounded down; the units that are missing then go to the parts that lost most, the smallest key first.
    """
    if not parts:
        return {}
    unit = 10**places
    floors = {key: part.numerator * unit // part.denominator for key, part in parts.items()}
    missing = int(whole.scaleb(places)) - sum(floors.values())
    each, extra = divmod(missing, len(parts))
    lost = sorted(parts, key=lambda key: (floors[key] - parts[key] * unit, key))
    return {key: Decimal(floors[key] + each + (place < extra)).scaleb(-places) for place, key in enumerate(lost)}


def _of(row: Row | None, metric: str) -> Fraction:
    return Fraction(0) if row is None else Fraction(row[metric])
