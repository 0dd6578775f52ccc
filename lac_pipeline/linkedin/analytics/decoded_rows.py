"""Rows of adAnalytics that were decoded at once, and what decodes them, where every row of a response is as usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol


class Period(NamedTuple):
    """The days of a row: how its table writes them, the first and the last."""

    text: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DecodedRows:
    """The rows of a response, each key once, as they are stored.

    Attributes:
        text: lines of COPY text for the columns of the decoder.
        entities: what each row is about: an id or a segment, in LinkedIn's order.
        periods: of which days each row is.
        paging: what the response says of its paging.
    """

    text: bytes
    entities: Sequence[int | str]
    periods: Sequence[Period]
    paging: dict[str, Any]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.entities)

    def keys(self) -> list[tuple[date, str]]:
        """The day and the entity of each row."""
        return [(period.first, str(entity)) for period, entity in zip(self.periods, self.entities, strict=True)]


class RowsDecoder(Protocol):
    """Decodes a response's bytes into rows."""

    def decode(self, content: bytes) -> DecodedRows | None:
        """Decode a response; None where anything in it has to be looked at record by record."""
        ...
