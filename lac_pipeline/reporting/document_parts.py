"""What the models of the snapshot document have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from lac_pipeline.reporting.amounts import plain

_TEXT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
Exact = Annotated[Decimal, PlainSerializer(plain, return_type=str), WithJsonSchema(_TEXT)]
"""A decimal number as JSON text, so that no reader turns it into a binary fraction."""


class Part(BaseModel):
    """A part of the document: immutable, and without fields that the schema does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
