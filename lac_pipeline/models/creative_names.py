"""What to call a creative: LinkedIn names few of them, and people need more than a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Source = Literal["creative", "dsc_name", "title", "headline", "commentary", "id"]
"""Where a name comes from: the creative, its post's name in Campaign Manager, a title, headline or text, or the id."""

_COMMENTARY_LENGTH = 120


def name_of(creative: Mapping[str, object], *, post: Mapping[str, object] | None = None) -> tuple[str, Source]:
    """Choose the best name known.

    Args:
        creative: the creative as LinkedIn sends it.
        post: the post it shows, as LinkedIn's Posts API sends it, where the app may read posts.

    Returns:
        The name and where it comes from; the number at the tail of the id if there is nothing better.
    """
    post = post or {}
    found: tuple[tuple[object, Source], ...] = (
        (creative.get("name"), "creative"),
        (_at(post, "adContext", "dscName"), "dsc_name"),
        (_at(post, "content", "article", "title") or _at(post, "content", "media", "title"), "title"),
        (_at(creative, "content", "textAd", "headline"), "headline"),
        (_first_line(post.get("commentary")), "commentary"),
    )
    for name, source in found:
        if isinstance(name, str) and name.strip():
            return name.strip(), source
    return str(creative.get("id", "")).rpartition(":")[2], "id"


def _at(record: Mapping[str, object], *path: str) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _first_line(commentary: object) -> str | None:
    if not isinstance(commentary, str):
        return None
    line, *_ = [*(line.strip() for line in commentary.splitlines() if line.strip()), ""]
    return line if len(line) <= _COMMENTARY_LENGTH else line[: _COMMENTARY_LENGTH - 1].rstrip() + "…"
