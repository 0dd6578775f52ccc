"""What a creative is called."""

from __future__ import annotations

from typing import Any

import pytest

from lac_pipeline.models.creative_names import name_of, name_of_post

URN = "urn:li:sponsoredCreative:119962155"
POST: dict[str, Any] = {
    "adContext": {"dscName": "Autumn push"},
    "content": {"article": {"title": "The CFO guide"}},
    "commentary": "\n  Close your books faster.\nHere is how.",
}


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """The record without some of its fields."""
    return {name: value for name, value in record.items() if name not in names}


@pytest.mark.parametrize(
    ("creative", "post_name", "expected"),
    [
        ({"name": " CFO guide v2 "}, "Autumn push", ("CFO guide v2", "creative")),
        ({}, "Autumn push", ("Autumn push", "post")),
        ({"name": "  "}, "Autumn push", ("Autumn push", "post")),
        ({"content": {"textAd": {"headline": "Close faster"}}}, None, ("Close faster", "headline")),
        ({}, None, ("119962155", "id")),
    ],
)
def test_best_name_known(creative: dict[str, Any], post_name: str | None, expected: tuple[str, str]) -> None:
    """The creative's own name comes first, then its post's, its headline, and at last its id."""
    assert name_of({"id": URN, **creative}, post_name=post_name) == expected


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (POST, "Autumn push"),
        (without(POST, "adContext"), "The CFO guide"),
        ({"content": {"media": {"title": "Film"}}}, "Film"),
        (without(POST, "adContext", "content"), "Close your books faster."),
        ({"commentary": " \n "}, None),
    ],
)
def test_a_post_is_called_by_its_best_name(post: dict[str, Any], expected: str | None) -> None:
    """Campaign Manager's name comes first, then a title, then the first line of the text."""
    assert name_of_post(post) == expected


def test_long_commentary_is_cut() -> None:
    """A commentary is cut to 120 characters, and the cut can be seen."""
    name = name_of_post({"commentary": "word " * 100})
    assert name is not None
    assert len(name) <= 120
    assert name.endswith("word…")


@pytest.mark.parametrize("post", [{"adContext": "x"}, {"content": []}, {"commentary": 5}, {"content": {"media": None}}])
def test_odd_posts_do_no_harm(post: dict[str, Any]) -> None:
    """A post of another shape than documented gives no name and no error."""
    assert name_of_post(post) is None
