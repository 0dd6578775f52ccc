"""HTML and SVG written from nested elements; every text is escaped, for the names are other people's."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

from lac_pipeline.printable import printable

VOID = {"meta", "line", "rect", "path", "circle"}


class Html(str):
    """Markup that is already written."""

    __slots__ = ()


Child: TypeAlias = "str | Html | None"


def text(value: str) -> Html:
    """Escape a text; characters that HTML does not allow stand as text."""
    return Html(escape(printable(value), quote=True))


def join(*children: Child) -> Html:
    """Put texts and elements one after the other; None is nothing."""
    return Html("".join(child if isinstance(child, Html) else text(child) for child in children if child is not None))


def element(tag: str, /, *children: Child, **attributes: str | float | None) -> Html:
    """Write an element. In an attribute's name `_` stands for `-`, and at its end for nothing: `class_`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in VOID and not children:
        return Html(f"<{tag}{written}{'/' if tag != 'meta' else ''}>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def table(headings: list[Child], rows: list[list[Child]], *, narrow: set[int], caption: str | None = None) -> Html:
    """Write a table of a text column and numbers; columns that are not in `narrow` are left out on a phone."""
    columns = ["text" if n == 0 else "" for n in range(len(headings))]
    classes = [f"{kind} {'' if n in narrow else 'wide'}".strip() or None for n, kind in enumerate(columns)]
    head = [element("th", heading, class_=kind, scope="col") for heading, kind in zip(headings, classes, strict=True)]
    body = [
        element("tr", *(element("td", cell, class_=kind) for cell, kind in zip(row, classes, strict=True)))
        for row in rows
    ]
    above = element("caption", caption) if caption else None
    return element("table", above, element("thead", element("tr", *head)), element("tbody", *body))
