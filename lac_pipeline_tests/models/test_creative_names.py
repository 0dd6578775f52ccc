"""What a creative is called."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.models.creative_names import name_of, name_of_content
from lac_pipeline.models.little_text import RESERVED, plain

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
    ("creative", "content_name", "expected"),
    [
        ({"name": " CFO guide v2 "}, "Autumn push", ("CFO guide v2", "creative")),
        ({}, "Autumn push", ("Autumn push", "post")),
        ({"name": "  "}, "Autumn push", ("Autumn push", "post")),
        ({"content": {"reference": "urn:li:share:1"}}, "Autumn push", ("Autumn push", "post")),
        ({"content": {"reference": "urn:li:adInMailContent:1"}}, "Autumn mail", ("Autumn mail", "message")),
        ({"content": {"textAd": {"headline": "Close faster"}}}, None, ("Close faster", "headline")),
        ({"content": {"spotlight": {"headline": "Join us", "description": "x"}}}, None, ("Join us", "headline")),
        ({"content": {"jobs": {"headline": {"custom": "Build it"}}}}, None, ("Build it", "headline")),
        ({"content": {"jobs": {"headline": {"preApproved": "Grow here"}}}}, None, ("Grow here", "headline")),
        ({"content": {"follow": {"headline": {"custom": " ", "preApproved": "Stay"}}}}, None, ("Stay", "headline")),
        ({"content": {"document": {"title": "Month end in 3 days"}}}, None, ("Month end in 3 days", "headline")),
        ({"content": {"spotlight": {"headline": ["x"]}, "jobs": None}}, None, ("119962155", "id")),
        ({}, None, ("119962155", "id")),
    ],
)
def test_best_name_known(creative: dict[str, Any], content_name: str | None, expected: tuple[str, str]) -> None:
    """The creative's own name comes first, then its post's, its headline, and at last its id."""
    assert name_of({"id": URN, **creative}, content_name=content_name) == expected


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (POST, "Autumn push"),
        (without(POST, "adContext"), "The CFO guide"),
        ({"content": {"media": {"title": "Film"}}}, "Film"),
        (without(POST, "adContext", "content"), "Close your books faster."),
        ({"commentary": " \n "}, None),
        ({"name": "Autumn mail", "subject": "Close faster"}, "Autumn mail"),
        ({"name": " ", "subject": "Close faster"}, "Close faster"),
        (
            {"commentary": r"Close \(fast\) {hashtag|\#|MonthEnd} with @[Ann \[CFO\]](urn:li:person:a1)"},
            "Close (fast) #MonthEnd with Ann [CFO]",
        ),
    ],
)
def test_a_post_is_called_by_its_best_name(post: dict[str, Any], expected: str | None) -> None:
    """Campaign Manager's name comes first, then a title, then the first line of the text."""
    assert name_of_content(post) == expected


def test_long_commentary_is_cut() -> None:
    """A commentary is cut to 120 characters, and the cut can be seen."""
    name = name_of_content({"commentary": "word " * 100})
    assert name is not None
    assert len(name) <= 120
    assert name.endswith("word…")


@given(st.text(alphabet=st.one_of(st.sampled_from(RESERVED), st.characters()), max_size=200))
def test_escaped_text_is_read_as_it_was_written(text: str) -> None:
    """Whatever a person writes, escaped as LinkedIn escapes it, comes back as it was."""
    assert plain("".join(f"\\{character}" if character in RESERVED else character for character in text)) == text


@pytest.mark.parametrize(
    ("little", "shown"),
    [
        (r"{hashtag|\#|Year\_End}", "#Year_End"),
        ("{hashtag|#|x}", "#x"),
        ("@[Northwind](urn:li:organization:2414183)!", "Northwind!"),
        (r"\@\[Ann\]\(urn:li:person:1\)", "@[Ann](urn:li:person:1)"),
        ("#tag and @name", "#tag and @name"),
        ("{unknown|x|y} {hashtag|", "{unknown|x|y} {hashtag|"),
        ("C:\\dir\\", "C:\\dir\\"),
        ("", ""),
    ],
)
def test_markup_is_read_as_a_person_sees_it(little: str, shown: str) -> None:
    """Hashtags and mentions are their words; what is no markup stays."""
    assert plain(little) == shown


@pytest.mark.parametrize("post", [{"adContext": "x"}, {"content": []}, {"commentary": 5}, {"content": {"media": None}}])
def test_odd_posts_do_no_harm(post: dict[str, Any]) -> None:
    """A post of another shape than documented gives no name and no error."""
    assert name_of_content(post) is None
