"""Names for what LinkedIn leaves unnamed."""

from __future__ import annotations

from typing import Any

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.linkedin.lookups import POSTS, PROBES, content_resource
from lac_pipeline.linkedin.records import NoName
from lac_pipeline.simulator.world.entities import CREATIVES
from lac_pipeline.simulator.world.world import World
from lac_pipeline.warehouse.load.urn_names import UrnNames
from lac_pipeline.warehouse.schema.views.campaign_targeting import VIEW as CAMPAIGN_TARGETING
from lac_pipeline.warehouse.schema.views.creative_content import VIEW as CREATIVE_CONTENT
from lac_pipeline_tests.defs.conftest import Pipeline
from lac_pipeline_tests.warehouse.advertising import rows_of

POSTS_SCOPES = ("r_ads", "r_ads_reporting", "r_organization_social")


@pytest.fixture
def world() -> World:
    """The demo's world, in which some creatives have no name and some segments cannot be resolved."""
    world = World.demo()
    world.switches.ragged_pages = False
    return world


def test_segments_are_named_once(pipeline: Pipeline) -> None:
    """Companies, titles and places get LinkedIn's names in batches; a second sync requests none of them again."""
    account = str(pipeline.session.accounts("all")[0])
    pipeline.sync(account)
    table = pipeline.table("audience_demographics")
    segments = {segment for segment in table["segment"] if segment.startswith("urn:")}
    named = UrnNames(pipeline.warehouse.engine).known(segments)
    assert len(named) > 0.9 * len(segments)
    sizes = set(table.loc[table["pivot_type"] == "MEMBER_COMPANY_SIZE", "segment"])
    assert set(UrnNames(pipeline.warehouse.engine).known(sizes).values()) >= {"11 to 50 employees"}
    assert len(UrnNames(pipeline.warehouse.engine).known(sizes)) == len(sizes)
    calls = pipeline.world.calls["adTargetingEntities"]
    assert calls <= len(segments) / 50 + 2  # the targeted values are named by a request of their own
    pipeline.sync(account, force=True)
    assert pipeline.world.calls["adTargetingEntities"] == calls


def test_an_app_that_may_not_read_posts_sends_a_handful(pipeline: Pipeline) -> None:
    """Without the permission for posts a creative falls back to its headline or id, and a second sync tries no more.

    Posts that were not requested are no misses, so all are read as soon as the permission is there.
    """
    account = pipeline.session.accounts("all")[0]
    load_creatives(pipeline, account)
    load_creatives(pipeline, account)
    assert pipeline.world.calls["posts"] == 1 + PROBES
    creatives = pipeline.table("creatives")
    assert set(creatives["name_source"]) == {"creative", "message", "headline", "id"}
    assert creatives["name"].notna().all()
    references = [urn for urn in creatives["content_reference"].dropna() if content_resource(urn) is POSTS]
    assert len(references) > PROBES
    assert UrnNames(pipeline.warehouse.engine).settled(references, at=utc_now()) == {NoName.FORBIDDEN: PROBES}


