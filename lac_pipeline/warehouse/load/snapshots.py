"""The latest snapshot document of each ad account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.warehouse.schema.quality_tables import AccountSnapshotRow


class AccountSnapshots:
    """Keeps the latest snapshot of each account. Every method raises `StorageError` when PostgreSQL cannot do it.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, account_id: int, document: Mapping[str, Any]) -> None:
        """Keep the document in place of the account's last one; the row's `updated_at` moves only if it differs."""
        statement = insert(AccountSnapshotRow).values(
            account_id=account_id,
            as_of=date.fromisoformat(document["as_of"]),
            schema_version=document["schema_version"],
            document=dict(document),
        )
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=["account_id"],
            set_={name: new[name] for name in ("as_of", "schema_version", "document")} | {"updated_at": func.now()},
            where=AccountSnapshotRow.document.is_distinct_from(new.document),
        )
        with translating_errors(), self._engine.begin() as connection:
            connection.execute(statement)

    def latest(self, account_id: int) -> dict[str, Any] | None:
        """Return the account's latest document; None before its first."""
        query = select(AccountSnapshotRow.document).where(AccountSnapshotRow.account_id == account_id)
        with translating_errors(), self._engine.connect() as connection:
            return connection.scalar(query)
