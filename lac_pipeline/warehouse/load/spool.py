"""Rows on their way to PostgreSQL, encoded as they come: memory stays constant however many there are."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from types import TracebackType
from typing import Self

from lac_pipeline.errors import StorageError
from lac_pipeline.postgres.copy_text import CopyFormatter

IN_MEMORY = 16 << 20  # bytes; beyond them a spool file is on disk
_ROWS_AT_ONCE = 1000
_BYTES_AT_ONCE = 1 << 18


class SpoolFile:
    """Where spools lie one after another: in memory at first, and in a nameless temporary file when they grow.

    The spools of a run share one, so that fifty accounts need neither fifty files nor fifty times the memory. The
    operating system removes the file with the process, however that ends.
    """

    def __init__(self) -> None:
        self._memory = bytearray()
        self._disk: int | None = None
        self._size = 0
        self._spools = 0
        self._opened = ExitStack()
        weakref.finalize(self, self._opened.close)

    @property
    def size(self) -> int:
        """How many bytes wait in it."""
        return self._size

    def begin(self) -> int:
        """Give a new spool its place, which is the end."""
        self._spools += 1
        return self._size

    def append(self, text: bytes) -> None:
        """Add to the newest spool.

        Raises:
            StorageError: the disk is full, or there is none to write to.
        """
        with _translating_errors():
            if self._disk is None and self._size + len(text) > IN_MEMORY:
                self._move_to_disk()
            if self._disk is None:
                self._memory += text
            else:
                _write(self._disk, text, at=self._size)
        self._size += len(text)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield these bytes in pieces.

        Raises:
            StorageError: the disk fails.
        """
        while start < end:
            length = min(_BYTES_AT_ONCE, end - start)
            with _translating_errors():
                if self._disk is None:
                    chunk = bytes(self._memory[start : start + length])
                else:
                    chunk = os.pread(self._disk, length, start)
                if not chunk:
                    raise EOFError(f"{end - start} bytes are missing")
            yield chunk
            start += len(chunk)

    def release(self, start: int, end: int) -> None:
        """Forget a spool: its space is free at once if it is the newest, and otherwise with the last of the others."""
        self._spools -= 1
        if not self._spools:
            start = 0
        elif end != self._size:
            return
        self._size = start
        del self._memory[start:]
        if self._disk is not None:
            os.ftruncate(self._disk, start)

    def _move_to_disk(self) -> None:
        with ExitStack() as opening:
            disk = opening.enter_context(tempfile.TemporaryFile(buffering=0)).fileno()
            _write(disk, self._memory, at=0)
            self._opened.push(opening.pop_all())
        self._disk, self._memory = disk, bytearray()


class CopySpool:
    """COPY text for some columns of a table, in memory at first and on disk when it grows.

    A fetch fills it before a connection is opened, so no transaction ever waits for LinkedIn.

    Args:
        columns: names of the table's columns, in the order of the values of each row.
        file: where it lies, behind the spools that were begun there before; a file of its own by default.
    """

    def __init__(self, columns: Sequence[str], file: SpoolFile | None = None) -> None:
        self.columns = tuple(columns)
        self.rows = 0
        self._formatter = CopyFormatter()
        self._file = file or SpoolFile()
        self._start = self._end = self._file.begin()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the rows."""
        if not self._closed:
            self._closed = True
            self._file.release(self._start, self._end)

    def extend(self, rows: Iterable[Sequence[object]]) -> None:
        """Add rows.

        Raises:
            ValueError: a row has more or fewer values than there are columns, a datetime without a zone, or text that
                PostgreSQL cannot hold.
            TypeError: a value is of a type that no column holds.
            StorageError: the disk is full.
        """
        source = iter(rows)
        while batch := list(islice(source, _ROWS_AT_ONCE)):
            wrong = next((row for row in batch if len(row) != len(self.columns)), None)
            if wrong is not None:
                raise ValueError(f"a row has {len(wrong)} values for {len(self.columns)} columns")
            self.write(self._formatter.format(batch), rows=len(batch))

    def write(self, text: bytes, *, rows: int) -> None:
        """Add rows that are lines of COPY text already, for the columns in their order.

        Raises:
            RuntimeError: a later spool was begun in the same file.
            StorageError: the disk is full.
        """
        if self._end != self._file.size:
            raise RuntimeError("rows for a spool that others follow")
        self._file.append(text)
        self._end = self._file.size
        self.rows += rows

    def chunks(self) -> Iterator[bytes]:
        """Yield the COPY text from its beginning, in pieces; may be read again."""
        return self._file.read(self._start, self._end)


def _write(disk: int, text: bytes | bytearray, *, at: int) -> None:
    written = 0
    with memoryview(
        text
    ) as whole:  # released at once, or the error of a full disk would keep it, and the text unchanged
        while written < len(whole):
            with whole[written:] as rest:
                written += os.pwrite(disk, rest, at + written)


@contextmanager
def _translating_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        raise StorageError(
            "the rows that LinkedIn returned cannot be kept on disk until they are stored",
            detail=f"{type(error).__name__}: {error}",
            meaning="the directory for temporary files is full or cannot be written; nothing of this sync was written",
            fix="free space there, or set TMPDIR to a directory on another disk, and run `lac sync` again",
        ) from error
