"""What a creative is called."""

from __future__ import annotations

from typing import Any

import pytest

from lac_pipeline.models.creative_names import name_of

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
    ("creative", "post", "expected"),
    [
        ({"name": " CFO guide v2 "}, POST, ("CFO guide v2", "creative")),
        ({}, POST, ("Autumn push", "dsc_name")),
        ({"name": "  "}, POST, ("Autumn push", "dsc_name")),
        ({}, without(POST, "adContext"), ("The CFO guide", "title")),
        ({}, {"content": {"media": {"title": "Film"}}}, ("Film", "title")),
        ({"content": {"textAd": {"headline": "Close faster"}}}, None, ("Close faster", "headline")),
        ({}, without(POST, "adContext", "content"), ("Close your books faster.", "commentary")),
        ({}, {"commentary": " \n "}, ("119962155", "id")),
        ({}, None, ("119962155", "id")),
    ],
)
def test_best_name_known(creative: dict[str, Any], post: dict[str, Any] | None, expected: tuple[str, str]) -> None:
    """The creative's own name comes first, then its post's, its title, its headline, its text, and at last its id."""
    assert name_of({"id": URN, **creative}, post=post) == expected


def test_long_commentary_is_cut() -> None:
    """A commentary is cut to 120 characters, and the cut can be seen."""
    name, _ = name_of({"id": URN}, post={"commentary": "word " * 100})
    assert len(name) <= 120
    assert name.endswith("word…")


@pytest.mark.parametrize("post", [{"adContext": "x"}, {"content": []}, {"commentary": 5}, {"content": {"media": None}}])
def test_odd_posts_do_no_harm(post: dict[str, Any]) -> None:
    """A post of another shape than documented gives no name and no error."""
    assert name_of({"id": URN}, post=post) == ("119962155", "id")
