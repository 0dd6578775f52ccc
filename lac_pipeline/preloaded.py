"""What every run loads and prepares, for the process that runs are forked from: importing this module does it.

Nothing here reads settings, opens a connection or starts a thread.
"""

from __future__ import annotations

import gc
from importlib import import_module

MODULES = (
    "anyio._backends._asyncio",
    "certifi",
    "dagster._core.executor.in_process",
    "dagster._core.workspace.autodiscovery",
    "dagster._grpc.impl",
    "httpcore",
    "jinja2",
    "lac_pipeline.definitions",
    "lac_pipeline.defs.compute_logs",
    "lac_pipeline.defs.storage",
    "psycopg2.extras",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.postgresql.psycopg2",
)
"""Most are loaded late, by the library that uses them."""

for name in MODULES:
    import_module(name)
gc.collect()
gc.freeze()  # the collector of a run leaves alone, and in memory that all runs share, what is loaded here
