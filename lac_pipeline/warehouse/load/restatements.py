"""The restatement log: which numbers of past days LinkedIn changed, with the old and the new value.

Days that are older than two days are logged, because until then numbers still come in. The upsert itself finds the
changes, so a load that changes nothing costs nothing more. The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Insert,
    Numeric,
    Table,
    Text,
    and_,
    case,
    cast,
    column,
    delete,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array

from lac_pipeline.linkedin.metrics import BY_COLUMN
from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.schema.quality_tables import MetricRestatement
from lac_pipeline.windows import DateWindow

DAY = "date"
"""The column of a daily report's table, and of the log, that holds the UTC day."""
SETTLED_AFTER = timedelta(days=2)
"""The numbers of younger days still come in: their changes are not logged, and need not match LinkedIn's total yet."""


class Watch(Struct, frozen=True):
    """Watches a load for restatements.

    Attributes:
        attempt: the load's.
        days: the loaded, settled days of its window; there are some.
        entity: the column of the table that holds the id of what a row is about. What else its key holds beside the
            day, the log has a column of the same name for.
    """

    attempt: Attempt
    days: tuple[DateWindow, ...]
    entity: str

    def of_upsert(self, written: CTE, staging: Table, target: Table) -> Insert:
        """Log what an upsert changes, as a part of its own statement: the target still shows the old values there.

        Args:
            written: the upsert, returning the key of each row that it wrote and `is_new`.
            staging: the staged rows.
            target: their table.
        """
        old = and_(_same_key(target, written, target), ~written.c.is_new)
        new = _same_key(target, written, staging)
        pairs = _pairs([(name, target.c[name], staging.c[name]) for name in _metrics(staging)])
        row = self._row(target, written, pairs)
        # A metric that is NULL in a row was not requested, or not given: its first value is no restatement.
        restated = case((written.c.is_new, pairs.c.new_value != 0), else_=pairs.c.old_value != pairs.c.new_value)
        source = (
            select(*row.values())
            .select_from(written.join(staging, new).outerjoin(target, old).join(pairs, true()))
            .where(self._watched(written.c[DAY]), restated)
        )
        return insert(MetricRestatement).from_select(list(row), source)

    def of_prune(self, deleted: CTE, target: Table) -> Insert:
        """Log the rows that a prune deletes, as a part of its own statement.

        Args:
            deleted: the prune, returning whole rows.
            target: their table.
        """
        pairs = _pairs([(name, deleted.c[name], null()) for name in _metrics(target)])
        row = self._row(target, deleted, pairs)
        source = (
            select(*row.values())
            .select_from(deleted.join(pairs, true()))
            .where(self._watched(deleted.c[DAY]), pairs.c.old_value != 0)
        )
        return insert(MetricRestatement).from_select(list(row), source)

    def _row(self, target: Table, changed: CTE, pairs: FromClause) -> dict[str, Any]:
        attempt = self.attempt
        others = [name for name in _key(target) if name not in (self.entity, DAY)]
        return {
            "account_id": literal(attempt.account_id, BigInteger),
            DAY: changed.c[DAY],
            "asset": literal(attempt.asset, Text),
            "entity_id": changed.c[self.entity],
            **{name: changed.c[name] for name in others},
            **{name: pairs.c[name] for name in ("metric", "old_value", "new_value")},
            "seen_at": literal(attempt.started_at, DateTime(timezone=True)),
            "run_id": literal(attempt.run_id, Text),
        }

    def _watched(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        return or_(false(), *(and_(day >= window.start, day < window.end) for window in self.days))


def settled(attempt: Attempt, windows: Sequence[DateWindow]) -> tuple[DateWindow, ...]:
    """Keep of these windows the days of the attempt's own that were over long enough when it began."""
    if attempt.window is None:
        return ()
    end = min(attempt.window.end, attempt.started_at.astimezone(UTC).date() - SETTLED_AFTER)
    kept = [(max(window.start, attempt.window.start), min(window.end, end)) for window in windows]
    return tuple(DateWindow(start, stop) for start, stop in kept if start < stop)


def prune_restatements(connection: Connection, *, before: datetime) -> int:
    """Forget what was seen before this moment; return how many rows that were."""
    return connection.execute(delete(MetricRestatement).where(MetricRestatement.seen_at < before)).rowcount


def _key(target: Table) -> list[str]:
    return [column.name for column in target.primary_key.columns]


def _same_key(target: Table, changed: CTE, other: Table) -> ColumnElement[bool]:
    return and_(*(other.c[name] == changed.c[name] for name in _key(target)))


def _metrics(table: Table) -> list[str]:
    return [column.name for column in table.c if column.name in BY_COLUMN]


def _pairs(triples: Sequence[tuple[str, Any, Any]]) -> FromClause:
    """The triples as rows; arrays rather than VALUES, for a statement with VALUES is compiled again each time."""
    names, before, after = zip(*triples, strict=True)
    columns = array(names), *(array([cast(value, Numeric) for value in values]) for values in (before, after))
    rows = func.unnest(*columns).table_valued(
        column("metric", Text), column("old_value", Numeric), column("new_value", Numeric), name="pairs"
    )
    return rows.render_derived().lateral()
