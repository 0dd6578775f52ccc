"""Folders and files that only their owner may read, whatever the umask, because they contain ad data and keys."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

UMASK = 0o077
"""For processes of ours, so that what libraries write is closed to others too."""

_FILE, _FOLDER = 0o600, 0o700


def make_folder(path: Path, *, mode: int = _FOLDER) -> None:
    """Make a folder and what is missing above it, all with this mode; what exists stays as it is.

    Raises:
        NotADirectoryError: a file has the name.
        OSError: the folder cannot be made.
    """
    if path.is_dir():
        return
    if path.parent != path:
        make_folder(path.parent, mode=mode)
    try:
        path.mkdir(mode=mode)
        path.chmod(mode)  # the umask may have taken something away
    except FileExistsError:
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None


def replace(target: Path, content: bytes) -> None:
    """Write a file, in place of the one that had its name: a reader sees the old one or the new one, never a half.

    Raises:
        OSError: it cannot be written; the old one stays.
    """
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:64]}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(draft).chmod(_FILE)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def open_to_append(path: Path) -> BinaryIO:
    """Open a file, such as a log, at its end, and make it where there is none.

    Raises:
        OSError: it cannot be opened.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _FILE), "ab")
