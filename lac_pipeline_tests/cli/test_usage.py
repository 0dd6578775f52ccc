"""`lac usage`: what syncs cost."""

from __future__ import annotations

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")


def test_usage_counts_what_linkedin_saw(synced: Lac, world: World) -> None:
    """The calls of the day are those that LinkedIn counted, by endpoint."""
    result = synced("usage", "--days", "1")
    calls = {
        line.split()[1]: int(line.split()[3]) for line in result.out.splitlines()[1:-1] if "adAccounts" not in line
    }
    assert calls == {name: world.calls[name] for name in calls}
    assert calls["adAnalytics"] > 0
    assert result.out.splitlines()[-1].split()[-1] == str(sum(world.calls.values()))
