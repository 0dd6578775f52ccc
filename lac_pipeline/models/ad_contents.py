"""What an ad says and where it leads: from the creative, and from the post or message that it shows.

Sources: LinkedIn's pages on creatives, posts and message ads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from html.parser import HTMLParser

from lac_pipeline.models.little_text import plain

_WORDINGS = ("custom", "preApproved")
"""Jobs and follow ads hold a text as the advertiser's own wording or as one of LinkedIn's."""
_HEADLINES = ("headline", "title")
_TEXTS = ("description",)
_BUTTONS = ("callToAction", "buttonLabel")
_PAGES = ("landingPage", "landingPageUrl")
_LINE_ENDS = frozenset({"br", "div", "h1", "h2", "h3", "li", "p", "tr"})
_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset({"script", "style", "title"})


@dataclass(frozen=True, slots=True)
class AdContent:
    """The parts of an ad that a reader sees, each None where it has none or is not known.

    Attributes:
        headline: of the ad, or the subject of a message.
        text: plain, without markup.
        call_to_action: the label of its button, as LinkedIn names it (`LEARN_MORE`) or as the advertiser wrote it.
        landing_page: where a click leads, as the advertiser wrote it.
    """

    headline: str | None = None
    text: str | None = None
    call_to_action: str | None = None
    landing_page: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return any(getattr(self, field.name) is not None for field in fields(self))


def content_of_creative(creative: Mapping[str, object]) -> AdContent:
    """Read what is written into a creative itself: text, spotlight, follow, jobs, event and document ads."""
    content = creative.get("content")
    kinds = [kind for kind in content.values() if isinstance(kind, Mapping)] if isinstance(content, Mapping) else []
    form = creative.get("leadgenCallToAction")
    label = form.get("label") if isinstance(form, Mapping) else None
    return AdContent(
        headline=_first(_named(kinds, _HEADLINES)),
        text=_first(_named(kinds, _TEXTS)),
        call_to_action=_first([label, *_named(kinds, _BUTTONS)]),
        landing_page=_first(_named(kinds, _PAGES)),
    )


def content_of_shown(shown: Mapping[str, object]) -> AdContent:
    """Read a post or a message that a creative shows."""
    return _of_message(shown) if "subContent" in shown or "htmlBody" in shown else _of_post(shown)


def _of_post(post: Mapping[str, object]) -> AdContent:
    content = post.get("content")
    kinds = [kind for kind in content.values() if isinstance(kind, Mapping)] if isinstance(content, Mapping) else []
    cards = [card for kind in kinds for card in _objects(kind.get("cards"))]
    media = [card.get("media") for card in cards]
    titled = [*kinds, *(item for item in media if isinstance(item, Mapping))]
    commentary = post.get("commentary")
    return AdContent(
        headline=_first(_named(titled, _HEADLINES)),
        text=_first([plain(commentary) if isinstance(commentary, str) else None, *_named(kinds, _TEXTS)]),
        call_to_action=_first([post.get("contentCallToActionLabel")]),
        landing_page=_first([post.get("contentLandingPage"), *_named(kinds, ("source",)), *_named(cards, _PAGES)]),
    )


def _of_message(message: Mapping[str, object]) -> AdContent:
    below = message.get("subContent")
    parts = [part for part in below.values() if isinstance(part, Mapping)] if isinstance(below, Mapping) else []
    body = message.get("htmlBody")
    return AdContent(
        headline=_first([message.get("subject")]),
        text=_first([_text_of(body) if isinstance(body, str) else None]),
        call_to_action=_first(_named(parts, ("callToActionText",))),
        landing_page=_first(_named(parts, ("callToActionLandingPageUrl",))),
    )


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    yield from (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def _named(parts: Iterable[Mapping[str, object]], names: Iterable[str]) -> Iterator[object]:
    """The values of these names, each also by its wordings."""
    for part in parts:
        for name in names:
            value = part.get(name)
            yield from [value.get(wording) for wording in _WORDINGS] if isinstance(value, Mapping) else [value]


def _first(candidates: Iterable[object]) -> str | None:
    return next((text.strip() for text in candidates if isinstance(text, str) and text.strip()), None)


class _Reader(HTMLParser):
    """Collects the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or what no reader sees."""
        del attrs
        self.unseen += tag in _UNSEEN
        if tag in _LINE_ENDS:
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what no reader sees."""
        self.unseen -= self.unseen > 0 and tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self.unseen:
            self.seen.append(_SPACE.sub(" ", data))


def _text_of(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(reader.seen).splitlines())
    return "\n".join(line for line in lines if line)
