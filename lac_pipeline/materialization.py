"""What a materialization shows of a load: numbers on every partition, and a preview and a plot on the newest one.

Dagster copies the metadata of a range run onto each of its partitions, so what is large is kept to one per account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile

import dagster as dg

from lac_pipeline.delivery.plots import as_markdown, metrics_plot, table_preview
from lac_pipeline.partitions import AccountWindow
from lac_pipeline.storage.attempts import LoadResult
from lac_pipeline.storage.readings import Readings
from lac_pipeline.windows import DateWindow

Metadata = dict[str, dg.MetadataValue]

COUNTS = ("fetched", "inserted", "updated", "unchanged", "pruned", "rejected", "superseded", "api_calls")
SOURCES_SHOWN = 20
ACCOUNTS_SHOWN = 5
"""How many accounts of a run get a preview and a plot: a plot takes a third of a second."""
PLOTTED = {
    "campaign_daily_metrics": ("campaigns", "campaign_id"),
    "creative_daily_metrics": ("creatives", "creative_id"),
}
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


def load_metadata(stored: Sequence[StoredWindow], *, currency_of: Callable[[int], str | None]) -> Metadata:
    """The small part, the same for every partition of the run: sums over its windows, as numbers that Dagster plots."""
    results = [one.result for one in stored]
    metadata: Metadata = {
        name: dg.MetadataValue.int(sum(getattr(result, name) for result in results)) for name in COUNTS
    }
    rows = sum(result.inserted + result.updated + result.unchanged for result in results)
    one_partition = sum(len(one.partition.keys) for one in stored) == 1
    # Of several partitions it would be wrong on each: Dagster takes it for the rows of that one.
    metadata["dagster/partition_row_count" if one_partition else "rows"] = dg.MetadataValue.int(rows)
    metadata["status"] = dg.MetadataValue.text(", ".join(sorted({result.status for result in results})) or "nothing")
    metadata["trigger"] = dg.MetadataValue.text(", ".join(sorted({one.trigger for one in stored})))
    metadata["fetch_seconds"] = dg.MetadataValue.float(round(sum((one.fetch_seconds for one in stored), 0.0), 3))
    metadata["load_seconds"] = dg.MetadataValue.float(round(sum((result.seconds for result in results), 0.0), 3))
    return metadata | _window(stored) | _totals(stored, currency_of) | _archive(stored)


def _window(stored: Sequence[StoredWindow]) -> Metadata:
    windows = [one.partition.window for one in stored if one.partition.window is not None]
    if not windows:
        return {}
    whole = DateWindow(min(window.start for window in windows), max(window.end for window in windows))
    return {"window": dg.MetadataValue.text(str(whole)), "days": dg.MetadataValue.int(whole.days)}


def _totals(stored: Sequence[StoredWindow], currency_of: Callable[[int], str | None]) -> Metadata:
    spend: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in stored:
        if one.result.spend is not None:
            spend[currency_of(one.partition.account_id) or "local currency"] += one.result.spend
    impressions = [one.result.impressions for one in stored if one.result.impressions is not None]
    metadata: Metadata = {"impressions": dg.MetadataValue.int(sum(impressions))} if impressions else {}
    if spend:
        exact = ", ".join(f"{amount:f} {currency}" for currency, amount in sorted(spend.items()))
        metadata["spend"] = dg.MetadataValue.text(exact)
    if len(spend) == 1:  # amounts of several currencies add up to nothing
        metadata["spend_amount"] = dg.MetadataValue.float(float(*spend.values()))
    return metadata


def _archive(stored: Sequence[StoredWindow]) -> Metadata:
    sources = [source for one in stored for source in one.sources]
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
    rows = [_flat(row) for row in read.preview(asset, account_id, window=window)]
    if rows:
        metadata["preview"] = dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in table_preview(rows)])
    if asset in PLOTTED and window is not None and (window.days > 1 or one.trigger == "on_demand"):
        metadata |= _plot(read, asset, account_id, window)
    return metadata


def _flat(row: Mapping[str, object]) -> dict[str, object]:
    """A row without its nested documents, which are longer than the rest of it."""
    return {name: value for name, value in row.items() if not isinstance(value, dict | list)}


def _plot(read: Readings, asset: str, account_id: int, window: DateWindow) -> Metadata:
    entities, key = PLOTTED[asset]
    days = DateWindow(min(window.start, window.end - PLOTTED_DAYS), window.end)
    rows = read.frame(asset, [account_id], days).to_dict("records")
    named = read.frame(entities, [account_id])
    names: dict[int, str] = dict(zip(named["id"], named["name"], strict=True))
    records = [{str(name): value for name, value in row.items()} for row in rows]
    png = metrics_plot(records, entity=key, names=names, currency=read.currency(account_id))
    alt = f"spend and impressions of account {account_id}, {days}"
    return {} if png is None else {"plot": dg.MetadataValue.md(as_markdown(png, alt=alt))}


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
