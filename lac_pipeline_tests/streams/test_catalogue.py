"""The catalogue of streams agrees with what each stream declares in the rooms of models and tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from lac_pipeline.errors import UnknownNameError
from lac_pipeline.linkedin.metrics import BY_COLUMN, CATALOGUE
from lac_pipeline.models.validation import validator_of
from lac_pipeline.streams import (
    STREAMS,
    AssetGroup,
    Catalogue,
    Partitioning,
    Stream,
    declare,
    every_stream,
    partitioning_of,
    stream_of,
)
from lac_pipeline.streams.sync_windows import group_window, has_days
from lac_pipeline.warehouse.schema.tables import stream_table
from lac_pipeline.windows import DateWindow

START = date(2026, 1, 1)
BY_STREAM = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)


@BY_STREAM
def test_records_are_known_by_the_key_of_their_table(stream: Stream) -> None:
    """What reads the key of a record, refused or not, reads the columns of the table's primary key."""
    key = validator_of(stream, 1).key
    primary = {column.name for column in stream_table(stream.name).primary_key}
    assert primary <= {*key.columns, *key.known}
    if stream.resource:
        assert primary == set(stream.resource.key)


@BY_STREAM
def test_rows_fill_columns_of_their_table(stream: Stream) -> None:
    """A validator's rows name columns of the table that bears the stream's name, and all of its key."""
    table = stream_table(stream.name)
    columns = set(validator_of(stream, 1).columns)
    assert columns <= set(table.columns.keys())
    assert {column.name for column in table.primary_key} <= columns


@pytest.mark.parametrize("stream", [stream for stream in STREAMS if stream.report], ids=lambda stream: stream.name)
def test_a_report_has_a_column_for_each_metric_that_it_may_read(stream: Stream) -> None:
    """They are those that it declares, or else all that LinkedIn gives for its pivots."""
    assert stream.report is not None
    given = [metric for metric in CATALOGUE if all(map(metric.serves, (*stream.report.within, *stream.report.pivots)))]
    expected = {metric.column for metric in stream.report.metrics or given}
    columns = set(stream_table(stream.name).columns.keys()) & BY_COLUMN.keys()
    assert columns == expected if stream.report.metrics else columns >= expected


@pytest.mark.parametrize("group", STREAMS.groups)
def test_a_group_is_cut_in_one_way(group: AssetGroup) -> None:
    """One run fills all streams of a group, so they share their partitions, and the window follows from the group."""
    assert {stream.partitioning for stream in STREAMS.in_group(group)} == {partitioning_of(group)}
    window = group_window(group, DateWindow(date(2026, 10, 5), date(2026, 11, 3)), start=START, today=date(2026, 11, 3))
    expected = {
        Partitioning.ACCOUNT: None,
        Partitioning.ACCOUNT_DAY: DateWindow(date(2026, 10, 5), date(2026, 11, 3)),
        Partitioning.ACCOUNT_MONTH: DateWindow(date(2026, 10, 1), date(2026, 12, 1)),
    }
    assert window == expected[partitioning_of(group)]
    assert has_days(group) == (window is not None)


@BY_STREAM
def test_parents_come_first(stream: Stream) -> None:
    """A stream stands behind the one that its records belong to, and that one is cut by account alone."""
    if stream.parent is not None:
        parent = stream_of(stream.parent)
        assert STREAMS.streams.index(parent) < STREAMS.streams.index(stream)
        assert parent.partitioning is Partitioning.ACCOUNT


def test_optional_streams_are_loaded_where_they_are_named() -> None:
    """`default` leaves them out, `all` takes them in, and a name adds one to what else is named."""
    extra = replace(STREAMS.of("creatives"), name="extra", parent="campaigns", optional=True)
    catalogue = Catalogue((*STREAMS, extra))
    usual = tuple(name for name in catalogue.names if not catalogue.of(name).optional)
    assert "extra" not in usual
    assert catalogue.chosen("").names == catalogue.chosen("default").names == usual
    assert catalogue.chosen("ALL").names == tuple(each.name for each in catalogue if each.opened_by is None)
    assert "extra" in catalogue.chosen("default, extra")
    assert catalogue.chosen("extra").names == ("accounts", "campaign_groups", "campaigns", "extra")


def test_an_unknown_stream_is_refused_with_a_suggestion() -> None:
    """A name that no stream bears is named, with the nearest one."""
    with pytest.raises(UnknownNameError, match="unknown stream: campains") as caught:
        STREAMS.chosen("default,campains")
    assert caught.value.fix == "did you mean campaigns or campaign_groups?"


def test_a_stream_of_the_catalogue_is_not_declared_again() -> None:
    """A declared stream never stands beside a stream of the catalogue that has its name."""
    with pytest.raises(ValueError, match=next(iter(STREAMS)).name):
        declare(STREAMS)
    assert Counter(every_stream().names).most_common(1)[0][1] == 1
