"""Frozen copies of views: `migrations/views/NNNN/<view>.sql`, the statements of the views that revision NNNN changed.

A view that does not stand in our schema has the name of its own before its name: `<schema>.<view>.sql`.

`freeze` writes them from `schema/views`, and migrations run them. A migration never imports the views themselves: what
it did stays the same when they change.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from alembic import op

from lac_pipeline.warehouse.revision import migrations_folder
from lac_pipeline.warehouse.schema.base import SCHEMA
from lac_pipeline.warehouse.schema.fivetran import FIVETRAN_VIEWS
from lac_pipeline.warehouse.schema.view import View
from lac_pipeline.warehouse.schema.views import VIEWS


def apply(folder: Path) -> None:
    """Make or replace the views of a migration's folder, with their comments: what its `upgrade` does."""
    for copy in sorted(folder.glob("*.sql")):
        _execute(copy)


def revert(folder: Path) -> None:
    """Bring back the copies before those of a migration's folder: what its `downgrade` does.

    Views that there were none of go. The copies before must hold comments too, as all from 0019 on do.
    """
    for copy in sorted(folder.glob("*.sql"), reverse=True):
        schema, _, name = copy.stem.rpartition(".")
        op.execute(f"DROP VIEW {schema or SCHEMA}.{name}")
        before = _newest(folder, copy.name)
        if before is not None:
            _execute(before)


def freeze(folder: Path, views: Iterable[View] = (*VIEWS, *FIVETRAN_VIEWS)) -> list[str]:
    """Write into a migration's folder each view that differs from its newest copy; return their names."""
    changed = []
    for view in views:
        name = view.name if view.schema == SCHEMA else view.relation
        before = _newest(folder, f"{name}.sql")
        if before is None or before.read_text("utf-8") != view.ddl:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.sql").write_text(view.ddl, "utf-8")
            changed.append(name)
    return changed


def _newest(folder: Path, name: str) -> Path | None:
    """Find the newest copy from before a folder; folders have the numbers of their revisions."""
    older = (copy for copy in folder.parent.glob(f"*/{name}") if copy.parent.name < folder.name)
    return max(older, default=None, key=lambda copy: copy.parent.name)


def _execute(copy: Path) -> None:
    op.execute(copy.read_text("utf-8").replace(":", r"\:"))  # a colon before a word would begin a parameter


if __name__ == "__main__":
    print(*freeze(migrations_folder() / "views" / sys.argv[1]), sep="\n")  # noqa: T201 - for who writes the migration
