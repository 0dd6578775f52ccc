"""Which ad accounts and days a check is about: those that its run loaded, or the newest load of every account."""

from __future__ import annotations

import dagster as dg

from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.query.readings import Readings
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED


def loads_of(run: dg.DagsterRun, read: Readings) -> list[Attempt]:
    """What a run loaded.

    A run that was retried from its failure may have nothing left to do but its checks: what they are about was loaded
    by the run before it, or by the first one.

    Raises:
        StorageError: the query failed.
    """
    runs = dict.fromkeys(each for each in (run.root_run_id, run.parent_run_id, run.run_id) if each is not None)
    records = (record for run_id in runs for record in read.attempts_of(run_id))
    return [record.attempt for record in records if record.status in CONFIRMED]
