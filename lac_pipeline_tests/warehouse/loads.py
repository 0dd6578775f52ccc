"""Short ways to load rows and to read back what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.warehouse.load.attempts import Attempt, Load, LoadResult, SkippedAsset
from lac_pipeline.warehouse.load.spool import CopySpool
from lac_pipeline.warehouse.load.sync_log import close_attempt, log_skipped, open_attempt
from lac_pipeline.warehouse.schema.tables import Base, table_of
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

ACCOUNT = 510000001
WINDOW = DateWindow(date(2026, 11, 1), date(2026, 11, 11))
METRIC_COLUMNS = ("campaign_id", "date", "account_id", "impressions", "clicks", "cost_in_local_currency")
CAMPAIGN_COLUMNS = ("id", "account_id", "name", "status")

Row = tuple[Any, ...]


def metric_rows(campaigns: Iterable[int], days: Iterable[date], *, impressions: int = 100) -> list[Row]:
    """One row for each campaign and day, all alike."""
    each = list(days)
    return [(campaign, day, ACCOUNT, impressions, 3, Decimal("1.25")) for campaign in campaigns for day in each]


def campaign_rows(ids: Iterable[int], *, status: str = "ACTIVE") -> list[Row]:
    """One row for each campaign, named after its id."""
    return [(identifier, ACCOUNT, f"Campaign {identifier}", status) for identifier in ids]


def rejection(record_id: str, *, field: str = "status", reason: str = "unknown status") -> RejectedRecord:
    """A record that failed validation, known by its key: `2` is a campaign, `7|2026-11-03` a campaign's day.

    What of the key is no number and no date could not be read.
    """
    first, bar, day = record_id.partition("|")
    parts = {"campaign_id" if bar else "id": first, "date": day}
    key = {name: _key_value(part) for name, part in parts.items()}
    return RejectedRecord(
        record_id,
        field,
        '"?"',
        reason,
        {"id": record_id, "cost": Decimal("1.10")},
        {name: value for name, value in key.items() if value is not None},
    )


def _key_value(text: str) -> int | date | None:
    if text.isdigit():
        return int(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def begin_metrics(warehouse: Warehouse, window: DateWindow = WINDOW, *, account_id: int = ACCOUNT) -> Attempt:
    """Begin an attempt at an account's campaign metrics."""
    return warehouse.begin("campaign_daily_metrics", account_id, run_id="run", trigger="on_demand", window=window)


def begin_campaigns(warehouse: Warehouse, *, account_id: int = ACCOUNT) -> Attempt:
    """Begin an attempt at an account's campaigns."""
    return warehouse.begin("campaigns", account_id, run_id="run", trigger="on_demand", window=None)


def load(
    warehouse: Warehouse,
    attempt: Attempt,
    rows: Sequence[Row],
    *,
    columns: Sequence[str] | None = None,
    rejected: Sequence[RejectedRecord] = (),
    **options: Any,  # noqa: ANN401 - those of Load
) -> LoadResult:
    """Load rows for an attempt."""
    named = columns or (METRIC_COLUMNS if attempt.window else CAMPAIGN_COLUMNS)
    with CopySpool(named) as spool:
        spool.extend(rows)
        fetched = len(rows) + len(rejected)
        return warehouse.load(Load(attempt, spool, rejected, fetched=fetched, api_calls=1, **options))


def load_metrics(
    warehouse: Warehouse,
    rows: Sequence[Row],
    window: DateWindow = WINDOW,
    **options: Any,  # noqa: ANN401 - those of load()
) -> LoadResult:
    """Begin and load campaign metrics."""
    return load(warehouse, begin_metrics(warehouse, window), rows, **options)


def load_campaigns(warehouse: Warehouse, rows: Sequence[Row], **options: Any) -> LoadResult:  # noqa: ANN401 - as above
    """Begin and load campaigns."""
    return load(warehouse, begin_campaigns(warehouse), rows, **options)


def log_attempt(
    engine: Engine, attempt: Attempt, status: str, *, finished_at: datetime | None = None, **values: object
) -> Attempt:
    """Open an attempt at its own time, and close it unless it is `running` or `skipped`."""
    with engine.begin() as connection:
        if status == "skipped":
            return log_skip(connection, attempt)
        opened = open_attempt(connection, attempt)
        if status == "running":
            return opened
        close_attempt(connection, opened, status=status, at=finished_at or opened.started_at, **values)
        return opened


def log_skip(connection: Connection, attempt: Attempt) -> Attempt:
    """Log that an asset was left alone."""
    skipped = SkippedAsset(attempt.account_id, attempt.asset, "data_fresh_1min")
    log_skipped(connection, [skipped], run_id=attempt.run_id, trigger=attempt.trigger, at=attempt.started_at)
    return attempt


def counts(result: LoadResult) -> tuple[int, int, int, int]:
    """Inserted, updated, unchanged and pruned rows."""
    return result.inserted, result.updated, result.unchanged, result.pruned


def stored(engine: Engine, model: type[Base] | Table, *columns: str) -> list[Row]:
    """All rows of a table in key order: whole, or some columns."""
    table = model if isinstance(model, Table) else table_of(model)
    chosen = [table.c[name] for name in columns] or list(table.c)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*chosen).order_by(*table.primary_key.columns))]
