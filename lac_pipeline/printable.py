"""Makes text from outside safe to show: control characters and changes of direction are written as visible text.

Names, values and messages of LinkedIn may contain any character. An escape sequence could change the colours, the
cursor or the title of the terminal, a bidirectional override could reverse the text after it, and half a surrogate pair
cannot be written at all.
"""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SEPARATORS = "\u2028\u2029"
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_KEPT = "\n\t"


def _shown(code: int) -> str:
    """How a character is written: `x1b` after a backslash, and from 127 on as in JSON, so that JSON stays JSON."""
    return _NAMED.get(chr(code)) or (f"\\x{code:02x}" if code < 0x7F else f"\\u{code:04x}")


_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_SURROGATES = range(0xD800, 0xE000)
"""Unicode will add to neither: the stability of these two categories is promised."""
_ONE_LINE = {code: _shown(code) for code in (*_CONTROLS, *_SURROGATES, *map(ord, _SEPARATORS + _DIRECTIONS))}
_LINES = {code: shown for code, shown in _ONE_LINE.items() if chr(code) not in _KEPT}


def printable(text: str) -> str:
    """Write control characters, directions and lone surrogates as text; line breaks and tabs stay.

    For text that has lines of its own, such as an error of ours with a name in it.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_LINES)


def one_line(text: str) -> str:
    """Do the same, with line breaks and tabs, so that a name cannot begin a line that is not ours."""
    return text if text.isascii() and text.isprintable() else text.translate(_ONE_LINE)


def counted(number: int, noun: str) -> str:
    """Write a number and its noun, whose plural ends in s: `1 row`, `12,345 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def without_colours(text: str) -> str:
    """Take the codes of colours out of what another program printed, as Dagster's log has them in files too."""
    return _COLOURS.sub("", text)
