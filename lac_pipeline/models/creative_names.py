"""What to call a creative: LinkedIn names few of them, and people need more than a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Source = Literal["creative", "post", "headline", "id"]
"""Where a name comes from: the creative itself, the post it shows, its text ad's headline, or its id."""

_COMMENTARY_LENGTH = 120


def name_of(creative: Mapping[str, object], *, post_name: str | None = None) -> tuple[str, Source]:
    """Choose the best name known.

    Args:
        creative: the creative as LinkedIn sends it.
        post_name: what `name_of_post` says of the post it shows, where the app may read posts.

    Returns:
        The name and where it comes from; the number at the tail of the id if there is nothing better.
    """
    found: tuple[tuple[object, Source], ...] = (
        (creative.get("name"), "creative"),
        (post_name, "post"),
        (_at(creative, "content", "textAd", "headline"), "headline"),
    )
    for name, source in found:
        if isinstance(name, str) and name.strip():
            return name.strip(), source
    return str(creative.get("id", "")).rpartition(":")[2], "id"


def name_of_post(post: Mapping[str, object]) -> str | None:
    """Choose the best name in a post: Campaign Manager's, a title, or the first line of its text."""
    found = (
        _at(post, "adContext", "dscName"),
        _at(post, "content", "article", "title"),
        _at(post, "content", "media", "title"),
        _first_line(post.get("commentary")),
    )
    return next((name.strip() for name in found if isinstance(name, str) and name.strip()), None)


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
