"""Responses of LinkedIn's altered in every way that JSON allows: fields by each kind of value, rows, lists, bodies."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

_LEVELS = (150, 700, 850)
_RAW = {
    "@@1e400@@": "1e400",
    "@@huge@@": "1e999999999999999999999",
    "@@digits@@": "9" * 5000,
    "@@nan@@": "NaN",
    "@@infinity@@": "-Infinity",
    "@@half@@": '"\\ud83d"',
    **{f"@@deep{levels}@@": "[" * levels + "]" * levels for levels in _LEVELS},
    "@@objects@@": '{"a":' * 700 + "1" + "}" * 700,
}
"""Tokens that Python's own writer of JSON does not write."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -5,
    3,
    2**70,
    2.5,
    "",
    "text",
    "3",
    "3.0",
    "nul\0",
    "ü" * 10_000,
    [],
    [None],
    ["text", "text"],
    [{}],
    {},
    {"start": None, "end": "text"},
    {"year": 2026, "month": 13, "day": 1},
    {"text": {"text": None}},
    *_RAW,
)
"""What may stand in the place of a value."""

ELEMENTS: tuple[Any, ...] = (None, "text", 5, True, [], ["text"], {}, {"id": None}, {"id": [1]}, "@@deep700@@")
"""What may stand in the place of a record."""

BODIES = (
    b"",
    b"null",
    b"5",
    b'"text"',
    b"[]",
    b"{}",
    b"[" * 20_000,
    b"<html>bad gateway</html>",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b'{"elements":',
    b'{"elements":null}',
    b'{"elements":5}',
    b'{"elements":"text"}',
    b'{"elements":{}}',
    b'{"elements":{"elements":[]}}',
    b'{"elements":[],"metadata":null}',
    b'{"elements":[],"metadata":[]}',
    b'{"elements":[],"metadata":"text"}',
    b'{"elements":[],"metadata":{"nextPageToken":5}}',
    b'{"elements":[],"metadata":{"nextPageToken":{}}}',
    b'{"elements":[],"metadata":{"nextPageToken":["a"]}}',
    b'{"elements":[],"metadata":{"nextPageToken":true}}',
    b'{"elements":[],"metadata":{"nextPageToken":"again"}}',
    b'{"elements":[],"paging":5,"metadata":{}}',
    b'{"elements":[],"paging":{"count":"ten","links":5},"metadata":{}}',
)
"""Whole bodies."""


@dataclass(frozen=True, slots=True)
class Altered:
    """One altered response.

    Attributes:
        name: what was done, for the report of a failing test.
        body: the bytes.
        elements: how many elements it holds; None where it holds no list.
        path: the altered place in the first element; None where more than that was altered.
    """

    name: str
    body: bytes
    elements: int | None
    path: Path | None = None


def written(body: object) -> bytes:
    """Write JSON with the tokens that Python does not write."""
    text = json.dumps(body)
    for token, raw in _RAW.items():
        text = text.replace(f'"{token}"', raw)
    return text.encode()


def alterations(body: dict[str, Any]) -> Iterator[Altered]:
    """Alter a valid response that holds a list of elements, one thing at a time.

    Args:
        body: the response, with at least two elements; the first one is altered.
    """
    elements = body["elements"]
    for path in paths(elements[0]):
        shorter = _with(elements, path, drop=True)
        yield Altered(f"without {path}", written(body | {"elements": shorter}), len(shorter), path)
        for value in VALUES:
            changed = _with(elements, path, value)
            yield Altered(f"{path} = {value!r:.40}", written(body | {"elements": changed}), len(elements), path)
    yield from rows(body)
    for raw in BODIES:
        yield Altered(f"body {raw[:40]!r}", raw, None)
    whole = written(body)
    yield Altered("cut in the middle", whole[: len(whole) // 2], None)


def rows(body: dict[str, Any]) -> Iterator[Altered]:
    """Alter which elements there are: others beside them, others in their place, one twice."""
    elements = body["elements"]
    for other in ELEMENTS:
        for name, changed in (("and", [*elements, other]), ("instead", [other, *elements[1:]])):
            yield Altered(f"{name} {other!r:.40}", written(body | {"elements": changed}), len(changed))
    yield Altered("an element twice", written(body | {"elements": [*elements, elements[0]]}), None)
    two = [*elements, None, None, "text", "text"]
    yield Altered("four that are none", written(body | {"elements": two}), len(two))


def paths(value: object, above: Path = ()) -> Iterator[Path]:
    """Every place in a value, from the outside in."""
    inner: Sequence[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for step, below in inner:
        yield (*above, step)
        yield from paths(below, (*above, step))


def _with(elements: list[Any], path: Path, value: object = None, *, drop: bool = False) -> list[Any]:
    first = copy.deepcopy(elements[0])
    place = first
    for step in path[:-1]:
        place = place[step]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return [first, *elements[1:]]
