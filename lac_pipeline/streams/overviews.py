"""What a person sees first of an asset: an account's rows in a few lines. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Overview:
    """The table that an asset's page shows of an account: its rows, put together by what people tell apart.

    Attributes:
        noun: what the rows are or count, in the plural, such as `campaigns`.
        by: the columns by which rows are put together, each with its heading.
        names: of those that hold ids, the streams whose records have the names.
        counted: whether a line says how many rows it stands for.
        sums: the columns that are summed. The first one orders the lines, the largest first.
        part: the column whose values are shown below each other, each with its share of the line's sums, and a heading;
            None where the sums themselves are shown.
        first: the column by which some records of a line are named, the largest or newest first; with a heading.
        only: what other columns of the rows that count hold.
        absent: stands in place of an id that a row does not have.
        view: the view that has the rows, with names and numbers beside them; None where the asset's table does.
        preview: the view whose rows are shown below it, with names beside ids; None where the asset's table is.
        months: of rows by month, how many months are shown, up to the newest one that was loaded.
    """

    noun: str
    by: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    counted: bool = False
    sums: tuple[str, ...] = ()
    part: tuple[str, str] | None = None
    first: tuple[str, str] | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    absent: str = ""
    view: str | None = None
    preview: str | None = None
    months: int = 3
