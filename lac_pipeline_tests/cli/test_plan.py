"""`lac plan`: what would be done, and what it would cost."""

from __future__ import annotations

import pytest

from lac_pipeline.cli.terminal.documents import PlanDocument
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.conversions import CONVERSION_METRICS
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.cli.conftest import Lac


@pytest.fixture
def world() -> World:
    """One busy ad account at noon: LinkedIn's numbers of the running day come in by the hour."""
    world = World.synthetic(accounts=1, campaigns=4, creatives=8, days=20)
    world.set_now(world.now().replace(hour=12, minute=0))
    return world


def test_plan_of_an_unknown_account(signed_in: Lac, world: World) -> None:
    """Before the first sync the plan says that its calls are the least, and without a terminal it does nothing."""
    result = signed_in("plan", "--account", "all")
    assert result.code == 0, result.error
    assert "at least" in result.out
    assert world.calls["adAnalytics"] == 0


@pytest.mark.whole
def test_plan_is_kept(synced: Lac, world: World) -> None:
    """The estimate comes from the stored rows; `--yes` then runs the sync, with at most a few calls more or less."""
    today = world.now().date()
    before = sum(world.calls.values())
    plan = ("plan", "--account", "520000001", "--since", str(today))
    planned = PlanDocument.model_validate_json(synced(*plan, "--json").out)
    result = synced(*plan, "--yes")
    assert result.code == 0, result.error
    assert abs(sum(world.calls.values()) - before - planned.calls) <= 2
    [metrics] = [step for step in planned.steps if step.group == AssetGroup.METRICS]
    assert (metrics.since, metrics.until) == (today, today)
    names, one_day = [metric.name for metric in CONVERSION_METRICS], DateWindow.inclusive(today, today)
    rules = world.truth.analytics(520000001, "CONVERSION", "DAILY", one_day, names, within=("CREATIVE",))
    # campaigns, creatives, four devices of each campaign, and the rules by which creatives have conversions
    assert metrics.rows == 4 + 8 + 4 * 4 + len(rules)


def test_plan_refuses_senseless_days(signed_in: Lac) -> None:
    """Days in the wrong order are refused before anything is started."""
    result = signed_in("plan", "--account", "all", "--since", "2026-02-02", "--until", "2026-02-01")
    assert result.code == 2
    assert "swap them" in result.error
