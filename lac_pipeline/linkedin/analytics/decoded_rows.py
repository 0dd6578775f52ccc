"""Rows of adAnalytics that were decoded at once, which needs a response whose rows all have the usual form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol, TypeAlias

from msgspec import Struct

Entity: TypeAlias = int | str | tuple[int | str, ...]
"""What a row is about: an id or a segment, or several of them, each for a column of its own."""


class Period(NamedTuple):
    """The days of a row: how its table writes them, the first and the last."""

    text: str
    first: date
    last: date


@dataclass(slots=True)
class DecodedRows:
    """The rows of one response, or of the calls of a tile joined, each key once.

    Attributes:
        rows: objects with an attribute for each metric; one that a response leaves out has its default.
        entities: what each row is about.
        periods: of which days each row is.
        paging: what the response says of its paging.
    """

    rows: list[Any]
    entities: list[Entity]
    periods: list[Period]
    paging: dict[str, Any]
    _by_key: dict[tuple[Entity, Period], Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def keys(self) -> list[tuple[date, str]]:
        """The day and the entity of each row."""
        return [(period.first, str(entity)) for period, entity in zip(self.periods, self.entities, strict=True)]

    def join(self, other: DecodedRows, metrics: Sequence[str]) -> None:
        """Take the metrics of another call for the same rows, and the rows that only the other has."""
        if not self._by_key:
            self._by_key = dict(zip(zip(self.entities, self.periods, strict=True), self.rows, strict=True))
        for key, row in zip(zip(other.entities, other.periods, strict=True), other.rows, strict=True):
            known = self._by_key.setdefault(key, row)
            if known is row:
                self.rows.append(row)
                self.entities.append(key[0])
                self.periods.append(key[1])
            else:
                for metric in metrics:
                    setattr(known, metric, getattr(row, metric))


class RowLines(Struct, frozen=True):
    """Rows as they are stored.

    Attributes:
        text: lines of COPY text for the columns of the decoder.
        entities: what each row is about.
    """

    text: bytes
    entities: Sequence[Entity]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.entities)


class RowsDecoder(Protocol):
    """Decodes responses into rows, and writes them as they are stored."""

    def decode(self, content: bytes) -> DecodedRows | None:
        """Decode a response; None where anything in it has to be looked at record by record."""
        ...

    def elements(self, rows: DecodedRows, metrics: Sequence[str]) -> list[dict[str, Any]]:
        """Write rows with these metrics as LinkedIn's elements again, where another call of theirs was not decoded."""
        ...

    def lines(self, rows: DecodedRows) -> RowLines:
        """Write rows as lines; they are not to be used afterwards."""
        ...
