"""Text from outside, made safe to show."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.errors import LacError
from lac_pipeline.printable import one_line, printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\u009b31m"),
        ("\x7f", "\\u007f"),
        ("abc\u202ecba\u2066", "abc\\u202ecba\\u2066"),
        ("half \ud83d", "half \\ud83d"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("line\u2028sep", "line\\u2028sep"),
        ("Zoë 🚀 日本 שלום 👩\u200d💻 [bold] \\", "Zoë 🚀 日本 שלום 👩\u200d💻 [bold] \\"),
    ],
)
def test_what_steers_a_terminal_stands_as_text(raw: str, shown: str) -> None:
    """Controls, directions and half pairs are written out; letters of any script and emoji stay."""
    assert one_line(raw) == shown


def test_lines_of_ours_stay_lines() -> None:
    """A text that has lines keeps them, and nothing else that is raw."""
    assert printable("what\n\tsaid \x1b[1m\r\n") == "what\n\tsaid \\x1b[1m\\r\n"


@given(st.text())
def test_nothing_raw_is_left(text: str) -> None:
    """Whatever the text, no control character and no half pair is left, and JSON stays JSON of the same value."""
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in one_line(text))
    one_line(text).encode()
    assert json.loads(one_line(json.dumps(text, ensure_ascii=False))) == text


def test_an_error_shows_nothing_raw() -> None:
    """All parts of an error are safe, and a name in one cannot begin a line of the error's own."""
    error = LacError(
        "campaign a\nfix: b\x1b[2J", detail="403: \x1b]0;x\x07\nfix:   pay", meaning="m\x9b", fix="f\u202e"
    )
    assert str(error) == (
        "campaign a\\nfix: b\\x1b[2J\n  detail: 403: \\x1b]0;x\\x07\n          fix:   pay\n  why:    m\\u009b\n"
        "  fix:    f\\u202e"
    )
