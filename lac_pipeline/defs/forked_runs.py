"""Runs as forks of one process that has loaded the libraries, in place of processes that each load them again.

Dagster's code server starts a process for each run. Loading Dagster and the pipeline took that process two seconds of
CPU, more than the refresh of an account. Python's fork server loads them once: it is a process of its own, started with
the first run, without threads, and holds no connection; each run is a fork of it. Each run reads the settings, as
before; where they are still those that this process found, it has the definitions too.
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.context import BaseContext

PRELOADED = "lac_pipeline.preloaded"
_SERVER = "dagster._grpc.server"
_ATTRIBUTE = "_mp_ctx"


class _ForkServer:
    """How code servers of this process start a process, whatever each of them has chosen."""

    def __init__(self, context: BaseContext) -> None:
        self._context = context

    def __get__(self, _server: object, _class: type) -> BaseContext:
        return self._context

    def __set__(self, _server: object, _chosen: BaseContext) -> None:
        """Dagster sets a context of its own."""


def fork_runs() -> None:
    """Let the code server of this process, if it is one, fork its runs.

    There is no public way to choose how Dagster starts them; a Dagster that does it in another way goes on as it is.
    Only on Linux: macOS's own libraries do not outlive a fork.
    """
    server = getattr(sys.modules.get(_SERVER), "DagsterApiServer", None)
    if server is None or sys.platform != "linux":
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    setattr(server, _ATTRIBUTE, _ForkServer(context))
