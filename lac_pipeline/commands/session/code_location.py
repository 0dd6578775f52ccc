"""Runs of this process, shown by Dagster in the code location whose assets they fill."""

from __future__ import annotations

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

LOCATION = "lac"
"""The code location's name in workspace.yaml."""
_DEFINITIONS = "lac_pipeline.definitions"


def show_in_location(instance: dg.DagsterInstance, run_id: str) -> None:
    """Let a run that is over be of the code location, as those are that Dagster launches.

    A run that Dagster executes in this process is of none, and is missing in the timeline of runs, which is the UI's
    first page. A run that was killed stays so: Dagster would start it again by itself.
    """
    run = instance.get_run_by_id(run_id)
    if run is not None and run.is_finished and run.remote_job_origin is None:
        module = LoadableTargetOrigin(module_name=_DEFINITIONS)
        location = InProcessCodeLocationOrigin(module, location_name=LOCATION)
        repository = RemoteRepositoryOrigin(location, "__repository__")
        instance.run_storage.replace_job_origin(run, repository.get_job_origin(run.job_name))
        instance.add_run_tags(run_id, {REPOSITORY_LABEL_TAG: repository.get_label()})
