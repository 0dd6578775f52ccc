"""Files that only their owner may read, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lac_pipeline import private


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Any umask that people have, and none."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> str:
    """The permissions as people write them."""
    return f"{path.stat().st_mode & 0o777:04o}"


@pytest.mark.parametrize("requested", [0o700, 0o711])
def test_folders_are_made_with_their_mode(tmp_path: Path, umask: int, requested: int) -> None:
    """A folder and all that was missing above it have the mode; what was there keeps its own."""
    tmp_path.chmod(0o755)
    private.make_folder(tmp_path / "a" / "b", mode=requested)
    assert [mode(tmp_path / "a" / "b"), mode(tmp_path / "a")] == [f"{requested:04o}"] * 2
    assert mode(tmp_path) == "0755"


def test_a_folder_below_a_file_is_an_error(tmp_path: Path) -> None:
    """A file in the way is no folder, and no name that is taken."""
    (tmp_path / "a").write_text("")
    with pytest.raises(NotADirectoryError):
        private.make_folder(tmp_path / "a" / "b")
    with pytest.raises(NotADirectoryError):
        private.make_folder(tmp_path / "a")


def test_files_are_made_for_their_owner(tmp_path: Path, umask: int) -> None:
    """A file that is written, written again, or appended to is closed to others."""
    private.replace(tmp_path / "new", b"1")
    (tmp_path / "old").write_text("0")
    (tmp_path / "old").chmod(0o644)
    private.replace(tmp_path / "old", b"1")
    for _ in range(2):
        with private.open_to_append(tmp_path / "log") as log:
            log.write(b"line\n")
    assert {path.name: mode(path) for path in tmp_path.iterdir()} == dict.fromkeys(("new", "old", "log"), "0600")
    assert (tmp_path / "log").read_bytes() == b"line\nline\n"


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    """Where a folder has the name nothing is replaced, and nothing is left beside it."""
    (tmp_path / "name").mkdir()
    with pytest.raises(OSError, match="name"):
        private.replace(tmp_path / "name", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
