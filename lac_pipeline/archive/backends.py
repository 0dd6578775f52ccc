"""Storage of the raw archive: a folder or an object store, behind the few operations that the archive needs."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from upath import UPath

from lac_pipeline import private
from lac_pipeline.errors import ArchiveError, LacError

_EXTRAS = {"s3": "s3", "gs": "gcs", "gcs": "gcs"}


class Store(Protocol):
    """A tree of documents that are written once."""

    @property
    def url(self) -> str:
        """Where it is, for people."""
        ...

    def create(self, name: str, content: bytes) -> str:
        """Write a new document at once and return where it is; FileExistsError if the name is taken."""
        ...

    def read(self, name: str) -> bytes:
        """Read a document."""
        ...

    def children(self, folder: str) -> list[str]:
        """The names in a folder, none if there is no such folder."""
        ...

    def remove(self, folder: str, *, suffix: str) -> list[int]:
        """Remove a folder with all in it, and return the sizes of the documents with the suffix."""
        ...


def open_store(url: str) -> Store:
    """Choose the store that the URL names; nothing is made yet.

    Raises:
        ArchiveError: the URL's store needs a package that is not installed.
    """
    try:
        path = UPath(url)
        if path.protocol in ("", "file"):
            return Folder(Path(path.path))
        return ObjectStore(UPath(url, use_listings_cache=False))
    except (ImportError, ValueError) as error:
        scheme = url.partition(":")[0]
        extra = _EXTRAS.get(scheme)
        raise ArchiveError(
            f"the raw archive cannot be kept in {url}",
            detail=str(error),
            fix=f"pip install 'lac-pipeline[{extra}]'" if extra else "set LAC_RAW_URL to a folder, s3:// or gs://",
        ) from error


@contextlib.contextmanager
def explained_failures(what: str) -> Iterator[None]:
    """Turn whatever a store raises into an ArchiveError with a fix; a taken name stays a FileExistsError."""
    try:
        yield
    except (LacError, FileExistsError):
        raise
    except Exception as error:
        raise ArchiveError(what, detail=f"{type(error).__name__}: {error}", fix=_fix(error)) from error


def _fix(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free space on the disk, or remove old files with `lac raw prune`, or set LAC_RAW_URL to another place"
    if isinstance(error, PermissionError):
        return "give the user that runs lac the right to write there, or set LAC_RAW_URL to another place"
    return "look whether the place exists and can be reached, or set LAC_RAW_URL to another one"


class Folder:
    """A store in a local folder, readable by its owner alone."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @property
    def url(self) -> str:
        """The folder's path."""
        return str(self._root)

    def create(self, name: str, content: bytes) -> str:
        """Write beside the name and link it when it is whole, so that a half document is never seen."""
        target = self._root / name
        private.make_folder(target.parent)
        descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=".")  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            target.hardlink_to(draft)
        finally:
            Path(draft).unlink()
        return str(target)

    def read(self, name: str) -> bytes:
        """Read a document."""
        return (self._root / name).read_bytes()

    def children(self, folder: str) -> list[str]:
        """The names in a folder, none if there is no such folder."""
        try:
            return [child.name for child in (self._root / folder).iterdir()]
        except FileNotFoundError:
            return []

    def remove(self, folder: str, *, suffix: str) -> list[int]:
        """Remove a folder with all in it, and return the sizes of the documents with the suffix."""
        sizes = [path.stat().st_size for path in (self._root / folder).rglob(f"*{suffix}")]
        shutil.rmtree(self._root / folder)
        return sizes


class ObjectStore:
    """A store in a bucket, where an object appears whole or not at all."""

    def __init__(self, root: UPath) -> None:
        self._root = root

    @property
    def url(self) -> str:
        """The URL of the bucket and prefix."""
        return str(self._root)

    def create(self, name: str, content: bytes) -> str:
        """Write the object under the store's own condition that there is none of the name."""
        target = self._root / name
        self._root.fs.pipe_file(target.path, content, mode="create")
        return str(target)

    def read(self, name: str) -> bytes:
        """Read a document."""
        return (self._root / name).read_bytes()

    def children(self, folder: str) -> list[str]:
        """The names in a folder, none if there is no such folder."""
        try:
            found = self._root.fs.ls((self._root / folder).path, detail=False)
        except FileNotFoundError:
            return []
        return [str(name).rstrip("/").rpartition("/")[2] for name in found]

    def remove(self, folder: str, *, suffix: str) -> list[int]:
        """Remove a folder with all in it, and return the sizes of the documents with the suffix."""
        path = (self._root / folder).path
        found = self._root.fs.find(path, detail=True)
        self._root.fs.rm(path, recursive=True)
        return [int(entry["size"]) for name, entry in found.items() if name.endswith(suffix)]


def try_archive(url: str) -> str:
    """Write a document into the raw archive, read it, take it away, and return where the archive is.

    Nothing of it stays, also where it cannot be written: a full disk would get a folder more from each try.

    Raises:
        ArchiveError: one of these cannot be done.
    """
    store, folder = open_store(url), f"probe-{secrets.token_hex(8)}"
    with explained_failures(f"the raw archive in {store.url} cannot be used"):
        try:
            store.create(f"{folder}/probe.txt", b"lac doctor")
            store.read(f"{folder}/probe.txt")
        except Exception:
            with contextlib.suppress(Exception):  # the first failure is the one to show
                store.remove(folder, suffix=".txt")
            raise
        store.remove(folder, suffix=".txt")
    return store.url
