"""What an ad says and where it leads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.models.ad_contents import AdContent, content_of_creative, content_of_shown

PAGE = "https://example.com/close"


@pytest.mark.parametrize(
    ("creative", "expected"),
    [
        (
            {"content": {"textAd": {"headline": "Close", "description": "In 3 days", "landingPage": PAGE}}},
            AdContent("Close", "In 3 days", None, PAGE),
        ),
        (
            {"content": {"spotlight": {"headline": "Join", "callToAction": "Sign up", "landingPage": f" {PAGE} "}}},
            AdContent("Join", None, "Sign up", PAGE),
        ),
        (
            {"content": {"follow": {"headline": {"custom": "", "preApproved": "Follow us"}, "callToAction": "VISIT"}}},
            AdContent("Follow us", None, "VISIT", None),
        ),
        (
            {"content": {"jobs": {"headline": {"custom": "Build it"}, "buttonLabel": {"preApproved": "APPLY_NOW"}}}},
            AdContent("Build it", None, "APPLY_NOW", None),
        ),
        (
            {"content": {"reference": "urn:li:share:1"}, "leadgenCallToAction": {"label": "DOWNLOAD"}},
            AdContent(call_to_action="DOWNLOAD"),
        ),
        ({"content": {"document": {"title": "Guide"}}}, AdContent("Guide")),
    ],
    ids=["text", "spotlight", "follow", "jobs", "lead-form", "document"],
)
def test_a_creatives_own_content_is_read(creative: dict[str, Any], expected: AdContent) -> None:
    """Every kind of content that is written into creatives, and the label of a lead form's button."""
    assert content_of_creative(creative) == expected


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (
            {
                "commentary": r"Close \(faster\) {hashtag|\#|CFO}",
                "content": {"media": {"title": "Film"}},
                "contentLandingPage": PAGE,
                "contentCallToActionLabel": "LEARN_MORE",
            },
            AdContent("Film", "Close (faster) #CFO", "LEARN_MORE", PAGE),
        ),
        (
            {"content": {"article": {"source": PAGE, "title": "Guide", "description": "How"}}},
            AdContent("Guide", "How", None, PAGE),
        ),
        (
            {"content": {"carousel": {"cards": [None, {"landingPage": PAGE, "media": {"title": "Card"}}]}}},
            AdContent("Card", None, None, PAGE),
        ),
        ({"commentary": " "}, AdContent()),
    ],
    ids=["media", "article", "carousel", "empty"],
)
def test_a_post_is_read(post: dict[str, Any], expected: AdContent) -> None:
    """Text without its markup, and the page of its button, its article or its first card."""
    assert content_of_shown(post) == expected


def test_a_message_is_read_as_a_reader_sees_it() -> None:
    """Markup, styles and white space go; paragraphs stay lines; the button's parts are below `subContent`."""
    message = {
        "name": "Autumn",
        "subject": "Close faster",
        "htmlBody": "<style>p {color: red}</style><p>Hello <b>Ann</b> &amp; Bob,</p>\n<p>here\n is how.<br>Bye</p>",
        "subContent": {"regular": {"callToActionText": "Read", "callToActionLandingPageUrl": PAGE}},
    }
    assert content_of_shown(message) == AdContent("Close faster", "Hello Ann & Bob,\nhere is how.\nBye", "Read", PAGE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "content textAd headline cards media commentary htmlBody subContent regular custom".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("content commentary htmlBody subContent leadgenCallToAction".split()), JSON))
def test_odd_contents_are_passed_over(record: dict[str, Any]) -> None:
    """Whatever stands in place of a text or an object, the content has texts or nothing."""
    for content in (content_of_creative(record), content_of_shown(record)):
        parts = (content.headline, content.text, content.call_to_action, content.landing_page)
        assert [part for part in parts if part is not None and not part.strip()] == []
        assert bool(content) == any(part is not None for part in parts)
