"""Which ad accounts and days a check is about: those that its run loaded, or the newest load of every account."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from lac_pipeline.warehouse.load.attempts import Attempt
from lac_pipeline.warehouse.query.readings import AttemptRecord, Readings
from lac_pipeline.warehouse.schema.operational_tables import CONFIRMED


def attempts_of(run: dg.DagsterRun, read: Readings) -> list[AttemptRecord]:
    """What a run tried to load.

    A run that was retried from its failure may have nothing left to do but its checks: what they are about was loaded
    by the run before it, or by the first one.

    Raises:
        StorageError: the query failed.
    """
    runs = dict.fromkeys(each for each in (run.root_run_id, run.parent_run_id, run.run_id) if each is not None)
    return [record for run_id in runs for record in read.attempts_of(run_id)]


def loads_among(attempts: Iterable[AttemptRecord]) -> list[Attempt]:
    """Those attempts that loaded something."""
    return [record.attempt for record in attempts if record.status in CONFIRMED]


def loads_of(run: dg.DagsterRun, read: Readings) -> list[Attempt]:
    """What a run loaded.

    Raises:
        StorageError: the query failed.
    """
    return loads_among(attempts_of(run, read))
