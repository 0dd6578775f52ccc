"""`lac rejects retry`: the quarantined records requested again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.sync_results import GroupSync, SyncCause, SyncRequest
from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Partitioning, partitioning_of
from lac_pipeline.streams.sync_windows import has_days, month_window
from lac_pipeline.warehouse.query.overview import Affected, Overview
from lac_pipeline.windows import DateWindow


def retry(
    session: AccountSync, settings: Settings, *, account_ids: Collection[int] | None, asset: str | None
) -> Iterator[GroupSync]:
    """Sync again, fresh or not, the asset groups and days that hold open rejections; what validates now is closed.

    Days before LAC_START_DATE have no partition any more and are left alone, as are accounts that LAC_ACCOUNT_IDS
    leaves out and streams that LAC_STREAMS does.

    Raises:
        PartitionError: LAC_ACCOUNT_IDS leaves the named account out.
        StorageError: the query failed.
    """
    for account_id in account_ids or ():
        refuse_excluded(account_id, settings)
    affected = Overview(session.warehouse.engine).rejected(account_ids=account_ids, asset=asset)
    for account in sorted(
        {affected_load.account_id for affected_load in affected if not settings.excludes(affected_load.account_id)}
    ):
        for group in settings.streams.groups:
            mine = [
                affected_load
                for affected_load in affected
                if affected_load.account_id == account and affected_load.asset in settings.streams.names_in(group)
            ]
            window = _days_of(mine, group, settings)
            if mine and (window is not None or not has_days(group)):
                yield session.run(account, group, window, SyncRequest(force=True), SyncCause.RETRY)


def _days_of(affected: list[Affected], group: AssetGroup, settings: Settings) -> DateWindow | None:
    windows = [window.window for window in affected if window.window is not None]
    start, end = settings.start_date, utc_now().date()
    if not windows:
        return None
    first, last = max(start, min(window.start for window in windows)), min(end, max(window.last for window in windows))
    if partitioning_of(group) is Partitioning.ACCOUNT_MONTH:
        span = DateWindow.inclusive(min(window.start for window in windows), max(window.last for window in windows))
        return month_window(span, start=start, today=end)
    return DateWindow.inclusive(first, last) if first <= last else None
