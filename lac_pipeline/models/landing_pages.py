"""The parts of a landing page's URL: host, path and campaign parameters."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
"""The campaign parameters that web analytics read, which are kept one by one."""


class LandingPage(Struct, frozen=True):
    """A URL taken apart; a part that cannot be read, or is not there, is None.

    Attributes:
        host: in lower case, without a port.
        path: without parameters, as it is written.
        utm: the campaign parameters of `UTM`, decoded; macros such as `{{CAMPAIGN_NAME}}` stay as they are.
    """

    host: str | None
    path: str | None
    utm: dict[str, str]

    @classmethod
    def of(cls, url: str) -> LandingPage:
        """Take a URL apart, however odd it is."""
        try:
            parts = urlsplit(url)
            if not parts.netloc and (not parts.scheme or "." in parts.scheme):
                parts = urlsplit(f"//{url}")  # written without https://, as people do; example.com:8443 has no scheme
            host = parts.hostname
        except ValueError:  # brackets that hold no address, or characters that no host may have
            return cls(None, None, {})
        found: dict[str, str] = {}
        for name, value in parse_qsl(parts.query):
            if name.lower() in UTM:
                found.setdefault(name.lower(), value)
        return cls(host, parts.path or None, found)
