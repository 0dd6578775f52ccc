"""What a materialization shows: the numbers of its partition, and on the newest one of a load that load and a plot.

Every number without `load_` in its name is about the partition only, so that Dagster's plots by partition are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile

import dagster as dg
from msgspec import Struct

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.partitions import AccountWindow, partition_day
from lac_pipeline.reporting.amounts import exact
from lac_pipeline.reporting.overviews import overview_table
from lac_pipeline.reporting.plots import TOP, as_markdown, metrics_plot, small_plot, table_preview
from lac_pipeline.streams import stream_of
from lac_pipeline.warehouse.load.attempts import LoadResult
from lac_pipeline.warehouse.query.account_labels import AccountLabels
from lac_pipeline.warehouse.query.overviews import Lines, read_lines
from lac_pipeline.warehouse.query.partition_numbers import PartitionNumbers, adds_up
from lac_pipeline.warehouse.query.readings import Readings
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

Metadata = dict[str, dg.MetadataValue]

FIRST = ("account", "spend", "impressions", "clicks", "rows")
"""The numbers that people look for first."""
LOAD_COUNTS = ("fetched", "pruned", "rejected", "superseded", "api_calls")
"""What is counted by load, and not by partition."""
SOURCES_SHOWN = 20
ACCOUNTS_SHOWN = 5
"""How many accounts of a run get a preview and a plot, so that a run over many accounts keeps its events small."""
PLOTTED_DAYS = timedelta(days=30)
"""A plot reaches back at least this far: the bars of one day or three are no trend."""


class StoredWindow(Struct, frozen=True):
    """An account window that was loaded.

    Attributes:
        partition: what it covers.
        result: what became of its rows.
        trigger: who requested it.
        sources: where the raw responses are kept.
        fetch_seconds: how long the requests took, waits included.
    """

    partition: AccountWindow
    result: LoadResult
    trigger: str
    sources: tuple[str, ...]
    fetch_seconds: float


def partition_metadata(read: Readings, asset: str, stored: StoredWindow, account: AccountLabels) -> dict[str, Metadata]:
    """The small part, by partition: the numbers of its own rows as Dagster plots them, and of the load on its last one.

    Each partition of a year is an event of its own, so what is the same for all of them is written down once.

    Raises:
        StorageError: the query failed.
    """
    summed = adds_up(asset)
    nothing = PartitionNumbers(impressions=0, clicks=0, spend=Decimal(0)) if summed else PartitionNumbers()
    window, written_at = stored.partition.window, stored.result.written_at
    numbers = read.by_partition(asset, account.account_id, window, written_at=written_at)
    title: Metadata = {"account": dg.MetadataValue.text(account.title)}
    metadata = {
        key: title | _numbers(numbers.get(partition_day(key), nothing), account.money) | _outcome(stored)
        for key in stored.partition.keys
    }
    metadata[stored.partition.keys[-1]] |= _of_load(asset, stored, account.money)
    return metadata


def _numbers(partition_numbers: PartitionNumbers, currency: str) -> Metadata:
    """What people look for first: money and activity, then rows and what the load changed of them."""
    counts = {
        "impressions": partition_numbers.impressions,
        "clicks": partition_numbers.clicks,
        "rows": partition_numbers.rows,
        "inserted": partition_numbers.inserted,
        "updated": partition_numbers.updated,
        "unchanged": partition_numbers.rows - partition_numbers.inserted - partition_numbers.updated,
        "dagster/partition_row_count": partition_numbers.rows,
    }
    metadata: Metadata = {}
    if partition_numbers.spend is not None:
        metadata["spend"] = dg.MetadataValue.text(exact(partition_numbers.spend, currency))
    metadata |= {name: dg.MetadataValue.int(count) for name, count in counts.items() if count is not None}
    if partition_numbers.spend is not None:
        metadata["spend_amount"] = dg.MetadataValue.float(float(partition_numbers.spend))
    return metadata


def _of_load(asset: str, stored: StoredWindow, currency: str) -> Metadata:
    summed = adds_up(asset) and len(stored.partition.keys) > 1
    return _load(stored) | (_load_totals(stored.result, currency) if summed else {})


def _load(stored: StoredWindow) -> Metadata:
    """What is known of the load as a whole; where it brought several partitions, its numbers are named after it."""
    of_load = "load_" if len(stored.partition.keys) > 1 else ""
    metadata: Metadata = {
        f"{of_load}{name}": dg.MetadataValue.int(getattr(stored.result, name)) for name in LOAD_COUNTS
    }
    if stored.partition.window is not None:
        metadata[f"{of_load}window"] = dg.MetadataValue.text(str(stored.partition.window))
        metadata[f"{of_load}days"] = dg.MetadataValue.int(stored.partition.window.days)
    metadata[f"{of_load}fetch_seconds"] = dg.MetadataValue.float(round(stored.fetch_seconds, 3))
    metadata["load_seconds"] = dg.MetadataValue.float(round(stored.result.seconds, 3))
    return metadata | _archive(stored.sources)


def _outcome(stored: StoredWindow) -> Metadata:
    return {
        "status": dg.MetadataValue.text(stored.result.status),
        "trigger": dg.MetadataValue.text(stored.trigger),
    }


def _load_totals(result: LoadResult, currency: str) -> Metadata:
    totals: Metadata = {"load_rows": dg.MetadataValue.int(result.inserted + result.updated + result.unchanged)}
    if result.impressions is not None:
        totals["load_impressions"] = dg.MetadataValue.int(result.impressions)
    if result.spend is not None:
        totals["load_spend"] = dg.MetadataValue.text(exact(result.spend, currency))
    return totals


def _archive(sources: Sequence[str]) -> Metadata:
    steps = zip(*(source.split("/")[:-1] for source in sources), strict=False)
    folder = "/".join(step[0] for step in takewhile(lambda step: len(set(step)) == 1, steps))
    if not folder:
        return {}
    return {"raw_responses_in": dg.MetadataValue.url(folder) if "://" in folder else dg.MetadataValue.path(folder)}


def newest_metadata(
    warehouse: Warehouse, asset: str, stored: Mapping[str, StoredWindow], accounts: Mapping[int, AccountLabels]
) -> Iterator[tuple[str, Metadata]]:
    """Yield the large part, by partition, one for an account: pictures, an overview, a preview of rows, and its load.

    What people look at comes first.

    Raises:
        StorageError: a query failed.
    """
    read, windows = warehouse.read, sorted(stored.values(), key=lambda window: window.partition.keys[-1])
    lines = read_lines(
        warehouse.engine, asset, {window.partition.account_id: window.partition.window for window in windows}
    )
    for key, window in stored.items():
        account = accounts[window.partition.account_id]
        shown = _pictures(read, asset, window, account) | _overview(asset, lines[account.account_id], account)
        rows = _flat(read.preview(asset, account.account_id, window=window.partition.window))
        if rows:
            shown["preview"] = _table(table_preview(rows))
        shown |= _of_load(asset, window, account.money)
        if window.sources:
            shown["raw_responses"] = dg.MetadataValue.json(list(window.sources[:SOURCES_SHOWN]))
        yield key, shown


def behind_numbers(numbers: Metadata, shown: Metadata) -> Metadata:
    """Put what people look at behind the numbers that they look for first, and before all others."""
    first = {name: numbers[name] for name in FIRST if name in numbers}
    return first | shown | {name: value for name, value in numbers.items() if name not in shown}


def _overview(asset: str, lines: Lines, account: AccountLabels) -> Metadata:
    """The account's rows in a few lines; in words where there are none."""
    stream = stream_of(asset)
    if stream.overview is None:
        return {}
    table = overview_table(stream, stream.overview, lines, currency=account.money, today=utc_now().date())
    return {"overview": dg.MetadataValue.text(table) if isinstance(table, str) else _table(table)}


