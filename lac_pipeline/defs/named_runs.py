"""The ad accounts of a run by name, for people who look at Dagster's list of runs.

Runs of schedules, sensors and `lac sync` are requested with the names. The others, which people start in the UI or by
`lac launch`, get them when they are queued, or at their start where the queue is not ours.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

import dagster as dg
from sqlalchemy import Engine

from lac_pipeline.defs.namespace import ALONE
from lac_pipeline.defs.opening import connect_warehouse
from lac_pipeline.defs.partitions import accounts_of
from lac_pipeline.defs.run_tags import NAMED, named_tags
from lac_pipeline.errors import LacError
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.overview import Overview

PATIENCE = timedelta(seconds=2)
"""How long the query for names may take: a migration may lock the table for longer, and the names are only a help."""

log = logging.getLogger(__name__)


class NamingRunCoordinator(dg.QueuedRunCoordinator["dg.DagsterInstance"]):
    """Dagster's queue of runs, which adds the names of its ad accounts to each run that it queues.

    Dagster calls the coordinator of `dagster.yaml` for every run that is not executed by the process that requests it.
    """

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Name the run's accounts and queue it; it is queued without names where they cannot be read."""
        run = context.dagster_run
        if NAMED not in run.tags or run.parent_run_id is not None:  # a run that is repeated has the tags of the first
            known = ALONE.known_accounts(self._instance)
            try:
                with connect_warehouse(Settings.load()) as warehouse:
                    add_names(self._instance, run, accounts_of(run.tags, known), warehouse.engine)
            except LacError as error:
                log.warning("run %s is queued without the names of its ad accounts: %s", run.run_id, error)
        return super().submit_run(context)


def add_names(instance: dg.DagsterInstance, run: dg.DagsterRun, account_ids: Sequence[int], engine: Engine) -> None:
    """Add the names of its ad accounts to a run; nothing where there are no accounts, or no name is known.

    Raises:
        StorageError: the names could not be read in two seconds.
    """
    if account_ids:
        tags = named_tags(account_ids, AccountNames(Overview(engine).names(account_ids, within=PATIENCE)))
        if tags:
            instance.add_run_tags(run.run_id, tags)
