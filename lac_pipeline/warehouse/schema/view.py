"""A view for people: its columns, their SQL and their comments in one declaration, and the statements that make it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct
from sqlalchemy import TableClause, column, table

from lac_pipeline.warehouse.schema.base import SCHEMA, Base
from lac_pipeline.warehouse.schema.tables import table_of


class ViewColumn(Struct, frozen=True):
    """A column of a view.

    Attributes:
        name: as people select it.
        expression: the SQL that computes it.
        comment: what it is, as in the comment in the database.
    """

    name: str
    expression: str
    comment: str

    @property
    def selected(self) -> str:
        """The column as the SELECT lists it."""
        return self.expression if self.expression.endswith(f".{self.name}") else f"{self.expression} AS {self.name}"


def columns_of(model: type[Base], alias: str, *names: str) -> tuple[ViewColumn, ...]:
    """Take columns from a table as they are, with the table's comments.

    Args:
        model: the table.
        alias: its name in the view's FROM.
        names: of the columns; a name that the table does not have is a KeyError.
    """
    columns = table_of(model).c
    return tuple(ViewColumn(name, f"{alias}.{name}", columns[name].comment or "") for name in names)


@dataclass(frozen=True, slots=True)
class View:
    """A view of the schema, or of one that presents it as another program does.

    Attributes:
        name: without the schema.
        grain: what one row is, as in the comment in the database.
        columns: in their order. `CREATE OR REPLACE VIEW` can only append: new ones come last.
        rows: the SQL that follows the list of columns, from FROM on.
        schema: that it stands in.
    """

    name: str
    grain: str
    columns: tuple[ViewColumn, ...]
    rows: str
    schema: str = SCHEMA

    @property
    def relation(self) -> str:
        """Its name with the schema."""
        return f"{self.schema}.{self.name}"

    @property
    def selectable(self) -> TableClause:
        """The view as SQLAlchemy selects from it."""
        return table(self.name, *(column(each.name) for each in self.columns), schema=self.schema)

    @property
    def ddl(self) -> str:
        """The statements that make the view and its comments, or replace them."""
        return "\n".join(self.statements()) + "\n"

    def statements(self) -> Iterator[str]:
        """Yield the statements of `ddl` one by one."""
        relation = self.relation
        listed = ",\n".join(f"    {each.selected}" for each in self.columns)
        yield f"CREATE OR REPLACE VIEW {relation} AS\nSELECT\n{listed}\n{self.rows.strip()};"
        yield f"COMMENT ON VIEW {relation} IS {literal(self.grain)};"
        for each in self.columns:
            yield f"COMMENT ON COLUMN {relation}.{each.name} IS {literal(each.comment)};"


def literal(text: str) -> str:
    """Write a text as SQL does."""
    return "'" + text.replace("'", "''") + "'"