def _table(rows: Sequence[Mapping[str, str | int | None]]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows])


def _flat(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows without the columns of nested documents, which are longer than the rest; all rows have the same columns."""
    nested = {name for row in rows for name, value in row.items() if isinstance(value, dict | list)}
    return [{name: value for name, value in row.items() if name not in nested} for row in rows]


def _pictures(read: Readings, asset: str, stored: StoredWindow, account: AccountLabels) -> Metadata:
    """The days of daily metrics: small enough to be seen without a click, and larger where the load was of days."""
    report, window = stream_of(asset).report, stored.partition.window
    subject = report.subject if report is not None and report.totals_match else None
    if subject is None or window is None:
        return {}
    days = DateWindow(min(window.start, window.end - PLOTTED_DAYS), window.end)
    sums = read.daily_sums(asset, account.account_id, days)
    last_days = DateWindow(window.end - PLOTTED_DAYS, window.end)
    small = small_plot(sums, last_days, account=account.title, currency=account.money)
    pictures: Metadata = {} if small is None else {"spend_by_day": dg.MetadataValue.md(small)}
    if window.days > 1 or stored.trigger == "on_demand":
        top = read.top_spend(asset, subject.stream, subject.column, account.account_id, days, limit=TOP)
        svg = metrics_plot(sums, top, entity=subject.column, account=account.title, currency=account.money)
        alt = f"spend and impressions of {account.title}, {days}"
        pictures |= {} if svg is None else {"plot": dg.MetadataValue.md(as_markdown(svg, alt=alt))}
    return pictures


def showing_keys(stored: Iterable[StoredWindow], emitted: Sequence[str]) -> dict[str, StoredWindow]:
    """The partitions that carry the large part: the newest of each account, and the one that the asset's page shows.

    Args:
        stored: what was loaded.
        emitted: the run's partition keys in the order of their events; the last is the asset's latest materialization.
    """
    windows = sorted(stored, key=lambda window: window.partition.keys[-1])
    newest = {span.partition.account_id: span for span in windows}
    showing = {attempt.partition.keys[-1]: attempt for attempt in list(newest.values())[:ACCOUNTS_SHOWN]}
    last = {key: span for span in windows for key in span.partition.keys if key == emitted[-1]} if emitted else {}
    return showing | last
