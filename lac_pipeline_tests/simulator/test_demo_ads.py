"""The demo's ads say what an advertiser would say, in the language of those whom they are for."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Any

import pytest

from lac_pipeline.commands.simulator import demo_world
from lac_pipeline.simulator.world.advertiser import DEMO_ACCOUNTS, PLANS, DemoAccount
from lac_pipeline.simulator.world.entities import CREATIVES
from lac_pipeline.simulator.world.identity import POSTS_SCOPE
from lac_pipeline.simulator.world.world import World
from lac_pipeline_tests.simulator.simulated_api import NOW

LONGEST_HEADLINE, LONGEST_DESCRIPTION = 25, 75
"""Of a text ad. Source: LinkedIn's page on the formats of ads."""


@pytest.fixture(scope="module")
def world() -> World:
    """The demo's world at a clock that stands still; nothing here changes it."""
    return World.demo(clock=lambda: NOW)


def test_the_demos_token_reads_the_posts_of_its_ads() -> None:
    """Most ads are posts, whose text and landing page only this scope opens; the same token at every start."""
    world = demo_world()
    assert POSTS_SCOPE in world.identities.access[world.token].scopes
    assert world.token == demo_world().token


def texts_of(world: World, account: DemoAccount) -> list[str]:
    """What the ads of an account say, with what the advertiser calls them."""
    copies = [creative.copy for creative in world.entities.every(CREATIVES, account.id)]
    assert all(copies)
    return [text for copy in copies if copy for text in (copy.headline, copy.intro, copy.name)]


def is_japanese(text: str) -> bool:
    """Whether most letters are kana or of the ideographs."""
    letters = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    return 2 * sum(name.startswith(("CJK", "HIRAGANA", "KATAKANA")) for name in letters) > len(letters)


@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.market)
def test_an_account_advertises_in_its_markets_language(world: World, account: DemoAccount) -> None:
    """Headlines, texts and names in Japan are Japanese, and the campaigns' locale and targeting agree with them."""
    japanese = account.market == "JP"
    assert {is_japanese(text) for text in texts_of(world, account)} == {japanese}
    assert {each["locale"]["language"] for each in world.truth.campaigns(account.id)} == {"ja" if japanese else "en"}


def test_ads_of_a_campaign_differ_and_are_about_its_theme(world: World) -> None:
    """Two ads that follow each other say something else, and campaigns of different themes share no headline."""
    account, by_campaign = DEMO_ACCOUNTS[0], dict[int, list[str]]()
    for creative in world.entities.every(CREATIVES, account.id):
        if creative.copy:
            by_campaign.setdefault(creative.parent_id, []).append(creative.copy.headline)
    assert all(first != second for ads in by_campaign.values() for first, second in pairwise(ads))
    by_theme: dict[str, set[str]] = {}
    for plan, campaign in zip(PLANS, sorted(by_campaign), strict=True):
        by_theme.setdefault(plan.theme, set()).update(by_campaign[campaign])
    every = [headline for headlines in by_theme.values() for headline in headlines]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda account: account.market)
def test_text_ads_fit_into_their_format(world: World, account: DemoAccount) -> None:
    """LinkedIn takes 25 letters of headline and 75 of description."""
    contents: list[dict[str, Any]] = [creative["content"] for creative in world.truth.creatives(account.id)]
    ads = [content["textAd"] for content in contents if "textAd" in content]
    assert ads
    assert all(len(ad["headline"]) <= LONGEST_HEADLINE for ad in ads)
    assert all(0 < len(ad["description"]) <= LONGEST_DESCRIPTION for ad in ads)
