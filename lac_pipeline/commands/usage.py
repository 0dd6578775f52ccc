"""`lac usage`: the requests sent to LinkedIn in the last days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from lac_pipeline.clock import utc_now
from lac_pipeline.warehouse.connected import ConnectedWarehouse
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.usage import ApiUsage, Usage


@dataclass(frozen=True, slots=True)
class UsageOfDays:
    """The requests of some UTC days, by day, endpoint and account, retries included; and the accounts' names."""

    rows: Sequence[Usage]
    names: Mapping[int, str | None] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """How many requests these are together."""
        return sum(row.calls for row in self.rows)


def usage_of(warehouse: ConnectedWarehouse, *, days: int, account_ids: Collection[int] | None) -> UsageOfDays:
    """Read the requests of the last UTC days, today included.

    Args:
        warehouse: where they are counted.
        days: how many days back.
        account_ids: only those for these ad accounts; None for all.

    Raises:
        StorageError: the query failed.
    """
    rows = ApiUsage(warehouse.engine).usage(since=utc_now().date() - timedelta(days=days - 1))
    chosen = [row for row in rows if account_ids is None or row.account_id in account_ids]
    return UsageOfDays(chosen, Overview(warehouse.engine).names())
