"""Upserts are compiled once, and say what SQLAlchemy's own say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, func, literal, select
from sqlalchemy.dialects import postgresql

from lac_pipeline.postgres.upserting import insert

TABLE = Table("numbers", MetaData(), Column("key", Text, primary_key=True), Column("number", Integer))
Inserting = Callable[[Any], postgresql.Insert]


def adding(begin: Inserting, key: str = "a", number: int = 1, least: int = 0) -> postgresql.Insert:
    """Insert a number, or add it to the one that is there, if that is larger than the least."""
    rows = select(literal(key, Text), literal(number, Integer))
    statement = begin(TABLE).from_select(["key", "number"], rows, include_defaults=False)
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"number": TABLE.c.number + statement.excluded.number},
        where=TABLE.c.number > least,
    )


@pytest.mark.parametrize(
    "statement",
    [adding, lambda begin: begin(TABLE).values(key="a").on_conflict_do_nothing()],
    ids=["update", "nothing"],
)
def test_the_sql_is_that_of_sqlalchemy(statement: Callable[[Inserting], postgresql.Insert]) -> None:
    """A key for the cache changes no statement."""
    ours, stock = (str(statement(begin).compile(dialect=postgresql.dialect())) for begin in (insert, postgresql.insert))  # type: ignore[no-untyped-call]
    assert ours == stock


def test_values_are_not_part_of_what_is_compiled(engine: Engine) -> None:
    """A statement is compiled for its first values, and executed with those of each."""
    compiled: dict[Any, Any] = {}
    cached = engine.execution_options(compiled_cache=compiled)
    with cached.begin() as connection:
        connection.execute(select(func.set_config("search_path", "pg_temp", True)))
        TABLE.metadata.create_all(connection)
        before = len(compiled)
        for key, number, least in (("a", 1, 0), ("b", 5, 0), ("a", 2, 0), ("b", 7, 9)):
            connection.execute(adding(insert, key, number, least))
        assert len(compiled) == before + 1
        assert dict(connection.execute(select(TABLE)).tuples().all()) == {"a": 3, "b": 5}
