"""Rows of several account windows wait in one file, and a disk that is full costs only what does not fit."""

from __future__ import annotations

from itertools import count

import pytest

from lac_pipeline.errors import StorageError
from lac_pipeline.warehouse.load.spool import IN_MEMORY, CopySpool, SpoolFile
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.full_disk import full_disk
from lac_pipeline_tests.warehouse.loads import ACCOUNT

LONG = [("x" * 99,)] * (IN_MEMORY // 200)
"""Half of what is kept in memory."""


def begun(file: SpoolFile, *names: str) -> CopySpool:
    """A spool with these rows."""
    spool = CopySpool(("name",), file)
    spool.extend([(name,) for name in names])
    return spool


def text_of(spool: CopySpool) -> bytes:
    """What the spool holds."""
    return b"".join(spool.chunks())


def test_spools_lie_in_one_file_one_after_another() -> None:
    """Each holds its own rows, in memory and after all of them went to disk, and may be read in any order."""
    file = SpoolFile()
    spools = [begun(file, "first"), begun(file), begun(file, "third", "and more")]
    expected = [b"first\n", b"", b"third\nand more\n"]
    assert [text_of(spool) for spool in spools] == expected
    spools[-1].extend(LONG * 3)
    assert [text_of(spool) for spool in spools[:2]] == expected[:2]
    assert text_of(spools[2]).startswith(expected[2])
    assert text_of(spools[2]).count(b"\n") == spools[2].rows == 2 + 3 * len(LONG)


def test_a_spool_takes_no_rows_once_another_was_begun() -> None:
    """Rows behind those of another account would be that account's."""
    file = SpoolFile()
    first, _ = begun(file, "1"), begun(file, "2")
    with pytest.raises(RuntimeError, match="others follow"):
        first.extend([("3",)])


@pytest.mark.parametrize("rows", [[("a row",)], LONG * 3], ids=["memory", "disk"])
def test_space_is_freed_as_spools_are_closed(rows: list[tuple[str]]) -> None:
    """The newest frees its own at once, and the last of all frees everything, however often it is closed."""
    file = SpoolFile()
    first, second, third = begun(file, "1"), begun(file, "22"), CopySpool(("name",), file)
    third.extend(rows)
    third.close()
    assert file.size == len(b"1\n22\n")
    first.close()
    first.close()
    assert text_of(second) == b"22\n"
    second.close()
    assert file.size == 0
    assert text_of(begun(file, "again")) == b"again\n"


def test_a_full_disk_costs_the_window_that_does_not_fit(warehouse: Warehouse) -> None:
    """Its attempt fails with four parts, and the rows of windows before and after it are whole."""
    file, calls = SpoolFile(), count()
    kept = begun(file, "kept")
    with (
        full_disk(1 << 20),
        pytest.raises(StorageError, match="cannot be kept on disk") as refused,
        warehouse.attempt(
            "campaigns", ACCOUNT, run_id="run", trigger="on_demand", window=None, calls=lambda: next(calls)
        ),
        CopySpool(("name",), file) as spool,
    ):
        spool.extend(LONG * 3)
    assert "File too large" in str(refused.value.detail)
    assert "TMPDIR" in str(refused.value.fix)
    [record] = warehouse.read.attempts_of("run")
    assert (record.status, record.errors[0]["type"]) == ("failed", "StorageError")
    assert all(record.errors[0][part] for part in ("summary", "detail", "meaning", "fix"))
    assert (text_of(kept), text_of(begun(file, "small"))) == (b"kept\n", b"small\n")


def test_a_disk_that_fills_up_leaves_what_was_written() -> None:
    """Rows that are on disk already can be stored although no more fit."""
    file = SpoolFile()
    first, second = CopySpool(("name",), file), None
    first.extend(LONG * 3)
    whole = text_of(first)
    with full_disk(len(whole) + 1000):
        second = begun(file, "fits")
        with pytest.raises(StorageError):
            second.extend(LONG)
    assert text_of(first) == whole
    assert text_of(second).startswith(b"fits\n")
