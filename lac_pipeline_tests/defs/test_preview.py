"""The preview of rows on an asset's page."""

from __future__ import annotations

import dagster as dg

from lac_pipeline.defs.metadata import _flat
from lac_pipeline.reporting.plots import table_preview


def test_rows_of_which_some_have_a_document_make_one_table() -> None:
    """A column that holds a document in one row and nothing in another is left out of both, as a table needs."""
    rows = _flat([{"id": 1, "content": {"textAd": {}}, "form": None}, {"id": 2, "content": None, "form": None}])
    assert rows == [{"id": 1, "form": None}, {"id": 2, "form": None}]
    assert dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in table_preview(rows)]).schema.columns
