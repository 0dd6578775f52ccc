"""The comments of tables and views."""

from __future__ import annotations

import pytest

from lac_pipeline.reporting.snapshot_document import schema_text
from lac_pipeline.warehouse.schema.descriptions import describe_table
from lac_pipeline.warehouse.schema.views.audience_breakdown import VIEW as AUDIENCE_BREAKDOWN


@pytest.mark.parametrize(
    "description",
    [describe_table("audience_demographics").comment, AUDIENCE_BREAKDOWN.grain, schema_text()],
    ids=["table", "view", "snapshot"],
)
def test_audiences_are_described_with_their_limits(description: str) -> None:
    """Who reads an audience knows that its months are whole and that its cost is no part of the spend."""
    words = description.lower()
    assert "months are whole" in words or "each month is whole" in words
    assert "over-delivery" in words
    assert "spend" in words
