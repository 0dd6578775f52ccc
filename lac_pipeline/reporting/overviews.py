"""The table that an asset's page shows of an account, in words: headings and cells, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from lac_pipeline.linkedin.metrics import CATALOGUE, Kind
from lac_pipeline.linkedin.pivots import pivot_of
from lac_pipeline.ratios import ratio
from lac_pipeline.reporting.amounts import UNKNOWN, coded, count, decimal, percent
from lac_pipeline.reporting.plots import shortened
from lac_pipeline.reporting.wording import LABELS, segment_words, words
from lac_pipeline.streams import Overview, Stream
from lac_pipeline.warehouse.query.overviews import LINES, Line, Lines, Named
from lac_pipeline.windows import DateWindow, month_of

PARTS_SHOWN = 3
"""How many parts of a line are shown where they have no order of their own."""
LONGEST_CELL = 80
"""Characters of a text that stands alone in a cell."""
LONGEST_NAME = 40
"""Characters of a name that stands in a cell beside others."""

Table = list[dict[str, str]]

_KINDS = {metric.column: metric.kind for metric in CATALOGUE}
_LABELS = {
    **LABELS,
    "external_website_conversions": "Conversions",
    "external_website_post_click_conversions": "After a click",
    "external_website_post_view_conversions": "After a view",
    "conversion_value_in_local_currency": "Value",
    "cost_in_usd": "Spend in US dollars",
    "approximate_member_reach": "Members reached",
    "one_click_lead_form_opens": "Forms opened",
}


class _Ratio(Struct, frozen=True):
    """A ratio that stands behind the sums that it is made of."""

    heading: str
    part: str
    whole: str
    share: bool = True

    def text(self, sums: dict[str, Any]) -> str:
        value = ratio(sums[self.part], sums[self.whole])
        return percent(value) if self.share else decimal(value, 2)


_RATIOS = (
    _Ratio("Click-through rate", "clicks", "impressions"),
    _Ratio("Frequency", "impressions", "approximate_member_reach", share=False),
    _Ratio("Completion rate", "one_click_leads", "one_click_lead_form_opens"),
)


def overview_table(stream: Stream, overview: Overview, lines: Lines, *, currency: str, today: date) -> Table | str:
    """Write an account's overview, one record a line, or a part of it; a sentence where there is none.

    A column of which nothing is known, such as budgets that were never set, is left out.

    Args:
        stream: the asset.
        overview: its overview.
        lines: what was read.
        currency: of the account.
        today: the UTC day; a month that is not over is marked.
    """
    if not lines.lines:
        return f"No {overview.noun}" + (f" in the {_period(stream, lines.window)}." if lines.window else ".")
    table = []
    for line in lines.lines:
        cells = dict(_cells(stream, overview, lines, line, currency=currency, today=today))
        table += [cells] if overview.part is None else _with_parts(stream, overview, line, cells, overview.part[1])
    first, *others = table[0]
    shown = [first, *(heading for heading in others if any(row[heading] != UNKNOWN for row in table))]
    return [{heading: row[heading] for heading in shown} for row in table]


def _cells(
    stream: Stream, overview: Overview, lines: Lines, line: Line, *, currency: str, today: date
) -> Iterator[tuple[str, str]]:
    (first, *_), about = overview.by.values(), _about(stream, overview, lines)
    for (column, heading), value in zip(overview.by.items(), line.by, strict=True):
        yield (f"{first}{about}" if heading is first else heading), _key(stream, overview, column, value, today=today)
    if overview.counted:
        yield overview.noun.capitalize(), count(line.count)
    if overview.part is None:
        yield from _sums(overview, line.sums, currency)
    if overview.first is not None:
        yield overview.first[1], ", ".join(_named(record) for record in line.named) or UNKNOWN


def _about(stream: Stream, overview: Overview, lines: Lines) -> str:
    """What the first heading says of the whole table: its days, and that there is more than it shows."""
    about = [f"the first {LINES}"] if lines.more else []
    if lines.window is not None and stream.partitioning.value not in overview.by:
        about.insert(0, _period(stream, lines.window))
    return f" ({'; '.join(about)})" if about else ""


def _period(stream: Stream, window: DateWindow) -> str:
    if not stream.monthly:
        return f"{window.days} days to {_day(window.last)}"
    return f"months {window.start:%b %Y} to {window.last:%b %Y}"


def _key(stream: Stream, overview: Overview, column: str, value: Any, *, today: date) -> str:  # noqa: ANN401
    """A value by which rows are put together."""
    report = stream.report
    if value is None and column in overview.names:
        return overview.absent or UNKNOWN
    if report is not None and column == report.pivot_column:
        return pivot_of(str(value)).title
    if column == stream.partitioning.value and stream.monthly:
        return f"{value:%B %Y}{' so far' if month_of(value).end > today else ''}"
    named = column in overview.names or column == "name" or column.endswith("_name")
    return shortened(str(value), LONGEST_CELL) if named and value is not None else _text(column, value)


def _text(column: str, value: Any) -> str:  # noqa: ANN401
    match value:
        case None:
            return UNKNOWN
        case bool():
            return "yes" if value else "no"
        case date():
            return _day(value)
        case dict():
            return shortened(", ".join(f"{name}={text}" for name, text in value.items()), LONGEST_CELL) or UNKNOWN
        case list():
            return shortened(", ".join(_word(str(each)) for each in value), LONGEST_CELL) or UNKNOWN
    return str(value) if column.endswith("currency") else shortened(_word(str(value)), LONGEST_CELL)


def _word(value: str) -> str:
    """A constant of LinkedIn's in words; any other text as it is."""
    return words(value) if value.isupper() else value


