"""Names for what LinkedIn leaves unnamed."""

from __future__ import annotations

import pytest

from lac_pipeline.simulator.world import World
from lac_pipeline.storage.names import UrnNames
from lac_pipeline_tests.pipeline.conftest import Pipeline

POSTS_SCOPES = ("r_ads", "r_ads_reporting", "r_organization_social")


@pytest.fixture
def world() -> World:
    """The demo's world, in which some creatives have no name and some segments cannot be resolved."""
    world = World.demo()
    world.switches.ragged_pages = False
    return world


def test_segments_are_named_once(pipeline: Pipeline) -> None:
    """Companies, titles and places get LinkedIn's names in batches; a second sync asks for none of them again."""
    account = str(pipeline.session.accounts("all")[0])
    pipeline.sync(account)
    table = pipeline.table("audience_demographics")
    segments = {segment for segment in table["segment"] if segment.startswith("urn:")}
    named = UrnNames(pipeline.warehouse.engine).known(segments)
    assert len(named) > 0.9 * len(segments)
    calls = pipeline.world.calls["adTargetingEntities"]
    assert calls <= len(segments) / 50 + 1
    pipeline.sync(account, force=True)
    assert pipeline.world.calls["adTargetingEntities"] == calls


def test_an_app_that_may_not_read_posts_asks_once(pipeline: Pipeline) -> None:
    """Without the permission for posts a creative falls back to its headline or id, at the price of a single call."""
    account = str(pipeline.session.accounts("all")[0])
    pipeline.sync(account)
    pipeline.sync(account, force=True)
    assert pipeline.world.calls["posts"] == 1
    creatives = pipeline.table("creatives")
    assert set(creatives["name_source"]) <= {"creative", "headline", "id"}
    assert creatives["name"].notna().all()


def test_unnamed_creatives_take_the_name_of_their_post(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the app may read posts, a creative without a name is called what its post is called."""
    token, _ = pipeline.world.authorize(POSTS_SCOPES)
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", token)
    pipeline.sync(str(pipeline.session.accounts("all")[0]))
    assert "post" in set(pipeline.table("creatives")["name_source"])
