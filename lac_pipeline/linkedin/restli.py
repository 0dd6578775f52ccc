"""Rest.li 2.0 query strings, built once and sent byte for byte.

Source: LinkedIn's "Protocol version" page. Structure (`(`, `)`, `,`, `:`, `List(`) stays raw; every text inside it is
percent-encoded. An encoder that does not know the difference, such as an HTTP library's own, breaks both: LinkedIn
returns 400, or worse, 200 with nothing (a value encoded twice).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias
from urllib.parse import quote

from lac_pipeline.windows import DateWindow

Value: TypeAlias = "str | int | bool | date | Sequence[Value] | Mapping[str, Value]"


class Verbatim(str):
    """Text that goes into the query as it stands, for what Rest.li does not encode: `fields=id,name`."""

    __slots__ = ()


def encode(value: Value) -> str:
    """Write one value: text is quoted, a sequence becomes `List(...)`, a mapping `(key:value,...)`, a day its parts."""
    match value:
        case Verbatim():
            return str(value)
        case str():
            return quote(value, safe="") or "''"
        case int():
            return str(value).lower()
        case date():
            return f"(year:{value.year},month:{value.month},day:{value.day})"
        case Mapping():
            return f"({','.join(f'{encode(key)}:{encode(part)}' for key, part in value.items())})"
        case _:
            return f"List({','.join(encode(part) for part in value)})"


def query(parameters: Mapping[str, Value]) -> str:
    """Write a whole query string, parameters in the order given."""
    return "&".join(f"{name}={encode(value)}" for name, value in parameters.items())


def date_range(window: DateWindow) -> Mapping[str, Value]:
    """Write a half-open window as LinkedIn's `dateRange`, whose end is inclusive."""
    return {"start": window.start, "end": window.last}
