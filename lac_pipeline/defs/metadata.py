"""What a materialization shows: the numbers of its partition, the load it came with, and on the newest one a plot.

Every number without `load_` in its name is about the partition alone, so that Dagster's plots by partition are true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile

import dagster as dg

from lac_pipeline.defs.partitions import AccountWindow, partition_day
from lac_pipeline.reporting.plots import TOP, as_markdown, metrics_plot, table_preview
from lac_pipeline.streams import Subject, stream_of
from lac_pipeline.warehouse.load.attempts import LoadResult
from lac_pipeline.warehouse.query.readings import PartitionNumbers, Readings, adds_up
from lac_pipeline.windows import DateWindow

Metadata = dict[str, dg.MetadataValue]

LOAD_COUNTS = ("fetched", "pruned", "rejected", "superseded", "api_calls")
"""What is counted by load, and not by partition."""
SOURCES_SHOWN = 20
ACCOUNTS_SHOWN = 5
"""How many accounts of a run get a preview and a plot, so that a run over many accounts keeps its events small."""
PLOTTED_DAYS = timedelta(days=30)
"""A plot reaches back at least this far: the bars of one day or three say nothing."""


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """An account window that was loaded.

    Attributes:
        partition: what it covers.
        result: what became of its rows.
        trigger: who asked for it.
        sources: where the raw answers are kept.
        fetch_seconds: how long LinkedIn was asked for it, waits included.
    """

    partition: AccountWindow
    result: LoadResult
    trigger: str
    sources: tuple[str, ...]
    fetch_seconds: float


def partition_metadata(read: Readings, asset: str, one: StoredWindow) -> dict[str, Metadata]:
    """The small part, by partition: the numbers of its own rows as Dagster plots them, and the load that it came with.

    Raises:
        StorageError: PostgreSQL cannot answer.
    """
    account_id, window = one.partition.account_id, one.partition.window
    summed = adds_up(asset)
    nothing = PartitionNumbers(impressions=0, clicks=0, spend=Decimal(0)) if summed else PartitionNumbers()
    numbers = read.by_partition(asset, account_id, window, written_at=one.result.written_at)
    currency = read.currency(account_id) or "local currency"
    load = _load(one) | (_load_totals(one.result, currency) if summed and len(one.partition.keys) > 1 else {})
    return {key: load | _numbers(numbers.get(partition_day(key), nothing), currency) for key in one.partition.keys}


def _numbers(held: PartitionNumbers, currency: str) -> Metadata:
    counts = {
        "dagster/partition_row_count": held.rows,
        "rows": held.rows,
        "inserted": held.inserted,
        "updated": held.updated,
        "unchanged": held.rows - held.inserted - held.updated,
        "impressions": held.impressions,
        "clicks": held.clicks,
    }
    metadata: Metadata = {name: dg.MetadataValue.int(count) for name, count in counts.items() if count is not None}
    if held.spend is not None:
        metadata["spend"] = dg.MetadataValue.text(f"{held.spend:f} {currency}")
        metadata["spend_amount"] = dg.MetadataValue.float(float(held.spend))
    return metadata


def _load(one: StoredWindow) -> Metadata:
    """What is known of the load as a whole; where it brought several partitions, its numbers are named after it."""
    of_load = "load_" if len(one.partition.keys) > 1 else ""
    metadata: Metadata = {f"{of_load}{name}": dg.MetadataValue.int(getattr(one.result, name)) for name in LOAD_COUNTS}
    if one.partition.window is not None:
        metadata[f"{of_load}window"] = dg.MetadataValue.text(str(one.partition.window))
        metadata[f"{of_load}days"] = dg.MetadataValue.int(one.partition.window.days)
    metadata[f"{of_load}fetch_seconds"] = dg.MetadataValue.float(round(one.fetch_seconds, 3))
    metadata["load_seconds"] = dg.MetadataValue.float(round(one.result.seconds, 3))
    metadata["status"] = dg.MetadataValue.text(one.result.status)
    metadata["trigger"] = dg.MetadataValue.text(one.trigger)
    return metadata | _archive(one.sources)


def _load_totals(result: LoadResult, currency: str) -> Metadata:
    totals: Metadata = {"load_rows": dg.MetadataValue.int(result.inserted + result.updated + result.unchanged)}
    if result.impressions is not None:
        totals["load_impressions"] = dg.MetadataValue.int(result.impressions)
    if result.spend is not None:
        totals["load_spend"] = dg.MetadataValue.text(f"{result.spend:f} {currency}")
    return totals


def _archive(sources: Sequence[str]) -> Metadata:
    steps = zip(*(source.split("/")[:-1] for source in sources), strict=False)
    folder = "/".join(step[0] for step in takewhile(lambda step: len(set(step)) == 1, steps))
    if not folder:
        return {}
    return {"raw_answers_in": dg.MetadataValue.url(folder) if "://" in folder else dg.MetadataValue.path(folder)}


def newest_metadata(read: Readings, asset: str, one: StoredWindow) -> Metadata:
    """The large part, for one partition of an account: its raw answers, a preview of its rows, and a plot of its days.

    Raises:
        StorageError: PostgreSQL cannot answer.
    """
    account_id, window = one.partition.account_id, one.partition.window
    metadata: Metadata = (
        {"raw_answers": dg.MetadataValue.json(list(one.sources[:SOURCES_SHOWN]))} if one.sources else {}
    )
    rows = _flat(read.preview(asset, account_id, window=window))
    if rows:
        metadata["preview"] = dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in table_preview(rows)])
    report = stream_of(asset).report
    subject = report.subject if report is not None and report.totals_match else None
    if subject is not None and window is not None and (window.days > 1 or one.trigger == "on_demand"):
        metadata |= _plot(read, asset, subject, account_id, window)
    return metadata


def _flat(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows without the columns of nested documents, which are longer than the rest; all rows have the same columns."""
    nested = {name for row in rows for name, value in row.items() if isinstance(value, dict | list)}
    return [{name: value for name, value in row.items() if name not in nested} for row in rows]


def _plot(read: Readings, asset: str, subject: Subject, account_id: int, window: DateWindow) -> Metadata:
    days = DateWindow(min(window.start, window.end - PLOTTED_DAYS), window.end)
    sums = read.daily_sums(asset, account_id, days)
    top = read.top_spend(asset, subject.stream, subject.column, account_id, days, limit=TOP)
    svg = metrics_plot(sums, top, entity=subject.column, currency=read.currency(account_id))
    alt = f"spend and impressions of account {account_id}, {days}"
    return {} if svg is None else {"plot": dg.MetadataValue.md(as_markdown(svg, alt=alt))}


def showing_keys(stored: Iterable[StoredWindow], emitted: Sequence[str]) -> dict[str, StoredWindow]:
    """The partitions that carry the large part: the newest of each account, and the one that the asset's page shows.

    Args:
        stored: what was loaded.
        emitted: the run's partition keys in the order of their events; the last is the asset's latest materialization.
    """
    windows = sorted(stored, key=lambda one: one.partition.keys[-1])
    newest = {one.partition.account_id: one for one in windows}
    showing = {one.partition.keys[-1]: one for one in list(newest.values())[:ACCOUNTS_SHOWN]}
    last = {key: one for one in windows for key in one.partition.keys if key == emitted[-1]} if emitted else {}
    return showing | last
