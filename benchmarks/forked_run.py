"""What a run of the code server costs: `python -m benchmarks.forked_run FILE RUN`.

Forks a process from one that has loaded the libraries, as the code server does, executes a run of Dagster's there, and
writes to the file what that took, as `cpu_shares` does. A process of its own, since a fork loads the main module of the
process that asks for it again: here nothing that a run does not load anyway.
"""

from __future__ import annotations

import multiprocessing
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.instance.ref import InstanceRef
from dagster._grpc.impl import core_execute_run

from benchmarks.cpu_shares import sampled
from lac_pipeline.defs.forked_runs import PRELOADED


def execute(file: Path, run_id: str, ref: InstanceRef) -> None:
    """Execute a run in this process, which knows the instance as the code server does, and write what it took."""
    origin = ReconstructableRepository.for_module("lac_pipeline.definitions", "defs").get_reconstructable_job(
        IMPLICIT_ASSET_JOB_NAME
    )
    with redirect_stderr(StringIO()), sampled(file), DagsterInstance.from_ref(ref) as instance:
        run = instance.get_run_by_id(run_id)
        assert run is not None
        for _ in core_execute_run(origin, run, instance, inject_env_vars=False):
            pass


def main() -> int | None:
    """Fork for nothing, which waits until everything is loaded, and for the run, whose exit status is returned."""
    file, run_id = sys.argv[1:]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    with DagsterInstance.get() as instance:
        arguments = (Path(file), run_id, instance.get_ref())
    loaded, run = context.Process(target=int), context.Process(target=execute, args=arguments)
    for process in (loaded, run):
        process.start()
        process.join()
    return run.exitcode


if __name__ == "__main__":
    sys.exit(main())
