"""From rows to the snapshot's audience: the months of its demographics, split by each pivot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.ratios import ratio
from lac_pipeline.reporting import sums
from lac_pipeline.reporting.account_rows import Row
from lac_pipeline.reporting.audience_document import Audience, Demographic, Segment
from lac_pipeline.reporting.periods import audience_months

TOP_SEGMENTS = 10


def audience(as_of: date, rows: Sequence[Row], names: Mapping[str, str]) -> Audience:
    """Split the audience of the calendar month of a UTC day and of the two before it; `names` are those of URNs."""
    months = audience_months(as_of)
    by_pivot: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_pivot[row["pivot_type"]].append(row)
    demographics = [_demographic(pivot, by_pivot[pivot], names) for pivot in sorted(by_pivot)]
    return Audience(since=months.start, until=months.last, demographics=demographics)


def _demographic(pivot: str, rows: Sequence[Row], names: Mapping[str, str]) -> Demographic:
    impressions = [row["impressions"] for row in rows]
    whole = None if None in impressions else sum(impressions)
    largest = sorted(rows, key=lambda row: (-(row["impressions"] or 0), row["segment"]))[:TOP_SEGMENTS]
    known = pivot_of(pivot)
    return Demographic(
        pivot_type=pivot,
        segments_known=len(rows),
        segments=[_segment(row, whole, names) for row in sorted(largest, key=lambda row: known.rank(row["segment"]))],
    )


def _segment(row: Row, total: int | None, names: Mapping[str, str]) -> Segment:
    return Segment(
        segment=row["segment"],
        name=names.get(row["segment"], row["segment"]),
        **{name: row[name] for name in sums.MEMBER_METRICS},
        ctr=ratio(row["clicks"], row["impressions"]),
        share_of_impressions=ratio(row["impressions"], total),
    )