def test_unnamed_creatives_take_the_name_of_their_post(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the app may read posts, a creative without a name is called what its post is called."""
    may_read_posts(pipeline, monkeypatch)
    load_creatives(pipeline, pipeline.session.accounts("all")[0])
    assert "post" in set(pipeline.table("creatives")["name_source"])


def test_a_message_ad_is_called_what_its_message_is_called(pipeline: Pipeline) -> None:
    """Message ads are read with the scopes for ads, and never as posts."""
    load_creatives(pipeline, pipeline.session.accounts("all")[0])
    creatives = pipeline.table("creatives")
    messages = creatives[creatives["name_source"] == "message"]
    assert len(messages) > 0
    ads = pipeline.world.entities.every(CREATIVES, None)
    called = {creative.id: creative.copy.name for creative in ads if creative.copy}
    assert dict(zip(messages["id"], messages["name"], strict=True)).items() <= called.items()
    assert not [
        request.path for request in pipeline.world.requests if "posts/" in request.path and "InMail" in request.path
    ]


def test_a_reference_that_postgresql_cannot_hold_costs_its_creative_alone(pipeline: Pipeline) -> None:
    """The record is refused; the account's other creatives are loaded."""
    account = pipeline.session.accounts("all")[0]
    first, *others = pipeline.world.entities.listed("creatives", account)
    pipeline.world.edit.set_field("creatives", first.id, "content", {"reference": "urn:li:share:1\0"})
    load_creatives(pipeline, account)
    assert set(pipeline.table("creatives")["id"]) == {creative.id for creative in others}


@pytest.mark.parametrize(("status", "reason"), [(403, NoName.FORBIDDEN), (400, NoName.REFUSED), (500, None)])
def test_each_name_is_its_own_affair(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, status: int, reason: NoName | None
) -> None:
    """One post that is refused or fails costs only its own name; what may pass is read at the next sync."""
    may_read_posts(pipeline, monkeypatch)
    account = pipeline.session.accounts("all")[0]
    named = [
        creative["content"].get("reference", "")
        for creative in pipeline.world.truth.creatives(account)
        if "name" not in creative
    ]
    bad = next(urn for urn in named if urn.startswith("urn:li:share:"))
    pipeline.world.edit.refuse(bad, status)
    load_creatives(pipeline, account)
    creatives = pipeline.table("creatives").set_index("content_reference")
    assert (creatives["name_source"] == "post").sum() > 2
    assert creatives.loc[bad, "name_source"] == "id"
    settled = UrnNames(pipeline.warehouse.engine).settled([bad], at=utc_now())
    assert settled == ({reason: 1} if reason else {})
    pipeline.world.edit.refuse(bad, None)
    load_creatives(pipeline, account)
    again = pipeline.table("creatives").set_index("content_reference")
    assert again.loc[bad, "name_source"] == ("id" if reason else "post")


def test_creatives_say_what_they_say_and_where_they_lead(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own contents, posts and messages are kept with their landing pages, and none is read a second time."""
    may_read_posts(pipeline, monkeypatch)
    account = pipeline.session.accounts("all")[0]
    load_creatives(pipeline, account)
    calls = (pipeline.world.calls["posts"], pipeline.world.calls["inMailContents"])
    rows = content_rows(pipeline)
    assert {row["landing_page_source"] for row in rows} == {"creative", "post", "message", None}
    led = [row for row in rows if row["landing_page"]]
    assert {row["landing_page_host"] for row in led} == {"www.northwind.example"}
    assert [row for row in led if row["utm_content"] != str(row["creative_id"])] == []
    assert {row["lead_form"] is not None for row in rows if row["landing_page_source"] is None} == {True, False}
    load_creatives(pipeline, account)
    assert (pipeline.world.calls["posts"], pipeline.world.calls["inMailContents"]) == calls


def test_posts_that_were_read_for_their_names_alone_are_read_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post that has a name, and no content yet, is read at the next sync, however new its name is."""
    may_read_posts(pipeline, monkeypatch)
    account = pipeline.session.accounts("all")[0]
    references = [creative["content"].get("reference", "") for creative in pipeline.world.truth.creatives(account)]
    UrnNames(pipeline.warehouse.engine).keep(dict.fromkeys(filter(None, references), "Known"), at=utc_now())
    load_creatives(pipeline, account)
    assert {row["landing_page_source"] for row in content_rows(pipeline)} == {"creative", "post", "message", None}


def content_rows(pipeline: Pipeline) -> list[dict[str, Any]]:
    """All rows of the view of creatives' contents."""
    with pipeline.warehouse.engine.connect() as connection:
        return rows_of(connection, CREATIVE_CONTENT)


def may_read_posts(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app have the scope for posts."""
    token, _ = pipeline.world.authorize(POSTS_SCOPES)
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", token)


def load_creatives(pipeline: Pipeline, account: int) -> None:
    """Load the account's creatives, and nothing else."""
    assert pipeline.materialize(["creatives"], partition=str(account)).success


def test_targeted_values_are_named_once(pipeline: Pipeline) -> None:
    """What campaigns target is named in one request, also values that are ranges; a second load requests none again."""
    account = str(pipeline.session.accounts("all")[0])
    assert pipeline.materialize(["campaigns"], partition=account).success
    with pipeline.warehouse.engine.connect() as connection:
        rows = rows_of(connection, CAMPAIGN_TARGETING)
    ranges = [row for row in rows if row["facet"] == "staffCountRanges"]
    assert ranges
    assert [row["urn"] for row in ranges if row["target_name"] == row["urn"]] == []
    assert {row["target_name"] for row in rows if row["rule"] == "exclude"} == {"Entry"}
    assert pipeline.world.calls["adTargetingEntities"] == 1
    assert pipeline.materialize(["campaigns"], partition=account).success
    assert pipeline.world.calls["adTargetingEntities"] == 1
