"""docs/tables.md says what the tables and views say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

import lac_pipeline
from lac_pipeline.commands.reference import tables_page
from lac_pipeline.reporting.snapshot_document import schema_text
from lac_pipeline.warehouse.schema.descriptions import describe_table
from lac_pipeline.warehouse.schema.views.audience_breakdown import VIEW as AUDIENCE_BREAKDOWN


def test_the_page_is_what_the_code_says() -> None:
    """After a change of a table, a view or a comment, `make docs` writes the page again."""
    page = Path(lac_pipeline.__file__).parents[1] / "docs" / "tables.md"
    assert page.read_text() == tables_page()


@pytest.mark.parametrize(
    "description",
    [describe_table("audience_demographics").comment, AUDIENCE_BREAKDOWN.grain, schema_text()],
    ids=["table", "view", "snapshot"],
)
def test_audiences_are_described_with_their_limits(description: str) -> None:
    """Who reads an audience knows that its months are whole and that its cost is no part of the spend."""
    told = description.lower()
    assert "months are whole" in told or "each month is whole" in told
    assert "over-delivery" in told
    assert "spend" in told
