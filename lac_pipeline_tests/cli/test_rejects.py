"""`lac rejects`: what is wrong, and whether it still is."""

from __future__ import annotations

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import Lac

pytestmark = pytest.mark.usefixtures("few_streams")


def test_rejects_are_listed_and_retried(signed_in: Lac, world: World) -> None:
    """A record that cannot be loaded is listed with reason and value; once LinkedIn corrects it, a retry closes it."""
    campaign = next(iter(world.entities.listed("adCampaigns", 520000001)))
    world.edit.set_field("adCampaigns", campaign.id, "runSchedule", {"start": "soon"})
    signed_in("sync", "--account", "all")
    listed = signed_in("rejects", "--account", "520000001")
    assert "1 open reject;" in listed.out
    assert '  value:  "soon"' in listed.out
    assert f'"id": {campaign.id}' in listed.out
    assert "0 open rejects" in signed_in("rejects", "--asset", "creatives").out
    assert "1 reject is still open" in signed_in("rejects", "retry").out
    world.edit.drop_field("adCampaigns", campaign.id, "runSchedule")
    assert "0 rejects are still open" in signed_in("rejects", "retry").out
    assert "0 open rejects" in signed_in("rejects").out
