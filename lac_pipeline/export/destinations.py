"""Where an export is written: a folder or a bucket, in which a file appears whole, in place of the one of its name."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from upath import UPath

from lac_pipeline import private
from lac_pipeline.errors import ExportError

DRAFT = ".draft"
"""The end of a file's name while it is written; what bears it was left behind by an export that was killed."""
_EXTRAS = {"s3": "s3", "gs": "gcs", "gcs": "gcs"}
_MEMORY = "memory"


class Destination(Protocol):
    """A tree of files, each known by its path below the root."""

    @property
    def url(self) -> str:
        """Where it is, for people."""
        ...

    @property
    def known_as(self) -> str:
        """What it is called on every machine that can write it."""
        ...

    def folders(self) -> list[str]:
        """The names of the folders at the root."""
        ...

    def sizes(self, folder: str) -> dict[str, int]:
        """The size in bytes of every file below a folder at the root; none if there is no such folder."""
        ...

    def read(self, name: str) -> bytes | None:
        """Read a small file; None if there is none."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, in place of the one of its name."""
        ...

    def writing(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """Yield a path to write a file to; it gets its name when the block ends, and never if the block raises."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file."""
        ...


def open_destination(url: str) -> Destination:
    """Choose the destination that a path or URL names; nothing is made yet.

    Raises:
        ExportError: the URL needs a package that is not installed, or is of no kind that keeps files, or there is none.
    """
    url = url.strip()  # a blank before `s3:` makes it the name of a folder
    if not url:  # such as that of a shell's variable that is not set
        raise ExportError(
            "no place is named to export to",
            meaning="nothing was written",
            fix="name a folder, or s3://bucket/prefix; `.` is the current folder",
        )
    try:
        path = UPath(url)
        if path.protocol in ("", "file"):
            return Folder(Path(path.path))
        store = UPath(url, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        extra = _EXTRAS.get(url.partition(":")[0])
        raise ExportError(
            f"nothing can be exported to {url}",
            detail=str(error),
            meaning="nothing was written",
            fix=f"pip install 'lac-pipeline[{extra}]'" if extra else "name a folder, or s3://bucket/prefix",
        ) from error
    if store.protocol == _MEMORY:
        raise ExportError(
            f"nothing can be exported to {url}",
            meaning="it is the memory of this command, which ends with it; nothing was written",
            fix="name a folder, or s3://bucket/prefix",
        )
    return Bucket(store)


@contextlib.contextmanager
def explained(destination: Destination) -> Iterator[None]:
    """Turn the failures of a destination into an ExportError with a fix."""
    try:
        yield
    except OSError as error:
        raise ExportError(
            f"the export to {destination.url} stopped",
            detail=f"{error}" if type(error) is OSError else f"{type(error).__name__}: {error}",
            meaning="each file that is there is whole; the export goes on from there when it is run again",
            fix=_fix(error),
        ) from error


def _fix(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free space there, or export fewer tables with --tables, then run it again"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "give the user that runs lac the right to write there, or name another place with --to"
    if isinstance(error, NotADirectoryError | FileExistsError):
        return "a file has the name of a folder there: name another place with --to"
    if isinstance(error, FileNotFoundError):
        return "make the bucket or folder, or correct --to"
    return "look whether the place exists and can be reached, or name another one with --to"


class Folder:
    """A local folder; what is made in it only its owner may read."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @property
    def url(self) -> str:
        """The folder's path."""
        return str(self._root)

    @property
    def known_as(self) -> str:
        """The path, links followed, and the machine."""
        return f"{socket.gethostname()}:{self._root.resolve()}"

    def folders(self) -> list[str]:
        """The names of the folders at the root."""
        try:
            return sorted(child.name for child in self._root.iterdir() if child.is_dir())
        except FileNotFoundError:
            return []

    def sizes(self, folder: str) -> dict[str, int]:
        """The size of every file below a folder; drafts of a killed export are removed."""
        sizes = {}
        for path in (self._root / folder).rglob("*"):
            if path.name.endswith(DRAFT):
                path.unlink()
            elif path.is_file():
                sizes[path.relative_to(self._root).as_posix()] = path.stat().st_size
        return sizes

    def read(self, name: str) -> bytes | None:
        """Read a small file."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write a small file."""
        with self.writing(name) as draft:
            draft.write_bytes(content)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Yield a draft beside the file, which is then renamed."""
        target = self._root / name
        private.make_folder(target.parent)
        draft = target.with_name(target.name + DRAFT)
        try:
            yield draft
            _sync(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove a file, and the folders that are empty without it."""
        path = self._root / name
        path.unlink()
        for folder in path.parents:
            if folder == self._root or any(folder.iterdir()):
                break
            folder.rmdir()


def _sync(path: Path) -> None:
    """Have the file's content on the disk before it gets its name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    """Raise as an OSError what a store's client raises of its own, such as missing credentials."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


class Bucket:
    """A bucket and prefix of an object store, where an object appears whole or not at all."""

    def __init__(self, root: UPath) -> None:
        self._root = root

    @property
    def url(self) -> str:
        """The URL of the bucket and prefix."""
        return str(self._root)

    @property
    def known_as(self) -> str:
        """The same: it means the same place on every machine."""
        return self.url.rstrip("/")

    def folders(self) -> list[str]:
        """The names of the folders at the root."""
        try:
            with _reached():
                found = self._root.fs.ls(self._root.path, detail=True)
        except FileNotFoundError:
            return []
        return sorted(_last_part(entry["name"]) for entry in found if entry["type"] == "directory")

    def sizes(self, folder: str) -> dict[str, int]:
        """The size of every object below a folder."""
        root = self._root.path.rstrip("/")
        with _reached():
            found = self._root.fs.find(f"{root}/{folder}", detail=True)
        return {name.removeprefix(f"{root}/"): int(entry["size"]) for name, entry in found.items()}

    def read(self, name: str) -> bytes | None:
        """Read a small object."""
        try:
            with _reached():
                content: bytes = (self._root / name).read_bytes()
        except FileNotFoundError:
            return None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a small object."""
        with _reached():
            self._root.fs.pipe_file((self._root / name).path, content)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Yield a draft in the folder of temporary files, which is then uploaded."""
        with tempfile.TemporaryDirectory(prefix="lac-export-") as folder:
            draft = Path(folder) / "part"
            yield draft
            with _reached():
                self._root.fs.put_file(str(draft), (self._root / name).path)

    def remove(self, name: str) -> None:
        """Remove an object."""
        with _reached():
            self._root.fs.rm_file((self._root / name).path)


def _last_part(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]
