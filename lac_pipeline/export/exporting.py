"""An export: the partitions that changed since the last one are written, those that are gone are removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby

import pyarrow as pa

from lac_pipeline.errors import ExportError
from lac_pipeline.export.destinations import Destination, explained
from lac_pipeline.export.manifest import NAME, ORIGIN, ExportedFile, Manifest, origin_in, origin_to_json
from lac_pipeline.export.parquet import AS_THEY_ARE, columns_of, hive_value, schema_of, write_file
from lac_pipeline.warehouse.query.export_reader import ACCOUNT, MONTH, ExportedRelation, ExportReader, RowsOfPartition

PART = "part.parquet"
LISTED_AFTER = 20
"""So many files are written before the manifest lists them: what a killed export writes again at most."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did to a table or view.

    Attributes:
        name: of the table or view.
        rows: in the files that are there now.
        files: that are there now.
        written: files that were new or had changed.
        removed: files whose rows are gone.
        bytes: of the files that are there now.
    """

    name: str
    rows: int = 0
    files: int = 0
    written: int = 0
    removed: int = 0
    bytes: int = 0


class Export:
    """Writes what a reader sees into a destination.

    Args:
        reader: the warehouse at one moment.
        destination: where to.
        account_ids: of these ad accounts alone; files of others stay as they are. None for all.

    Attributes:
        as_of: the moment, in ISO 8601.
    """

    def __init__(self, reader: ExportReader, destination: Destination, *, account_ids: Sequence[int] | None) -> None:
        self.reader = reader
        self.destination = destination
        self.account_ids = account_ids
        self.as_of = reader.as_of.astimezone(UTC).isoformat(timespec="microseconds")

    def claim(self) -> None:
        """Note at the destination which database is exported there.

        Raises:
            ExportError: it has the files of another database, which this export would replace or remove.
            StorageError: the query failed.
        """
        origin = self.reader.origin()
        with explained(self.destination):
            noted = self.destination.read(ORIGIN)
            if noted is None:
                self.destination.write(ORIGIN, origin_to_json(origin))
                return
        before = origin_in(noted)
        if before is None or before.id != origin.id:
            named = "an unknown database" if before is None else f"the database {before.name} ({before.id})"
            raise ExportError(
                f"{self.destination.url} has the export of another database",
                detail=f"{ORIGIN} names {named}; this one is {origin.name} ({origin.id})",
                meaning="its files would be replaced and removed; nothing was written",
                fix="name another place with --to; or, if that database is gone, remove its export from there",
            )

    def write(self, relation: ExportedRelation) -> Exported:
        """Bring the files of a table or view up to date.

        Raises:
            ExportError: a file cannot be written, or a number does not fit.
            StorageError: a query failed.
        """
        with explained(self.destination):
            return _RelationExport(self, relation).run()

    def remove_dropped(self, known: Collection[str]) -> list[Exported]:
        """Remove the files of tables and views that the database has no more.

        Args:
            known: all that it has.

        Raises:
            ExportError: a file cannot be removed.
        """
        with explained(self.destination):
            gone = [name for name in self.destination.folders() if name not in known]
            return [self._drop(name) for name in gone if self.destination.read(f"{name}/{NAME}") is not None]

    def _drop(self, name: str) -> Exported:
        files = [file for file in self.destination.sizes(name) if _is_part(file)]
        for file in files:
            self.destination.remove(file)
        self.destination.remove(f"{name}/{NAME}")
        return Exported(name, removed=len(files))


class _RelationExport:
    """The export of one table or view."""

    def __init__(self, export: Export, relation: ExportedRelation) -> None:
        self._export = export
        self._relation = relation
        self._listing = f"{relation.name}/{NAME}"

    def run(self) -> Exported:
        destination, name = self._export.destination, self._relation.name
        contents = self._export.reader.contents(self._relation, self._export.account_ids)
        known = destination.read(self._listing)
        manifest = Manifest.parse(known)
        schema = schema_of(self._relation, contents.places, before=manifest.columns)
        if manifest.columns != columns_of(schema):
            manifest = Manifest(columns_of(schema))  # no file has these columns yet
        present = destination.sizes(name)
        current = {self._path(partition): partition for partition in contents.partitions}
        changed = [
            partition
            for file, partition in current.items()
            if not _is_complete(manifest.files.get(file), partition, present.get(file))
        ]
        gone = [] if known is None else [file for file in present if self._is_ours(file) and file not in current]
        self._save(manifest)
        try:
            self._write(changed, schema, manifest)
            for file in gone:
                destination.remove(file)
                manifest.files.pop(file, None)
        finally:
            if changed or gone:
                self._save(manifest)
        files = [manifest.files[file] for file in current]
        rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
        return Exported(name, rows, len(files), len(changed), len(gone), size)

    def _write(self, changed: Sequence[RowsOfPartition], schema: pa.Schema, manifest: Manifest) -> None:
        """Write the partitions, and list them as they are done."""
        left = {(partition.account_id, partition.month): partition for partition in changed}
        for account_id, partitions in groupby(changed, key=lambda partition: partition.account_id):
            months = {partition.month for partition in partitions}
            read = self._export.reader.rows(self._relation, account_id, months, as_they_are=AS_THEY_ARE)
            for month, batches in read:
                partition = left.pop((account_id, month))
                file = self._path(partition)
                with self._export.destination.writing(file) as draft:
                    write_file(draft, self._relation, schema, batches)
                    size = draft.stat().st_size
                manifest.files[file] = ExportedFile(partition.rows, partition.digest, size)
                if len(left) % LISTED_AFTER == 0:
                    self._save(manifest)

    def _save(self, manifest: Manifest) -> None:
        content = manifest.to_json(self._relation.name, as_of=self._export.as_of)
        self._export.destination.write(self._listing, content)

    def _path(self, partition: RowsOfPartition) -> str:
        """Where a partition's file is, in the form that Hive, and readers after it, know."""
        values = {ACCOUNT: partition.account_id, MONTH: partition.month}
        folders = [
            f"{part}={hive_value(part, values[part], relation=self._relation)}"
            for part in self._relation.partitioned_by
        ]
        return "/".join([self._relation.name, *folders, PART])

    def _is_ours(self, file: str) -> bool:
        """Whether a file is one of those that this export decides about."""
        account_ids = self._export.account_ids
        if not _is_part(file) or account_ids is None or not self._relation.has_account:
            return _is_part(file)
        return file.split("/")[1] in {f"{ACCOUNT}={account_id}" for account_id in account_ids}


def _is_part(file: str) -> bool:
    return file.rpartition("/")[2] == PART


def _is_complete(known: ExportedFile | None, partition: RowsOfPartition, size: int | None) -> bool:
    return known is not None and (known.digest, known.rows, known.bytes) == (partition.digest, partition.rows, size)
