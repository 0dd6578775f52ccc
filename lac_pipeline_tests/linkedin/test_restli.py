"""Rest.li query strings, byte for byte."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lac_pipeline.linkedin
from lac_pipeline.linkedin.restli import Value, Verbatim, date_range, encode, query
from lac_pipeline.simulator.api.restli_syntax import parse_query
from lac_pipeline.windows import DateWindow

TEXT = st.text(alphabet=st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("urn:li:sponsoredCampaign:123", "urn%3Ali%3AsponsoredCampaign%3A123"),
        ("My Name", "My%20Name"),
        ("(2,10)", "%282%2C10%29"),
        ("a'b|c&d#e", "a%27b%7Cc%26d%23e"),
        ("100%25", "100%2525"),
        ("", "''"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        (date(2026, 3, 9), "(year:2026,month:3,day:9)"),
        (["a:b", 2], "List(a%3Ab,2)"),
        ([], "List()"),
        ({"language": "en", "country": "US"}, "(language:en,country:US)"),
        ({"id": {"values": ["urn:li:x:1"]}}, "(id:(values:List(urn%3Ali%3Ax%3A1)))"),
        (Verbatim("id,name"), "id,name"),
    ],
)
def test_a_value_is_written_as_rest_li_requires(value: Value, text: str) -> None:
    """Structure stays raw, text inside it is percent-encoded once, a space never becomes a plus."""
    assert encode(value) == text


def test_a_half_open_window_is_written_with_its_last_day() -> None:
    """LinkedIn's date ranges include both ends."""
    window = DateWindow(date(2026, 10, 1), date(2026, 11, 1))
    assert encode(date_range(window)) == "(start:(year:2026,month:10,day:1),end:(year:2026,month:10,day:31))"


@given(TEXT)
def test_any_text_reaches_linkedin_as_it_is(text: str) -> None:
    """The simulator's strict parser gives back what was encoded, as a value, in a list and in a record."""
    sent = query({"value": text, "list": [text, text], "record": {"key": text}})
    assert parse_query(sent, protocol2=True) == {"value": text, "list": [text, text], "record": {"key": text}}


def test_no_query_is_left_to_httpx() -> None:
    """`params=` would encode a second time, for which LinkedIn returns 200 and nothing: banned in this package."""
    [folder] = lac_pipeline.linkedin.__path__
    used = [
        f"{module.name}:{call.lineno}"
        for module in Path(folder).glob("*.py")
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and any(keyword.arg == "params" for keyword in call.keywords)
    ]
    assert used == []
