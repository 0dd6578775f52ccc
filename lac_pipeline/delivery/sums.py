"""From rows of sums to metrics, ratios and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lac_pipeline.delivery.document import Change, Metrics, Ratios, Result, Trend
from lac_pipeline.ratios import change, ratio, total

METRICS: tuple[str, ...] = tuple(Metrics.model_fields)
MEMBER_METRICS = ("impressions", "clicks", "cost_in_local_currency", "one_click_leads")
RATIOS: tuple[str, ...] = tuple(Ratios.model_fields)

Row = Mapping[str, Any]

NOTHING: Row = dict.fromkeys(METRICS, 0)
"""The sums over days without activity."""


def add(rows: Iterable[Row]) -> Row:
    """Add rows of sums; a metric that one of them does not know is unknown in the total."""
    added = [NOTHING, *rows]
    return {name: _sum([row[name] for row in added]) for name in METRICS}


def _sum(values: Sequence[Decimal | int | None]) -> Decimal | int | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    whole = total(known)
    return whole if any(isinstance(value, Decimal) for value in known) else int(whole)


def metrics(row: Row) -> Metrics:
    """The metrics of a row of sums."""
    return Metrics(**{name: row[name] for name in METRICS})


def ratios(row: Row) -> Ratios:
    """The ratios of a row of sums, of an audience segment too."""
    cost, impressions = row["cost_in_local_currency"], row["impressions"]
    return Ratios(
        ctr=ratio(row["clicks"], impressions),
        cpc=ratio(cost, row["clicks"]),
        cpm=ratio(cost, impressions, 1000),
        cpl=ratio(cost, row["one_click_leads"]),
    )


def result(row: Row) -> Result:
    """Metrics and ratios of a row of sums."""
    return Result(metrics=metrics(row), ratios=ratios(row))


def trend(now: Row, before: Row, *, comparable: bool) -> Trend:
    """Metrics and ratios now, and how they changed where all days of both periods are loaded."""
    values = [{**row, **dict(ratios(row))} for row in (now, before)]
    changes = {name: change(values[0][name], values[1][name]) if comparable else None for name in Change.model_fields}
    return Trend(metrics=metrics(now), ratios=ratios(now), change=Change(**changes))
