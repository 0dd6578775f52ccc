"""Tables declared as classes, whose attributes are the columns.

SQLAlchemy's own declarative classes map rows to objects as well. Rows are loaded by COPY and read as tuples here, so
nothing needs that, and its set-up took a fifth of the CPU time of a small command.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from types import NoneType
from typing import Any, ClassVar, cast, get_args

from msgspec import Struct
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.types import TypeEngine


class _Declaration(Struct, frozen=True):
    """A column before it is in a table; a class that several tables inherit from declares it once."""

    items: tuple[Any, ...]
    options: Mapping[str, Any]
    sort_order: int


def table_column(*items: Any, sort_order: int = 0, **options: Any) -> Column[Any]:  # noqa: ANN401  # Column's
    """Declare a column of the table that the class, or one that inherits from it, stands for.

    Its name is the attribute's. The annotation, such as `Column[str | None]`, says whether it may be NULL and, unless
    `items` begins with a type, which type it has.

    Args:
        items: what `Column` takes behind the name.
        sort_order: its place among the columns of the table; those of the same order stand as they are declared.
        options: as `Column` takes them.
    """
    return cast("Column[Any]", _Declaration(items, options, sort_order))


class TableClass(type):
    """Makes a table of each class that has a `__tablename__`; SQLAlchemy takes the class wherever it takes a table."""

    metadata: MetaData
    column_types: Mapping[Any, Any]
    __table__: Table
    __tablename__: str

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
        super().__init__(name, bases, namespace)
        if "__tablename__" in namespace:
            *items, options = namespace["__table_args__"]
            cls.__table__ = Table(cls.__tablename__, cls.metadata, *_columns(cls), *items, **options)
            for column in cls.__table__.c:
                setattr(cls, column.key, column)

    def __clause_element__(cls) -> Table:
        """What stands for the class in a statement."""
        return cls.__table__


class DeclaredTable(metaclass=TableClass):
    """The root of declared tables, which sets `metadata`, and the SQL type of each Python type in `column_types`."""

    metadata: ClassVar[MetaData]
    column_types: ClassVar[Mapping[Any, Any]]
    __table__: ClassVar[Table]
    __tablename__: ClassVar[str]


def _columns(table: TableClass) -> Iterable[Column[Any]]:
    declared = {
        name: (of, value)
        for of in reversed(table.__mro__)
        for name, value in vars(of).items()
        if isinstance(value, _Declaration)
    }
    for name, (of, declaration) in sorted(declared.items(), key=lambda item: item[1][1].sort_order):
        yield _column(name, declaration, _annotations(of).get(name), table.column_types)


@cache
def _annotations(of: type) -> Mapping[str, Any]:
    # A column may have the name of its type, such as `date`: the class's own names do not count.
    return inspect.get_annotations(of, eval_str=True, locals={})


def _column(name: str, declaration: _Declaration, annotation: object, types: Mapping[Any, Any]) -> Column[Any]:
    items, options = declaration.items, {**declaration.options}
    if annotation is not None:
        [inner] = get_args(annotation)
        kinds = [kind for kind in get_args(inner) if kind is not NoneType] if NoneType in get_args(inner) else [inner]
        if not (items and isinstance(items[0], TypeEngine)):
            items = (types[kinds[0]], *items)
        options.setdefault("nullable", NoneType in get_args(inner))
    return Column(name, *items, **options)
