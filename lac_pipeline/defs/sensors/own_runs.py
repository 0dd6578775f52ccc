"""Which of Dagster's runs are a pipeline's own, where other code locations and other pipelines have runs too."""

from __future__ import annotations

import dagster as dg

from lac_pipeline.defs.assets.report import REPORT
from lac_pipeline.defs.assets.snapshot import SNAPSHOT
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.run_tags import ACCOUNT, PIPELINE, PROCESS
from lac_pipeline.streams import every_stream


def is_own(run: dg.DagsterRun, namespace: Namespace) -> bool:
    """Whether a run is over assets of this pipeline; where it names none, as one of a whole job, its tags show it."""
    if run.asset_selection:
        return not namespace.assets_of(run).isdisjoint({*every_stream().names, SNAPSHOT, REPORT})
    return bool({ACCOUNT, PROCESS} & set(run.tags)) and run.tags.get(PIPELINE) == namespace.tags.get(PIPELINE)
