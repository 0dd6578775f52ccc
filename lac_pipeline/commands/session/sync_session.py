"""An open warehouse and Dagster instance in this process, for commands that run syncs themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from lac_pipeline.commands.sync import AccountSync
from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.opening import open_warehouse
from lac_pipeline.gc_pause import libraries_are_loaded
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.suitability import require_writable


@contextmanager
def open_session(settings: Settings) -> Iterator[AccountSync]:
    """Open the warehouse and the Dagster instance of a prepared environment, and yield what syncs accounts in them.

    Raises:
        StorageError: PostgreSQL takes no changes.
    """
    with open_warehouse(settings) as warehouse:
        require_writable(warehouse.engine)
        with dg.DagsterInstance.get() as instance:
            syncs = AccountSync(build_definitions(settings), instance=instance, warehouse=warehouse, settings=settings)
            libraries_are_loaded()
            yield syncs
