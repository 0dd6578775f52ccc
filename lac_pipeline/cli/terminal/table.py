"""Tables that fit the terminal: long text is cut, and the least important columns are left out if there is no room.

If standard output is not a terminal, everything is printed.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from lac_pipeline.cli import terminal
from lac_pipeline.printable import one_line

GAP = INDENT = "  "
CUT = "…"


class Column(Struct, frozen=True):
    """A column of a table.

    Attributes:
        title: its heading.
        right: whether it is aligned to the right, as numbers are.
        least: how many cells of its text must be left where it is cut; None where it is never cut.
        spare: the higher, the sooner the column is left out of a narrow terminal; 0 stays.
    """

    title: str
    right: bool = False
    least: int | None = None
    spare: int = 0


def room() -> int | None:
    """How many cells a line of standard output may have; None where it is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def cut(text: str, *, within: int | None) -> str:
    """Cut one line of text to so many cells; control characters and line breaks are made visible."""
    line = one_line(text)
    return line if within is None or cell_len(line) <= within else set_cell_size(line, within - 1) + CUT


def hanging(beginning: str, text: str, *, within: int | None) -> str:
    """Break a text that does not fit into lines that begin below its first word."""
    worded = terminal.worded(text)
    if within is None or within < 2 * len(beginning):
        return beginning + worded
    return beginning + f"\n{'':{len(beginning)}}".join(_wrapped(worded, within - len(beginning)))


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text at spaces, by the room that its characters take; a word that is too long has a line of its own."""
    first, *words = text.split(" ")
    lines = [first]
    for word in words:
        if word and cell_len(f"{lines[-1]} {word}") > width:
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return [line.rstrip() for line in lines]


def account_title(account_id: int, name: str | None) -> str:
    """The line above what is about an ad account: its id, and its name where that is known."""
    return cut(f"{account_id}  {name}" if name else f"{account_id}", within=room())


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], *, within: int | None, indent: str = ""
) -> list[str]:
    """Lay a table out, the line of its headings first.

    Args:
        columns: of each row's cells, in their order.
        rows: text from anywhere; control characters and line breaks are made visible.
        within: how many cells a line may have; None for any number.
        indent: what stands in front of each row, not of the headings.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [
        max([cell_len(column.title), *(cell_len(row[place]) for row in cells)]) for place, column in enumerate(columns)
    ]
    shown = _fitting(columns, widths, None if within is None else within - len(indent))
    heading = indent + _line(columns, widths, shown, [column.title for column in columns])
    return [heading.rstrip(), *((indent + _line(columns, widths, shown, row)).rstrip() for row in cells)]


def print_by_account(
    columns: Sequence[Column], rows: Sequence[tuple[int, Sequence[str]]], names: Mapping[int, str | None]
) -> None:
    """Print a table about ad accounts: below the account's title on a terminal, elsewhere with its id in each line.

    Args:
        columns: of each row's cells.
        rows: the account and the cells, the rows of an account one after the other.
        names: of accounts.
    """
    within = room()
    if within is None:
        for line in table((Column("account"), *columns), [(f"{of}", *cells) for of, cells in rows], within=None):
            terminal.echo(line)
        return
    heading, *lines = table(columns, [cells for _, cells in rows], within=within, indent=INDENT)
    terminal.echo(heading)
    for account_id, pairs in groupby(zip(rows, lines, strict=True), key=lambda pair: pair[0][0]):
        terminal.secho(account_title(account_id, names.get(account_id)), bold=True)
        for _, line in pairs:
            terminal.echo(line)


def _fitting(columns: Sequence[Column], widths: list[int], within: int | None) -> list[int]:
    """Narrow the widths until the columns fit, and return those that are shown."""
    shown = list(range(len(columns)))
    while within is not None and (excess := _width(widths, shown) - within) > 0:
        spare = max(shown, key=lambda place: columns[place].spare)
        elastic = [place for place in shown if widths[place] > _least(columns[place], widths[place])]
        give = sum(widths[place] - _least(columns[place], widths[place]) for place in elastic)
        if give >= excess or not columns[spare].spare:
            if not elastic:
                break  # nothing more can go
            widest = max(elastic, key=lambda place: widths[place])
            widths[widest] -= 1
        else:
            shown.remove(spare)
    return shown


def _least(column: Column, width: int) -> int:
    return width if column.least is None else max(column.least, cell_len(column.title))


def _width(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[place] for place in shown) + len(GAP) * (len(shown) - 1)


def _line(columns: Sequence[Column], widths: Sequence[int], shown: Sequence[int], row: Sequence[str]) -> str:
    return GAP.join(_cell(row[place], widths[place], right=columns[place].right) for place in shown)


def _cell(text: str, width: int, *, right: bool) -> str:
    shown = cut(text, within=width)
    padding = " " * (width - cell_len(shown))
    return padding + shown if right else shown + padding
