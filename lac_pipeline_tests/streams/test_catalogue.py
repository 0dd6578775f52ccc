"""The catalogue of streams agrees with what each stream declares in the rooms of models and tables."""

from __future__ import annotations

import pytest

from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import STREAMS, Stream
from lac_pipeline.warehouse.schema.tables import ASSETS, table_of

BY_STREAM = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)


@BY_STREAM
def test_records_are_known_by_the_key_of_their_table(stream: Stream) -> None:
    """What reads the key of a record, refused or not, reads the columns of the table's primary key."""
    key = validator_of(stream, 1).key
    primary = {column.name for column in table_of(ASSETS[stream.name]).primary_key}
    assert primary <= {*key.columns, *key.known}
    if stream.resource:
        assert primary == set(stream.resource.key)


@BY_STREAM
def test_rows_fill_columns_of_their_table(stream: Stream) -> None:
    """A validator's rows name columns of the table that bears the stream's name, and all of its key."""
    table = table_of(ASSETS[stream.name])
    columns = set(validator_of(stream, 1).columns)
    assert columns <= set(table.columns.keys())
    assert {column.name for column in table.primary_key} <= columns
