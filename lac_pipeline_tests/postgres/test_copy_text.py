"""Values on their way through COPY into PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from lac_pipeline.postgres.copy_text import to_json
from lac_pipeline.postgres.unstorable import replaced
from lac_pipeline.warehouse.load.spool import IN_MEMORY, CopySpool
from lac_pipeline.warehouse.load.staging import stage_facts
from lac_pipeline.warehouse.schema.tables import Campaign, table_of
from lac_pipeline_tests.examples import examples

COLUMNS = ("id", "name", "unit_cost_amount", "test", "run_schedule_start", "targeting_criteria")
BIGINTS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))  # all that PostgreSQL can hold
JSON_TEXTS = st.text(st.characters())  # every code point, NUL and lone surrogates too
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**30), max_value=10**30)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
JSON = st.recursive(
    st.none() | st.booleans() | BIGINTS | JSON_TEXTS | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXTS, inner, max_size=4),
    max_leaves=12,
)
ROWS = st.tuples(
    TEXTS | st.none(),
    NUMBERS | st.none(),
    st.booleans() | st.none(),
    TIMES | st.none(),
    st.dictionaries(JSON_TEXTS, JSON, max_size=4) | st.lists(JSON, max_size=4) | st.none(),
)


def through_postgresql(engine: Engine, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Copy rows into a staging table and read them back in the order of their ids."""
    with CopySpool(COLUMNS) as spool, engine.connect() as connection:
        spool.extend(rows)
        staging = stage_facts(connection, table_of(Campaign), spool)
        return [tuple(row) for row in connection.execute(select(staging).order_by(staging.c.id))]


def as_stored(value: object) -> object:
    """What PostgreSQL gives back for a value."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, dict):
        return {replaced(key): as_stored(item) for key, item in value.items()}
    return [as_stored(item) for item in value] if isinstance(value, list) else value


@examples(60, HealthCheck.function_scoped_fixture)
@given(st.lists(ROWS, max_size=8))
def test_every_value_arrives_as_it_was(engine: Engine, rows: list[tuple[Any, ...]]) -> None:
    """Text of any kind, numbers of any scale, times, flags, NULLs and nested JSON come back equal."""
    numbered = [(number, *row) for number, row in enumerate(rows)]
    expected = [tuple(as_stored(value) for value in row) for row in numbered]
    assert through_postgresql(engine, numbered) == expected


def test_what_postgresql_cannot_store_is_replaced_in_json(engine: Engine) -> None:
    """NUL and half an emoji become U+FFFD, and the rest of the text stays."""
    row = (1, None, None, None, None, {"k\x00": ["\udc00 ok", "\\u0000"]})
    [stored] = through_postgresql(engine, [row])
    assert stored[5] == {"k\ufffd": ["\ufffd ok", "\\u0000"]}


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83d"])
def test_text_that_postgresql_cannot_store_is_refused_in_a_row(text: str) -> None:
    """The models refuse such a record; one that got past them stops the fetch before a connection is opened."""
    with CopySpool(("id", "name")) as spool, pytest.raises(ValueError, match=r"NUL|surrogates"):
        spool.extend([(1, text)])


def test_numbers_beyond_jsonb_become_text_or_null() -> None:
    """JSONB refuses a number of thousands of digits, and JSON knows no NaN: neither fails a load of refused records."""
    assert to_json([Decimal("1E+5000"), Decimal("1E-5000"), Decimal("NaN"), float("inf")]) == (
        '["1E+5000","1E-5000",null,null]'
    )


def test_the_end_of_data_mark_is_only_text(engine: Engine) -> None:
    """A name of a backslash and a dot, which once ended a COPY, is stored like any other."""
    assert [row[1] for row in through_postgresql(engine, [(1, "\\.", None, None, None, None)])] == ["\\."]


def test_numbers_in_json_stay_exact() -> None:
    """A Decimal inside a nested object is written with all its digits, as a number."""
    assert to_json({"amount": Decimal("0.10000000000000000001")}) == '{"amount":0.10000000000000000001}'


def test_subclasses_are_written_like_their_base(engine: Engine) -> None:
    """An enum member that is a str is stored as its text."""

    class Status(StrEnum):
        ACTIVE = "ACTIVE"

    rows = [(1, Status.ACTIVE, None, None, None, None), (2, "PAUSED", None, None, None, None)]
    assert [row[1] for row in through_postgresql(engine, rows)] == ["ACTIVE", "PAUSED"]


def test_times_of_other_zones_are_the_same_moment(engine: Engine) -> None:
    """A time is stored as the moment that it is, whatever its zone."""
    rome = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    [stored] = through_postgresql(engine, [(1, None, None, None, rome, None)])
    assert stored[4] == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ((1, datetime(2026, 1, 1)), "without a zone"),  # noqa: DTZ001 - the point of the test
        ((1,), "1 values for 2 columns"),
        ((1, date(2026, 1, 1), 2), "3 values for 2 columns"),
    ],
)
def test_rows_that_cannot_be_meant_are_refused(row: tuple[object, ...], error: str) -> None:
    """A time without a zone, or a row of the wrong length, stops the fetch at once."""
    with CopySpool(("id", "run_schedule_start")) as spool, pytest.raises(ValueError, match=error):
        spool.extend([row])


def test_floats_are_refused() -> None:
    """Money that became a float on its way is a bug, and is not stored."""
    with CopySpool(("id", "unit_cost_amount")) as spool, pytest.raises(TypeError, match="cannot adapt type 'float'"):
        spool.extend([(1, 0.1)])


def test_a_spool_larger_than_its_memory_can_be_read_twice() -> None:
    """Beyond its share of memory a spool goes to disk, and a second try reads the same bytes."""
    with CopySpool(("name",)) as spool:
        spool.extend([("x" * 99,)] * (IN_MEMORY // 100 + 1))
        first, second = b"".join(spool.chunks()), b"".join(spool.chunks())
        assert first == second
        assert first.count(b"\n") == spool.rows
