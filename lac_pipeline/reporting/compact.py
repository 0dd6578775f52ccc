"""The snapshot without what a language model can do without: days, and what is not known."""

from __future__ import annotations

from typing import Any

BY_DAY = "days"
"""The part that holds a row for each of ninety days: a model reads it from the tables where it needs it."""


def compact(document: dict[str, Any]) -> dict[str, Any]:
    """Leave the days of the account and every null out of a snapshot; a part that is absent is unknown, not zero.

    An empty list stays: no quality note is something else than a document without notes.
    """
    return {name: _known(value) for name, value in document.items() if name != BY_DAY and value is not None}


def _known(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return {name: _known(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_known(part) for part in value]
    return value
