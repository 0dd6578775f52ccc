"""The request for a sync, and its results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from lac_pipeline.clock import utc_now
from lac_pipeline.errors import error_class
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import requested_window
from lac_pipeline.warehouse.query.freshness_reason import Cause, Reason
from lac_pipeline.warehouse.query.readings import AttemptRecord


class SyncRequest(Struct, frozen=True):
    """What `lac sync` was called for."""

    since: date | None = None
    until: date | None = None
    force: bool = False
    accept_shrink: bool = False

    def check(self, settings: Settings) -> None:
        """Refuse days that make no sense before anything is started.

        Raises:
            DateRangeError: see `requested_window`.
        """
        requested_window(self.since, self.until, start=settings.start_date, today=utc_now().date())

    @property
    def names_days(self) -> bool:
        """Whether the days were chosen by the person rather than by the refresh rules."""
        return self.since is not None or self.until is not None

    @property
    def trigger(self) -> str:
        """What stands in the tags of its runs and in sync_log."""
        return "backfill" if self.names_days else "on_demand"


class SyncCause(StrEnum):
    """Why a group was synced, or left alone, where the freshness gate did not decide."""

    NO_MONTH = "no_month_in_range"
    RETRY = "retry_of_rejected_records"
    REPLAY = "replay_of_raw_archive"


class GroupSync(Struct, frozen=True):
    """What became of one asset group of one account: the run's attempts, or why there was no run.

    `fresh_for` is how long the asset group stays fresh after a sync, where the freshness gate decided.
    """

    account_id: int
    group: AssetGroup
    reason: Reason | SyncCause
    run_id: str | None = None
    attempts: Sequence[AttemptRecord] = ()
    failure: str | None = None
    assets: Sequence[str] = ()
    fresh_for: timedelta | None = None

    @property
    def not_tried(self) -> list[str]:
        """The assets that the run did not come to, because one before them failed."""
        tried = {record.attempt.asset for record in self.attempts}
        return [] if self.skipped or self.failure is None else [name for name in self.assets if name not in tried]

    @property
    def hopeless(self) -> bool:
        """Whether it failed for a reason that every other account shares: the token, a setting, the network."""
        kinds = (error_class(error["type"]) for record in self.attempts for error in record.errors)
        return any(kind.shared for kind in kinds if kind is not None)

    @property
    def skipped(self) -> bool:
        """Whether there was no run, so that LinkedIn got no request."""
        return self.run_id is None

    @property
    def fresh(self) -> bool:
        """Whether there was no run because the account was synced within its TTL."""
        return self.skipped and isinstance(self.reason, Reason) and self.reason.cause is Cause.FRESH
