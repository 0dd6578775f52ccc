"""What PostgreSQL cannot hold of the text that JSON can carry: the NUL character, and half a surrogate pair.

One rule defines it. A record with such text is refused by its model; what is kept of a refused record, and names
that are only shown, have it replaced, so that the loss can be seen.
"""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def flaw_of(text: str) -> str | None:
    """Describe what PostgreSQL cannot store of the text; None where it can store all of it."""
    found = _search(text)
    if found is None:
        return None
    if found[0] == "\0":
        return "text with a NUL character, which PostgreSQL cannot hold"
    return "text with half of a surrogate pair, which is not Unicode"


def replaced(text: str) -> str:
    """Replace what PostgreSQL cannot hold, each character by U+FFFD."""
    return text if _search(text) is None else _UNSTORABLE.sub(_REPLACEMENT, text)


def _search(text: str) -> re.Match[str] | None:
    # Most texts are ASCII, and for those the search for one character is several times faster.
    return None if text.isascii() and "\0" not in text else _UNSTORABLE.search(text)
