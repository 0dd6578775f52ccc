"""Documents for people and agents, in a folder or an object store; a new version replaces the old one."""

from __future__ import annotations

from pathlib import Path

from upath import UPath

from lac_pipeline import private
from lac_pipeline.archive.backends import explained_failures


class Documents:
    """Writes documents beside the raw archive; a reader sees the old document or the new one, never a half.

    Args:
        url: a folder, `s3://bucket/prefix` or `gs://bucket/prefix`.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def write(self, name: str, text: str) -> str:
        """Write a document, in place of the one that had its name, and return where it is: a path or a URL.

        Raises:
            ArchiveError: it cannot be written; the old one stays.
        """
        content = text.encode()
        with explained_failures(f"{name} cannot be written to {self._url}"):
            target = UPath(self._url) / name
            if target.protocol in ("", "file"):
                return _replace(Path(target.path).absolute(), content)
            target.write_bytes(content)
            return str(target)


def _replace(target: Path, content: bytes) -> str:
    private.make_folder(target.parent)
    private.replace(target, content)
    return str(target)
