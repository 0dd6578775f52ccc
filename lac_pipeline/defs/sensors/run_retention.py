"""Old runs are deleted with their events, as far as no partition loses what Dagster shows of it.

What a partition shows is the newest event of its materialization, which Dagster deletes with the run. So a run goes
only when every partition that it filled, or was to fill, has been filled or tried by a later one.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from lac_pipeline.defs.namespace import ALONE, Namespace
from lac_pipeline.defs.sensors.own_runs import is_own

EXAMINED = 100
"""So many runs are looked at in one tick, for a tick may take a minute."""
_END = "end"
_SHOWN = (dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
_PAGE = 1000


def delete_old_runs(
    instance: dg.DagsterInstance, kept: timedelta, cursor: str | None, *, now: datetime, namespace: Namespace = ALONE
) -> tuple[int, str]:
    """Delete runs of this pipeline that have been over for longer than `kept`, the oldest first, some at a time.

    Every run is looked at once a day: one that stays today may be superseded tomorrow.

    Args:
        instance: where they are.
        kept: how long a run stays.
        cursor: what the last call returned; None at first.
        now: the time, in UTC.
        namespace: of the pipeline.

    Returns:
        How many were deleted, and the cursor: the day, and when the last run that was looked at was created.
    """
    day, _, reached = (cursor or f"{_END} {_END}").partition(" ")
    if (day, reached) == (str(now.date()), _END):
        return 0, f"{day} {reached}"
    after = None if reached == _END else datetime.fromisoformat(reached)
    old = dg.RunsFilter(statuses=list(FINISHED_STATUSES), updated_before=now - kept, created_after=after)
    records = instance.get_run_records(old, limit=EXAMINED, order_by="create_timestamp", ascending=True)
    superseded = [
        record.dagster_run.run_id
        for record in records
        if is_own(record.dagster_run, namespace) and _is_superseded(instance, record.dagster_run.run_id)
    ]
    for run_id in superseded:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
    newest = _END if len(records) < EXAMINED else records[-1].create_timestamp.isoformat()
    return len(superseded), f"{now.date()} {newest}"


def _is_superseded(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether later runs have events of every partition and kind that this run has events of."""
    return all(
        partition is not None and newest.get(partition, event_id) > event_id
        for event_type in _SHOWN
        for asset, events in _events_of(instance, run_id, event_type).items()
        for newest in [instance.get_latest_storage_id_by_partition(asset, event_type, {key for key in events if key})]
        for partition, event_id in events.items()
    )


def _events_of(
    instance: dg.DagsterInstance, run_id: str, event_type: dg.DagsterEventType
) -> dict[dg.AssetKey, dict[str | None, int]]:
    """The storage id of the run's last event of this kind for each asset and partition."""
    found = defaultdict[dg.AssetKey, dict[str | None, int]](dict)
    cursor, more = None, True
    while more:
        page = instance.get_records_for_run(run_id, cursor, of_type=event_type, limit=_PAGE)
        for record in page.records:
            if record.asset_key is not None:
                found[record.asset_key][record.partition_key] = record.storage_id
        cursor, more = page.cursor, page.has_more
    return found