def _sums(overview: Overview, values: Sequence[Any], currency: str) -> Iterator[tuple[str, str]]:
    sums = dict(zip(overview.sums, values, strict=True))
    for name, value in sums.items():
        yield _label(name), _number(name, value, currency)
        for each in _RATIOS:
            made = {each.part, each.whole}
            if name in made and made <= sums.keys() and name == [column for column in sums if column in made][-1]:
                yield each.heading, each.text(sums)


def _label(name: str) -> str:
    return _LABELS.get(name) or words(name)


def _number(name: str, value: Decimal | None, currency: str) -> str:
    if value is None:
        return UNKNOWN
    match _KINDS.get(name, Kind.COUNT):
        case Kind.MONEY:
            return coded(value, "USD" if name.endswith("_usd") else currency)
        case Kind.COUNT:
            return count(int(value))
    return decimal(value, 2)


def _with_parts(stream: Stream, overview: Overview, line: Line, cells: dict[str, str], heading: str) -> Table:
    """A record for each part of a line, in their order where they have one, else for the largest ones.

    Where lines are of campaigns, each has its largest parts only: all of all campaigns would fill several screens.

    What the line is about stands beside the first part alone.
    """
    pivot = pivot_of(str(line.by[_pivot_place(stream, overview)]))
    parts = line.parts if pivot.ordered and not overview.names else line.parts[:PARTS_SHOWN]
    shares = [f"Share of {_label(name).lower()}" for name in overview.sums]
    return [
        (dict.fromkeys(cells, "") if place else cells)
        | {heading: shortened(segment_words(part.name if part.name != part.value else _word(part.name)), LONGEST_CELL)}
        | {name: percent(share, 0) for name, share in zip(shares, part.shares, strict=True)}
        for place, part in enumerate(sorted(parts, key=lambda part: pivot.rank(part.value)))
    ]


def _pivot_place(stream: Stream, overview: Overview) -> int:
    column = stream.report.pivot_column if stream.report is not None else None
    return [*overview.by].index(str(column))


def _named(record: Named) -> str:
    name = shortened(record.name, LONGEST_NAME)
    if isinstance(record.value, Decimal):
        return f"{name} ({coded(record.value, record.currency or '').rstrip()})"
    return f"{name} ({_text('', record.value)})"


def _day(value: date) -> str:
    day = value.date() if isinstance(value, datetime) else value
    return f"{day.day} {day:%b %Y}"
