"""How a 200 is read: exactly, for all of JSON."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.linkedin.bodies import parse

_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
_NAMES = st.text(max_size=4)
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner), max_leaves=9)


def read(content: bytes) -> dict[str, object]:
    """Read a body as the client does."""
    return parse(httpx.Response(200, content=content), subject="adAccounts")


@given(st.dictionaries(_NAMES, _VALUES), st.booleans())
def test_every_value_arrives_as_it_was_written(body: dict[str, object], ascii_only: bool) -> None:
    """Numbers of any size are exact, and text is text, escaped or not."""
    text = json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert read(text) == json.loads(text, parse_float=Decimal)


def test_money_keeps_its_digits() -> None:
    """A number in JSON becomes the Decimal of the same digits, never a float."""
    assert repr(read(b'{"cost":1.10}')["cost"]) == "Decimal('1.10')"


def test_one_spoiled_value_does_not_cost_the_page() -> None:
    """Half an emoji or a NaN reaches validation, which quarantines its record alone."""
    elements = read(b'{"elements":[{"name":"\\ud83d!"},{"cost":NaN},{"name":"good"}]}')["elements"]
    assert isinstance(elements, list)
    assert [list(element) for element in elements] == [["name"], ["cost"], ["name"]]
    assert elements[2] == {"name": "good"}
