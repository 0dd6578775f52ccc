"""docs/tables.md says what the tables and views say of themselves."""

from __future__ import annotations

from pathlib import Path

import lac_pipeline
from lac_pipeline.operations.reference import tables_page


def test_the_page_is_what_the_code_says() -> None:
    """After a change of a table, a view or a comment, `make docs` writes the page again."""
    page = Path(lac_pipeline.__file__).parents[1] / "docs" / "tables.md"
    assert page.read_text() == tables_page()
