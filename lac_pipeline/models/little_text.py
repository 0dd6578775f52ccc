"""LinkedIn's "little text", in which posts are written: plain text, mentions, hashtags and escaped characters.

Source: LinkedIn's "little text format" page.
"""

from __future__ import annotations

import re

RESERVED = "\\|{}@[]()<>#*_~"
"""What stands for itself only behind a backslash."""

_INNER = r"(?:\\.|[^\\{closing}])*"
_MARKUP = re.compile(
    r"\\(?P<escaped>[" + re.escape(RESERVED) + r"])"
    r"|\{hashtag\|\\?(?P<sign>[#\uFF03])\|(?P<tag>" + _INNER.replace("{closing}", "}") + r")\}"
    r"|@\[(?P<mention>" + _INNER.replace("{closing}", r"\]") + r")\]\(urn:[^()]*\)",
    re.DOTALL,
)


def plain(text: str) -> str:
    r"""Write little text as a reader sees it: `{hashtag|\#|Close}` as `#Close`, `@[Ann](urn:…)` as `Ann`."""
    return _MARKUP.sub(_shown, text)


def _shown(markup: re.Match[str]) -> str:
    if markup["escaped"] is not None:
        return markup["escaped"]
    if markup["mention"] is not None:
        return plain(markup["mention"])
    return markup["sign"] + plain(markup["tag"])
