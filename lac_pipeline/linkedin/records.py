"""What passes from the models to storage beside rows: rejected records, and the sources of names."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec import field as field_


class RejectedRecord(Struct, frozen=True):
    """One record of LinkedIn's that is not loaded, and why.

    Attributes:
        record_id: the record's own id or key (`337643194`, `337643194|2026-11-20`), as far as it can be read.
        field: dotted path of the first field that failed, in LinkedIn's spelling.
        value: the value received for it, as JSON text, cut at 500 characters.
        reason: what is wrong with it, for a person.
        raw: the record as LinkedIn sent it.
        key: the columns of its table's key, and their values, as far as they could be read; a record that lacks some
            could be about any row.
    """

    record_id: str
    field: str
    value: str
    reason: str
    raw: Mapping[str, object]
    key: Mapping[str, object] = field_(default_factory=dict)


NameSource = Literal["creative", "post", "message", "headline", "id"]
"""Where a creative's name comes from: itself, the post or message it shows, its content's headline, or its id."""


class NoName(StrEnum):
    """Why LinkedIn lastingly has no name for a URN."""

    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"
    UNNAMED = "unnamed"
