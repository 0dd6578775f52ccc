"""A strict reader of Rest.li 2.0 query strings, over the raw text as it came in the URL or a tunnelled body.

Structure characters `( ) , :` must be raw, the same characters inside a value percent-encoded. What LinkedIn does with
mistakes was seen live: `+` for a space is refused, an un-encoded URN in a list is refused by another message, a bare
`|` is refused by the URI parser, and a value that was encoded twice is read as another value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from lac_pipeline.simulator.replies import RestError, param_invalid

Value = str | list["Value"] | dict[str, "Value"]

PLAIN_PARAMS = frozenset({"fields"})

_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_IN_A_URI = re.compile(r"[^\x21-\x7e]|[|\"<>\\^`{}]")


class StructureError(Exception):
    """The text is not a Rest.li value."""


class BareColonError(StructureError):
    """A list item holds a raw colon, as an un-encoded URN does."""


def decode(text: str) -> str:
    """Undo one layer of percent-encoding.

    Raises:
        StructureError: a percent sign without two hex digits, or bytes that are not UTF-8.
    """
    if "+" in text or _BROKEN_PERCENT.search(text):
        raise StructureError(text)
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError as broken:
        raise StructureError(text) from broken


@dataclass(slots=True)
class _Reader:
    """A cursor over one raw value."""

    text: str
    at: int = 0

    def value(self, *, in_list: bool = False) -> Value:
        if self._take("List("):
            return self._items()
        if self._take("("):
            return self._record()
        return self._string(in_list=in_list)

    def finish(self) -> None:
        if self.at != len(self.text):
            raise StructureError(self.text)

    def _take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def _items(self) -> list[Value]:
        items: list[Value] = []
        if self._take(")"):
            return items
        while True:
            items.append(self.value(in_list=True))
            if self._take(")"):
                return items
            self._expect(",")

    def _record(self) -> dict[str, Value]:
        record: dict[str, Value] = {}
        if self._take(")"):
            return record
        while True:
            key = self._string()
            self._expect(":")
            record[key] = self.value()
            if self._take(")"):
                return record
            self._expect(",")

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise StructureError(self.text)

    def _string(self, *, in_list: bool = False) -> str:
        if self._take("''"):
            return ""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "(),:'":
            self.at += 1
        if in_list and self.at < len(self.text) and self.text[self.at] == ":":
            raise BareColonError(self.text)
        if self.at == start:
            raise StructureError(self.text)
        return decode(self.text[start : self.at])


def parse_value(text: str) -> Value:
    """Read one raw Rest.li value.

    Raises:
        StructureError: the text is not a Rest.li value.
    """
    reader = _Reader(text)
    value = reader.value()
    reader.finish()
    return value


def parse_query(raw: str, *, protocol2: bool) -> dict[str, Value]:
    """Read a raw query string into parameters.

    Args:
        raw: the text after `?`, still encoded.
        protocol2: whether the request announced Rest.li 2.0.0; without it structures are not read.

    Raises:
        RestError: 400, as LinkedIn words it for each kind of mistake.
    """
    bad = _NOT_IN_A_URI.search(raw)
    if bad:
        message = f"java.net.URISyntaxException: Illegal character in query at index {bad.start()}"
        raise RestError(400, None, message, gateway=True)
    params: dict[str, Value] = {}
    for piece in filter(None, raw.split("&")):
        name, _, text = piece.partition("=")
        if name in params:
            raise param_invalid(name, "Parameter is given more than once")
        params[name] = _parameter(name, text, protocol2=protocol2)
    return params


def _parameter(name: str, text: str, *, protocol2: bool) -> Value:
    if "." in name or "[" in name or "%5B" in name.upper():
        raise query_param_not_allowed(name)
    if not protocol2 and text.startswith(("List(", "(")):
        raise param_invalid(name, "Structure syntax needs the header X-Restli-Protocol-Version: 2.0.0")
    try:
        return decode(text) if name in PLAIN_PARAMS or not text else parse_value(text)
    except BareColonError as bare:
        message = f"Array parameter '{name}' value '{text}' is invalid. Reason: Deserializing output '{text}' failed"
        raise RestError(400, None, message) from bare
    except StructureError as broken:
        raise param_invalid(name) from broken


def query_param_not_allowed(name: str) -> RestError:
    """A parameter that the resource method does not have."""
    return RestError(400, "QUERY_PARAM_NOT_ALLOWED", f"Query parameter '{name}' is not allowed", path=name)
