"""Materializations that belong to no run of Dagster."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import dagster as dg
from dagster._core.events import DagsterEventBatchMetadata, StepMaterializationData
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID


def report_materializations(instance: dg.DagsterInstance, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Record materializations as `report_runless_asset_event` does, but together, which its storage inserts at once."""
    batch, kind = uuid4().hex, dg.DagsterEventType.ASSET_MATERIALIZATION.value
    for number, materialization in enumerate(materializations, 1):
        data = StepMaterializationData(materialization)
        event = dg.DagsterEvent(event_type_value=kind, event_specific_data=data, job_name=RUNLESS_JOB_NAME)
        place = DagsterEventBatchMetadata(batch, is_end=number == len(materializations))
        instance.report_dagster_event(event, RUNLESS_RUN_ID, batch_metadata=place)
