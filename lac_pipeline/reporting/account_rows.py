"""What a snapshot is built from; the warehouse's readings have this shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from lac_pipeline.warehouse.check_results import CheckState

Row = Mapping[str, Any]


class AccountRows(Protocol):
    """Rows of one ad account, all as of one moment."""

    @property
    def account(self) -> Row | None:
        """The account's own row; None before it was synced."""
        ...

    @property
    def campaign_groups(self) -> Sequence[Row]:
        """Its campaign groups."""
        ...

    @property
    def campaigns(self) -> Sequence[Row]:
        """Its campaigns, removed ones too."""
        ...

    @property
    def campaign_sums(self) -> Sequence[Row]:
        """`start`, `end`, `campaign_id` and the metrics summed from `start` up to `end`, for each period."""
        ...

    @property
    def creative_sums(self) -> Sequence[Row]:
        """`creative_id`, what is known of the creative, and the metrics summed over the creatives' period."""
        ...

    @property
    def day_sums(self) -> Sequence[Row]:
        """`date` and the metrics summed over campaigns."""
        ...

    @property
    def segment_sums(self) -> Sequence[Row]:
        """`pivot_type`, `segment` and the metrics summed over the months."""
        ...

    @property
    def attempts(self) -> Sequence[Row]:
        """Ended syncs, newest first: `asset started_at status partition_start partition_end errors`."""
        ...

    @property
    def rejections(self) -> Mapping[str, int]:
        """Open rejections by asset."""
        ...

    @property
    def checks(self) -> Sequence[CheckState]:
        """Checks that failed, or could not be evaluated, and were not resolved since; errors first."""
        ...


class GroupState(Protocol):
    """How fresh one asset group of the account is."""

    @property
    def group(self) -> str:
        """Name of the asset group."""
        ...

    @property
    def synced_at(self) -> datetime | None:
        """When the sync began that last brought it up to date."""
        ...

    @property
    def stale_at(self) -> datetime | None:
        """When it should be synced again."""
        ...

    @property
    def last_status(self) -> str | None:
        """How the last attempt ended."""
        ...

    @property
    def failures(self) -> int:
        """Failed attempts since."""
        ...
