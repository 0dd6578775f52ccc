"""Typed access to the parameters of one call; whatever does not fit is refused as LinkedIn refuses it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from lac_pipeline.simulator.api.restli_syntax import Value, query_param_not_allowed
from lac_pipeline.simulator.replies import RestError, param_invalid

_URN = re.compile(r"urn:li[a]?:[A-Za-z]+:.+")
_ENCODED_TWICE = re.compile(r"%[0-9A-Fa-f]{2}")


class Query:
    """The parameters of one request."""

    def __init__(self, params: dict[str, Value]) -> None:
        self.params = params

    def __contains__(self, name: str) -> bool:
        return name in self.params

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse every parameter that is not in the list."""
        unknown = set(self.params) - set(allowed)
        if unknown:
            raise query_param_not_allowed(min(unknown))

    def text(self, name: str) -> str | None:
        """A plain string parameter."""
        value = self.params.get(name)
        if value is None or isinstance(value, str):
            return value
        raise param_invalid(name)

    def require(self, name: str) -> Value:
        """A parameter that must be there."""
        if name not in self.params:
            raise RestError(400, "PARAM_MISSING", f"Parameter '{name}' is required", path=name)
        return self.params[name]

    def enum(self, name: str, allowed: Collection[str]) -> str | None:
        """An enum parameter; LinkedIn reads both `CAMPAIGN` and `(value:CAMPAIGN)`."""
        value = self.params.get(name)
        return None if value is None else enum_value(value, allowed, path=name)

    def enums(self, name: str, allowed: Collection[str]) -> list[str] | None:
        """A list of enum values."""
        items = self.items(name)
        return None if items is None else [enum_value(item, allowed, path=name) for item in items]

    def items(self, name: str) -> list[Value] | None:
        """A `List(...)` parameter."""
        value = self.params.get(name)
        if value is None or isinstance(value, list):
            return value
        raise param_invalid(name)

    def urns(self, name: str) -> list[str] | None:
        """A list of URNs; one that was encoded twice stays, and matches nothing."""
        items = self.items(name)
        return None if items is None else [urn_value(item, path=name) for item in items]

    def integer(self, name: str, *, default: int, least: int = 0, most: int | None = None) -> int:
        """An integer parameter within bounds."""
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,10}", text) or int(text) < least:
            raise param_invalid(name)
        if most is not None and int(text) > most:
            raise param_invalid(name, f"Specified {name} is larger than {most}")
        return int(text)

    def boolean(self, name: str) -> bool | None:
        """A `true` or `false` parameter."""
        value = self.params.get(name)
        return None if value is None else bool_value(value, path=name)

    def names(self, name: str = "fields") -> list[str] | None:
        """A plain comma list, as `fields` is."""
        text = self.text(name)
        return None if text is None else [part for part in text.split(",") if part]


def enum_value(value: Value, allowed: Collection[str], *, path: str) -> str:
    """Read one enum value, wrapped or bare."""
    if isinstance(value, dict) and set(value) == {"value"}:
        value = value["value"]
    if isinstance(value, str) and value in allowed:
        return value
    raise param_invalid(path)


def bool_value(value: Value, *, path: str) -> bool:
    """Read `true` or `false`."""
    if value not in ("true", "false"):
        raise param_invalid(path)
    return value == "true"


def urn_value(value: Value, *, path: str) -> str:
    """Read one URN of a list."""
    if isinstance(value, str) and (_URN.fullmatch(value) or _ENCODED_TWICE.search(value)):
        return value
    message = f"Array parameter '{path}' value '{value}' is invalid. Reason: Deserializing output '{value}' failed"
    raise RestError(400, None, message)


def date_value(value: Value, *, path: str) -> date:
    """Read `(year:2026,month:10,day:1)`."""
    if not isinstance(value, dict) or set(value) != {"year", "month", "day"}:
        raise param_invalid(path)
    parts = [value["year"], value["month"], value["day"]]
    if not all(isinstance(part, str) and re.fullmatch(r"\d{1,4}", part) for part in parts):
        raise param_invalid(path)
    try:
        return date(*(int(str(part)) for part in parts))
    except ValueError as impossible:
        raise param_invalid(path) from impossible
