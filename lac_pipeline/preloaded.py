"""What every run loads and prepares, for the process that runs are forked from: importing this module does it.

Nothing here opens a connection or starts a thread. Settings are read, since definitions and validators follow from
them; every run reads its own, and builds these again where a setting has changed since.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME

from lac_pipeline.definitions import kept_definitions
from lac_pipeline.errors import LacError
from lac_pipeline.gc_pause import leave_out_of_collections
from lac_pipeline.linkedin.client import authorities
from lac_pipeline.models.validation import validator_of
from lac_pipeline.reporting.plots import plot_template
from lac_pipeline.settings import Settings

MODULES = (
    "anyio._backends._asyncio",
    "certifi",
    "dagster._core.execution.plan.active",
    "dagster._core.executor.in_process",
    "dagster._core.instance.factory",
    "dagster._core.secrets.env_file",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.system_config.composite_descent",
    "dagster._core.utility_ops",
    "dagster._core.workspace.autodiscovery",
    "dagster._grpc.impl",
    "dagster._utils.test.definitions",
    "httpcore",
    "jinja2",
    "lac_pipeline.defs.assets.report_pages",
    "lac_pipeline.defs.compute_logs",
    "lac_pipeline.defs.storage",
    "lac_pipeline.warehouse.token_store",
    "psycopg2.extras",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.postgresql.psycopg2",
    "upath.implementations.local",
)
"""Most are loaded late, by what uses them."""


def prepare() -> None:
    """Build what every run of these settings builds; a run whose settings are others builds its own.

    Raises:
        LacError: a setting is missing or wrong.
    """
    kept_definitions().get_repository_def().get_job(IMPLICIT_ASSET_JOB_NAME)
    settings = Settings.load()
    for stream in settings.streams:
        if stream.report is None:
            validator_of(stream, account_id=0)
            continue
        for pivot in settings.pivots_of(stream.report):
            validator_of(stream, account_id=0, metrics=settings.metrics_of(stream), pivot=pivot)
    plot_template()
    authorities()


for name in MODULES:
    import_module(name)
with suppress(LacError):  # each run fails with it, where people see it
    prepare()
gc.collect()
leave_out_of_collections()  # and so in memory that all runs share
