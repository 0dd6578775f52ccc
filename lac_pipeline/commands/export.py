"""`lac export`: which tables and views are exported, and what that did to each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from lac_pipeline.errors import ConfigError
from lac_pipeline.export.destinations import open_destination
from lac_pipeline.export.exporting import Export, Exported
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.query.export_reader import ExportedRelation, ExportReader
from lac_pipeline.warehouse.roles import PERSONAL, SECRETS
from lac_pipeline.warehouse.suitability import VERSION_TABLE
from lac_pipeline.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be exported.

    Attributes:
        names: of tables and views; empty for all.
        account_ids: ad accounts; None for all.
        personal: whether what members filled into lead forms is exported, too.
    """

    names: Sequence[str] = ()
    account_ids: Sequence[int] | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True)
class RunningExport:
    """An export that writes a table or view with each step of `done`.

    Attributes:
        url: where it writes.
        as_of: the moment that all files show.
        done: what it did to each.
    """

    url: str
    as_of: datetime
    done: Iterator[Exported]


@contextmanager
def exporting(warehouse: Warehouse, to: str, choice: Choice) -> Iterator[RunningExport]:
    """Begin an export.

    Args:
        warehouse: what is exported, as far as its role may read it.
        to: a folder, or `s3://bucket/prefix`.
        choice: which part of it.

    Raises:
        UnknownNameError: there is no table or view of a name.
        ConfigError: a name is of a table that is not exported, or only with an option.
        ExportError: the destination cannot be used, has the export of another database, or another export writes there.
        StorageError: PostgreSQL cannot be reached.
    """
    destination = open_destination(to)
    with ExportReader.opened(warehouse.engine, destination=destination.known_as) as reader:
        relations = _chosen(reader, choice)
        export = Export(reader, destination, account_ids=choice.account_ids)
        export.claim()

        def done() -> Iterator[Exported]:
            yield from map(export.write, relations)
            if not choice.names and choice.account_ids is None:
                yield from export.remove_dropped(reader.all_names())

        yield RunningExport(destination.url, reader.as_of, done())


def _chosen(reader: ExportReader, choice: Choice) -> list[ExportedRelation]:
    _refuse_hidden(choice)
    hidden = {VERSION_TABLE, *SECRETS, *(() if choice.personal else PERSONAL)}
    visible = {relation.name: relation for relation in reader.relations(hidden=hidden)}
    unseen = [name for name in PERSONAL if choice.personal and name not in visible]
    if unseen:
        raise ConfigError(
            f"this role may not read {', '.join(unseen)}",
            meaning="it holds what members filled into lead forms; nothing was exported",
            fix="as the user who loads the data, run `lac grant-reader NAME --lead-answers`",
        )
    for name in choice.names:
        if name not in visible:
            raise unknown_name("table or view", name, list(visible), fix="docs/tables.md lists them all")
    names = {*choice.names, *(PERSONAL if choice.personal else ())} if choice.names else {*visible}
    return [relation for name, relation in visible.items() if name in names]


def _refuse_hidden(choice: Choice) -> None:
    """Refuse tables that are not exported because they are named."""
    for name in choice.names:
        if name in SECRETS:
            raise ConfigError(
                f"{name} is never exported",
                meaning="it holds the tokens of your LinkedIn application",
                fix="leave it out of --tables; `lac dump` backs up the whole schema",
            )
        if name in PERSONAL and not choice.personal:
            raise ConfigError(
                f"{name} is exported only if --lead-answers is given",
                meaning="it holds personal data: what members filled into lead forms",
                fix=f"run it again as `lac export --tables {name} --lead-answers`, or leave it out of --tables",
            )
