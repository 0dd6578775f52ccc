"""`lac status`: what is stored, how old it is, and when it is next due."""

from __future__ import annotations

import re

import pytest

from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.cli.conftest import FEW, Lac


def rows_of(text: str, asset: str) -> list[str]:
    """The lines of a table that are about an asset."""
    return [line for line in text.splitlines() if f" {asset} " in line]


def test_status_before_the_first_sync(signed_in: Lac) -> None:
    """An empty warehouse says what to run."""
    assert "run `lac sync --account all`" in signed_in("status").out


@pytest.mark.usefixtures("few_streams")
def test_status_after_a_sync(synced: Lac, world: World) -> None:
    """Every asset shows its age, status, rows and when it is next due; the rows are the world's."""
    result = synced("status")
    campaigns = rows_of(result.out, "campaigns")[0].split()
    assert campaigns[0] == "520000001"
    assert campaigns[4:8] == ["0min", "success", "4", "0"]
    assert len(result.out.splitlines()) == 1 + len(FEW.split(","))
    assert re.search(r"\d\d-\d\d \d\d:\d\dZ$", result.out.splitlines()[1])
