"""The order of a run's steps."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline_tests.defs.conftest import DEFAULT, Pipeline


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=1, creatives=2, days=3)


@pytest.fixture
def start_date() -> date:
    """Today: how much is loaded does not matter here."""
    return utc_now().date()


def test_steps_are_executed_in_the_catalogues_order(pipeline: Pipeline) -> None:
    """Each asset group loads its streams as the catalogue lists them, and checks each before it loads the next."""
    pipeline.sync()
    executed = [started(pipeline, run.run_id) for run in pipeline.instance.get_runs()]
    loading = [[step for step in steps if step in STREAMS] for steps in executed]
    assert sorted(filter(None, loading)) == sorted([*DEFAULT.names_in(group)] for group in DEFAULT.groups)
    for steps, streams in zip(executed, loading, strict=True):
        assert [step for step in steps if step.removesuffix("_checks") in streams] == [
            step for stream in streams for step in (stream, f"{stream}_checks")
        ]


def started(pipeline: Pipeline, run_id: str) -> list[str]:
    """The steps of a run in the order in which they began."""
    events = pipeline.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)
    return [str(event.step_key) for event in events]
