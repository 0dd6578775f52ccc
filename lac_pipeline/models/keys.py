"""Reads the key of a record's row without the rest of the record, so that the row of a rejected record is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict


@dataclass(frozen=True)
class KeyReader:
    """Reads the columns of a table's key from LinkedIn's records.

    Attributes:
        columns: for each column that a record names, what reads it from the whole record.
        known: the columns that the request names, and their values.
    """

    columns: Mapping[str, TypeAdapter[dict[str, object]]]
    known: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, hints: Mapping[str, Any], known: Iterable[tuple[str, object]] = ()) -> KeyReader:
        """Make the reader of these columns, annotated as the record's model annotates them, alias included."""
        # The fields are known only now, so the type checker cannot know the dictionaries.
        readers = {name: TypeAdapter(TypedDict("key", {name: hint})) for name, hint in hints.items()}  # type: ignore[operator]
        return cls(readers, dict(known))

    def read(self, record: object, *, context: Mapping[str, object] | None = None) -> dict[str, object]:
        """Read the columns that can be read; none of them makes it raise."""
        key = dict(self.known)
        for reader in self.columns.values():
            try:
                key |= reader.validate_python(record, context=dict(context or {}))
            except ValidationError:
                continue
        return key

    def whole(self, record: object) -> tuple[object, ...] | None:
        """Read the whole key, in the order of its columns; None when a part of it cannot be read."""
        key = self.read(record)
        return tuple(key.values()) if len(key) == len(self.known) + len(self.columns) else None
