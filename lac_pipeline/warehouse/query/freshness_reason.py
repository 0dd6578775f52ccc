"""Why the freshness gate lets an account be synced, or does not."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Cause(StrEnum):
    """What decided."""

    FORCED = "on_demand_force_refresh"
    NEVER = "no_prior_sync"
    STALE = "data_stale"
    FRESH = "data_fresh"
    PARTS_MISSING = "chosen_metrics_missing"
    FUTURE = "synced_in_the_future"
    """All that is known of its syncs was stamped by a clock that ran ahead, so their age is unknown."""
    QUOTA_SPENT = "daily_quota_spent"


class Reason(NamedTuple):
    """Why, or why not; as text it is what `sync_log.reason` holds, such as `data_fresh_37min`.

    Attributes:
        cause: what decided.
        minutes: whole minutes since the last sync, of FRESH and STALE.
        until: when LinkedIn's daily quota is there again, of QUOTA_SPENT; aware UTC.
    """

    cause: Cause
    minutes: int | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        age = "" if self.minutes is None else f"_{self.minutes}min"
        end = "" if self.until is None else f"_until_{self.until:%H:%M}Z"
        return f"{self.cause}{age}{end}"
