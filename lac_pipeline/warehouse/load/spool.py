"""Rows on their way to PostgreSQL, encoded as they come: memory stays constant however many there are."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

from lac_pipeline.postgres.copy_text import CopyFormatter

IN_MEMORY = 16 << 20  # bytes; beyond them the spool is a file
_ROWS_AT_ONCE = 1000
_BYTES_AT_ONCE = 1 << 18


class CopySpool:
    """COPY text for some columns of a table, in memory at first and in a temporary file when it grows.

    A fetch fills it before a connection is opened, so no transaction ever waits for LinkedIn.

    Args:
        columns: names of the table's columns, in the order of the values of each row.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.rows = 0
        self._formatter = CopyFormatter()
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by close()
        self.close = weakref.finalize(self, self._file.close)
        """Forget the rows; the garbage collector does the same for an unused spool."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def extend(self, rows: Iterable[Sequence[object]]) -> None:
        """Add rows.

        Raises:
            ValueError: a row has more or fewer values than there are columns, a datetime without a zone, or text that
                PostgreSQL cannot hold.
            TypeError: a value is of a type that no column holds.
        """
        source = iter(rows)
        while batch := list(islice(source, _ROWS_AT_ONCE)):
            wrong = next((row for row in batch if len(row) != len(self.columns)), None)
            if wrong is not None:
                raise ValueError(f"a row has {len(wrong)} values for {len(self.columns)} columns")
            self._file.write(self._formatter.format(batch))
            self.rows += len(batch)

    def write(self, text: bytes, *, rows: int) -> None:
        """Add rows that are lines of COPY text already, for the columns in their order."""
        self._file.write(text)
        self.rows += rows

    def chunks(self) -> Iterator[bytes]:
        """Yield the COPY text from its beginning, in pieces; may be read again."""
        self._file.seek(0)
        while chunk := self._file.read(_BYTES_AT_ONCE):
            yield chunk
        self._file.seek(0, 2)
