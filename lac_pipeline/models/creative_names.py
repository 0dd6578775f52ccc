"""The name of a creative: LinkedIn names only few creatives, and an id says little to a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lac_pipeline.linkedin.records import NameSource
from lac_pipeline.linkedin.urn import MESSAGE, kind_of
from lac_pipeline.models.little_text import plain

_LENGTH = 120
_HEADLINES = ("headline", "title")
_WORDINGS = ("custom", "preApproved")
"""Jobs and follow ads hold their headline as the advertiser's own wording or as one of LinkedIn's."""


def name_of(creative: Mapping[str, object], *, content_name: str | None = None) -> tuple[str, NameSource]:
    """Choose the best name known.

    Args:
        creative: the creative as LinkedIn sends it.
        content_name: `name_of_content` of the post or message that it shows, where that was read.

    Returns:
        The name and where it comes from; the number at the tail of the id if there is nothing better.
    """
    reference = _at(creative, "content", "reference")
    shows_message = isinstance(reference, str) and kind_of(reference) == MESSAGE
    found: tuple[tuple[object, NameSource], ...] = (
        (creative.get("name"), "creative"),
        (content_name, "message" if shows_message else "post"),
        (_headline(creative.get("content")), "headline"),
    )
    for name, source in found:
        if isinstance(name, str) and name.strip():
            return name.strip(), source
    return str(creative.get("id", "")).rpartition(":")[2], "id"


def name_of_content(content: Mapping[str, object]) -> str | None:
    """Choose the best name in a post or message: Campaign Manager's, a title or subject, or the first line of text."""
    found = (
        _at(content, "adContext", "dscName"),
        content.get("name"),
        content.get("subject"),
        _at(content, "content", "article", "title"),
        _at(content, "content", "media", "title"),
        _first_line(content.get("commentary")),
    )
    return _first_text(found)


def _headline(content: object) -> str | None:
    """The headline of a content that is written into the creative: text, spotlight, jobs, follow, document."""
    kinds = content.values() if isinstance(content, Mapping) else ()
    headlines = [kind.get(name) for kind in kinds if isinstance(kind, Mapping) for name in _HEADLINES]
    worded = (headline.get(wording) for headline in headlines if isinstance(headline, Mapping) for wording in _WORDINGS)
    return _first_text([*headlines, *worded])


def _first_text(candidates: Iterable[object]) -> str | None:
    return next((text.strip() for text in candidates if isinstance(text, str) and text.strip()), None)


def _at(record: Mapping[str, object], *path: str) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _first_line(commentary: object) -> str | None:
    if not isinstance(commentary, str):
        return None
    line, *_ = [*(line.strip() for line in plain(commentary).splitlines() if line.strip()), ""]
    return line if len(line) <= _LENGTH else line[: _LENGTH - 1].rstrip() + "…"
