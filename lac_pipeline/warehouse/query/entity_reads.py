"""What is to be read next of a report that LinkedIn gives for one entity at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, Date, Engine, cast, exists, func, or_, select

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams import OneByOne
from lac_pipeline.warehouse.schema.base import server_time
from lac_pipeline.warehouse.schema.operational_tables import EntityRead, StreamState, SyncLog
from lac_pipeline.warehouse.schema.tables import account_of, stream_table
from lac_pipeline.windows import DateWindow

Pair = tuple[int, str]
"""An entity and a pivot."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """What is to be read, in its order.

    Attributes:
        entities: those that LinkedIn has rows for, as far as is known.
        counted: whether the rows were ever loaded that show which entities these are.
        pairs: what to read: first what was never read, then what was read longest ago.
        due: those of the pairs that are not fresh.
        calls_today: how many requests this UTC day's syncs of the report have sent, all accounts together.
        now: PostgreSQL's clock, UTC.
    """

    entities: tuple[int, ...]
    pairs: tuple[Pair, ...]
    due: frozenset[Pair]
    calls_today: int
    now: datetime
    counted: bool = True


class EntityReadPlanner(Struct, frozen=True):
    """Plans the reads of one report.

    Attributes:
        engine: as `make_engine` makes it.
        asset: the report's table.
        entities: how it is requested.
        fresh_for: how long what was read stays fresh.
        first_day: the first day that is loaded; months that begin before it are not counted in full.
    """

    engine: Engine
    asset: str
    entities: OneByOne
    fresh_for: timedelta
    first_day: date

    def plan(self, account_id: int, window: DateWindow, pivots: Sequence[str], *, again: bool) -> ReadPlan:
        """Plan the reads of an account's months; with `again` what is fresh is read too, after the rest.

        Raises:
            StorageError: a query failed.
        """
        with translating_errors(), self.engine.connect() as connection:
            now = server_time(connection)
            entities = self._with_rows(connection, account_id, window)
            counted = bool(entities) or self._counted(connection, account_id)
            read = self._read(connection, account_id, window)
            calls = self._calls_since(connection, now.replace(hour=0, minute=0, second=0, microsecond=0))
        never = datetime.min.replace(tzinfo=UTC)
        every = [(read.get((entity, pivot), never), (entity, pivot)) for entity in entities for pivot in pivots]
        due = frozenset(pair for read_at, pair in every if read_at < now - self.fresh_for)
        pairs = tuple(pair for _, pair in sorted(every) if again or pair in due)
        return ReadPlan(tuple(entities), pairs, due, calls, now, counted)

    def _counted(self, connection: Connection, account_id: int) -> bool:
        """Whether the stream that counts the entities' impressions was ever synced for an account."""
        row = StreamState
        of_stream = (row.account_id == account_id, row.asset == self.entities.counted_in)
        query = select(exists().where(*of_stream, row.synced_at.is_not(None)))
        return bool(connection.scalar(query))

    def _with_rows(self, connection: Connection, account_id: int, window: DateWindow) -> list[int]:
        """The entities with enough impressions in some month, or with an unknown number of them: that is not few."""
        table = stream_table(self.entities.counted_in)
        entity, day, shown = table.c[self.entities.subject.column], table.c.date, table.c.impressions
        month = cast(func.date_trunc("month", day), Date)
        enough = or_(
            func.sum(shown) >= self.entities.least_impressions,
            func.count(shown) < func.count(),
            month < self.first_day,
        )
        of_account = account_of(self.entities.counted_in) == account_id
        query = select(entity).where(of_account, day >= window.start, day < window.end)
        months = query.group_by(entity, month).having(enough).subquery()
        return list(connection.scalars(select(months.c[0]).distinct().order_by(months.c[0])))

    def _read(self, connection: Connection, account_id: int, window: DateWindow) -> dict[Pair, datetime]:
        """When each was last read over all of these months."""
        row = EntityRead
        query = select(row.entity_id, row.pivot_type, row.read_at).where(
            row.asset == self.asset, row.account_id == account_id, row.window_start <= window.start
        )
        return {(entity, pivot): read_at for entity, pivot, read_at in connection.execute(query)}

    def _calls_since(self, connection: Connection, midnight: datetime) -> int:
        log = SyncLog
        query = select(func.coalesce(func.sum(log.api_calls_made), 0))
        return int(connection.scalar(query.where(log.asset == self.asset, log.started_at >= midnight)) or 0)
