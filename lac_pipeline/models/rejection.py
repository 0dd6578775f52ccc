"""Why a record was refused, in words for the person who will look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lac_pipeline.linkedin.records import RejectedRecord

_VALUE_LENGTH = 500
_UNREADABLE = "a value beyond all measure"
_REASONS = {
    "missing": "LinkedIn sent no value, and the record is of no use without it",
    "bool_type": "true or false is expected",
    "string_type": "text is expected",
    "string_unicode": "text with half of a surrogate pair, which is not Unicode",
    "string_too_long": "a number of too many digits",
    "string_pattern_mismatch": "an exact decimal number is expected",
    "list_type": "a list is expected",
    "dict_type": "an object is expected",
    "model_type": "an object is expected",
}


def rejection_of(
    record: object, error: ValidationError, *, record_id: str, key: Mapping[str, object]
) -> RejectedRecord:
    """Return the first failure of a record, with LinkedIn's name of the field."""
    raw = record if isinstance(record, Mapping) else {"element": record}
    errors = error.errors(include_url=False, include_input=False)
    field = _field(raw, errors[0])
    # Where a field admits several kinds of value each of them has its complaint, and the last is about all.
    last = [each for each in errors if _field(raw, each) == field][-1]
    return RejectedRecord(
        record_id=record_id,
        field=".".join(field),
        value=_value(raw, field),
        reason=_REASONS.get(last["type"], last["msg"]),
        raw=raw,
        key=key,
    )


def _field(raw: Mapping[str, object], error: ErrorDetails) -> tuple[str, ...]:
    """Keep the part of pydantic's location that is a path in the record, and the missing step after it.

    The rest names the kind of value that was tried, where a field admits several.
    """
    value: Any = raw
    path: list[str] = []
    for step in (*error["loc"], *error.get("ctx", {}).get("below", ())):
        if not isinstance(value, Mapping) or (step not in value and error["type"] != "missing"):
            break
        path.append(str(step))
        value = value.get(step)
    return tuple(path)


def _value(raw: Mapping[str, object], field: tuple[str, ...]) -> str:
    value: Any = raw
    for step in field:
        if not isinstance(value, Mapping) or step not in value:
            return ""
        value = value[step]
    try:
        return json.dumps(value, default=str)[:_VALUE_LENGTH]
    except ValueError:  # a number of thousands of digits
        return _UNREADABLE
