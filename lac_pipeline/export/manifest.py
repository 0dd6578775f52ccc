"""What of a table or view has been exported: `<name>/_manifest.json`, beside the files that it lists.

A file is written first and listed afterwards, so what is listed is there. Readers of Parquet pass over names that begin
with an underscore.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from lac_pipeline.warehouse.query.export_reader import Origin

NAME = "_manifest.json"
ORIGIN = "_database.json"
"""At the root of an export: which database it is of."""
FORM = 1
"""Raised when files are written otherwise than before, so that the next export writes every one again."""


class ExportedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is complete.

    Attributes:
        rows: how many rows it holds.
        digest: of these rows, in the database.
        bytes: its size.
    """

    rows: int
    digest: str
    bytes: int


class _Written(msgspec.Struct, frozen=True):
    form: int
    relation: str
    as_of: str
    columns: dict[str, str]
    files: dict[str, ExportedFile]


@dataclass(slots=True)
class Manifest:
    """What has been exported of a table or view.

    Attributes:
        columns: of the files, by name, with their Arrow types.
        files: by path below the root.
    """

    columns: dict[str, str] = field(default_factory=dict)
    files: dict[str, ExportedFile] = field(default_factory=dict)

    @classmethod
    def parse(cls, content: bytes | None) -> Manifest:
        """Read a manifest; one that is missing, damaged or of another form lists nothing, so all is written again."""
        if content is not None:
            with suppress(msgspec.MsgspecError):
                written = msgspec.json.decode(content, type=_Written)
                if written.form == FORM:
                    return cls(written.columns, dict(written.files))
        return cls()

    def to_json(self, relation: str, *, as_of: str) -> bytes:
        """Write it down.

        Args:
            relation: the table or view.
            as_of: the moment of which the newest files show the rows, in ISO 8601.
        """
        written = _Written(FORM, relation, as_of, self.columns, dict(sorted(self.files.items())))
        return msgspec.json.format(msgspec.json.encode(written), indent=1)


def origin_to_json(origin: Origin) -> bytes:
    """Write down which database is exported."""
    return msgspec.json.format(msgspec.json.encode(origin._asdict()), indent=1)


def origin_in(content: bytes) -> Origin | None:
    """Read which database is exported; None if the file is damaged."""
    try:
        return Origin(**msgspec.json.decode(content, type=dict[str, str]))
    except (msgspec.MsgspecError, TypeError):
        return None
