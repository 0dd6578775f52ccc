"""LinkedIn's two kinds of paging: opaque cursors on the entity finders, start and count on the older ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from lac_pipeline.simulator.api.query import Query
from lac_pipeline.simulator.replies import Json, param_invalid
from lac_pipeline.simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Page:
    """The requested part of a list.

    Attributes:
        query: names the walk; a token of another query is refused.
        after: how many places the walk has passed, counted in ids, not rows: edits between pages do not shift it.
        number: how many pages were served before.
        size: the most elements of a page.
    """

    query: str
    after: int
    number: int
    size: int


def read_cursor(world: World, query: Query, walk: str, *, default: int, most: int) -> Page:
    """Read `pageSize` and `pageToken`.

    Raises:
        RestError: 400, when the size is out of bounds or the token is made up or of another query.
    """
    size = query.integer("pageSize", default=default, least=1, most=most)
    token = query.text("pageToken")
    if token is None:
        return Page(walk, 0, 0, size)
    known = world.cursors.get(token)
    if known is None or known[0] != walk:
        raise param_invalid("pageToken", "The page token is not one of this query")
    return Page(walk, known[1], known[2], size)


def cut(world: World, page: Page, keys: Sequence[int], *, descending: bool) -> tuple[slice, Json]:
    """Choose the rows of a page.

    Args:
        world: keeps the cursors.
        page: the requested part.
        keys: the ids of everything the query finds, in order.
        descending: whether the order falls.

    Returns:
        the rows to serve, and the `metadata` of the response.
    """
    passed = sum(key >= page.after if descending else key <= page.after for key in keys)
    start = 0 if page.number == 0 else passed
    rows = slice(start, start + _page_size(world, page, len(keys) - start))
    if rows.stop >= len(keys) and not _more_forced(world, page, rows, len(keys)):
        return rows, {}
    after = keys[rows.stop - 1] if rows.stop > start else page.after
    token = hashlib.sha256(f"{world.seed}/{page.query}/{after}/{page.number}".encode()).hexdigest()[:43]
    world.cursors[token] = (page.query, after, page.number + 1)
    return rows, {"nextPageToken": token}


def _page_size(world: World, page: Page, left: int) -> int:
    """How many rows the page holds: in ragged walks the first is one short, the second empty."""
    full = min(page.size, left)
    if not world.switches.ragged_pages or page.number > 1:
        return full
    return max(full - 1, 1 if full else 0) if page.number == 0 else 0


def _more_forced(world: World, page: Page, rows: slice, total: int) -> bool:
    """A ragged walk has its empty page also when one row is all there is."""
    return world.switches.ragged_pages and page.number == 0 and total > 0 and rows.stop >= total


def index_page(query: Query, path: str, elements: Sequence[Json]) -> Json:
    """Respond to a finder with `start` and `count`; the links are paths, already encoded."""
    start = query.integer("start", default=0)
    count = query.integer("count", default=10, least=1)
    others = "&".join(f"{name}={text}" for name, text in _plain(query))
    links = []
    for rel, at in (("prev", start - count), ("next", start + count)):
        if (rel == "prev" and start > 0) or (rel == "next" and at < len(elements)):
            href = f"{path}?{others}&start={max(at, 0)}&count={count}"
            links.append({"rel": rel, "href": href, "type": "application/json"})
    paging = {"start": start, "count": count, "links": links, "total": len(elements)}
    return {"paging": paging, "elements": list(elements[start : start + count])}


def _plain(query: Query) -> list[tuple[str, str]]:
    return [(name, encode(value)) for name, value in query.params.items() if name not in ("start", "count")]


def encode(value: object) -> str:
    """Write a value back in Rest.li 2.0."""
    if isinstance(value, list):
        return f"List({','.join(encode(item) for item in value)})"
    if isinstance(value, dict):
        return f"({','.join(f'{encode(key)}:{encode(item)}' for key, item in value.items())})"
    return quote(str(value), safe="")
