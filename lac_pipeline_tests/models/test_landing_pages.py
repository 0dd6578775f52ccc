"""Landing pages taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.models.landing_pages import UTM, LandingPage


@pytest.mark.parametrize(
    ("url", "host", "path", "utm"),
    [
        ("https://WWW.Example.com:8443/a/b.html#x", "www.example.com", "/a/b.html", {}),
        ("https://example.com", "example.com", None, {}),
        ("example.com/x?utm_source=li", "example.com", "/x", {"utm_source": "li"}),
        ("//example.com/x", "example.com", "/x", {}),
        ("Example.com:8443/x?utm_source=li", "example.com", "/x", {"utm_source": "li"}),
        ("mailto:a@example.com", None, "a@example.com", {}),
        ("https://u:p@example.com/", "example.com", "/", {}),
        (
            "https://e.com/?UTM_Source=LinkedIn&utm_medium=paid%20social&utm_campaign=a+b&x=1&utm_source=no",
            "e.com",
            "/",
            {"utm_source": "LinkedIn", "utm_medium": "paid social", "utm_campaign": "a b"},
        ),
        ("https://e.com/?utm_content={{CAMPAIGN_NAME}}&utm_term=", "e.com", "/", {"utm_content": "{{CAMPAIGN_NAME}}"}),
        ("https://e.com/?utm_id=%FF%zz", "e.com", "/", {"utm_id": "\N{REPLACEMENT CHARACTER}%zz"}),
        ("https://[::1/x?utm_source=a", None, None, {}),
        ("https://e\N{CARE OF}.com/", None, None, {}),
        ("", None, None, {}),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str | None, path: str | None, utm: dict[str, str]) -> None:
    """Hosts are lower case and without port or user, parameters are decoded, and what cannot be read is None."""
    assert LandingPage.of(url) == LandingPage(host, path, utm)


@given(st.text() | st.text(alphabet="ht:/?#[]@&=%utm_sorce.\\ ", max_size=40))
def test_no_text_is_too_odd(url: str) -> None:
    """Whatever an advertiser wrote, there is a result."""
    assert set(LandingPage.of(url).utm) <= set(UTM)
