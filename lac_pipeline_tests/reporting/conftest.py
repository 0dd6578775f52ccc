"""The whole pipeline, for tests of what is delivered after a sync."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.defs import conftest as whole

pipeline, streams = whole.pipeline, whole.streams


@pytest.fixture
def world() -> World:
    """One small account with forty days of history."""
    return World.synthetic(accounts=1, campaigns=3, creatives=6, days=40)


@pytest.fixture
def start_date() -> date:
    """Forty days ago: 30 days can be summed, but not the 30 before."""
    return utc_now().date() - timedelta(days=40)
