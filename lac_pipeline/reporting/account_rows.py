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

    @property
    def pacing(self) -> Sequence[Row]:
        """Rows of the view `campaign_pacing`, of campaigns that LinkedIn returns."""
        ...

    @property
    def reach(self) -> Sequence[Row]:
        """Rows of the view `reach_and_frequency`, of the account and its campaign groups."""
        ...

    @property
    def conversion_sums(self) -> Sequence[Row]:
        """`start`, `end`, `conversion_id`, name and type of the rule, and its conversions in that period."""
        ...

    @property
    def breakdown_sums(self) -> Sequence[Row]:
        """`breakdown`, `value` and its `name`, and the metrics summed over the creatives' period."""
        ...

    @property
    def restated_sums(self) -> Sequence[Row]:
        """`date` and `seen_at`, and by how much LinkedIn changed the day's sums since the last snapshot."""
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
