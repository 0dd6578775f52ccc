"""The newest result of every check about each ad account, and those that failed before and were not resolved since.

A failed result about a window of days stays until a later evaluation of these days passes, or of a part of them, by
which it gets shorter. So a good run of another account, or of other days, never hides it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Row,
    and_,
    delete,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
)

from lac_pipeline.postgres.engine import translating_errors
from lac_pipeline.streams import STREAMS, Catalogue
from lac_pipeline.warehouse.check_results import Check, CheckState, Facts
from lac_pipeline.warehouse.schema.quality_tables import CheckStateRow
from lac_pipeline.windows import DateWindow, contiguous

_FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)


def record(connection: Connection, state: CheckState, *, covering: DateWindow | None = None) -> None:
    """Store a result in place of the earlier ones about the same days; the caller commits.

    Args:
        connection: of the caller's transaction.
        state: the result.
        covering: the UTC days that were evaluated, where the result is about only some of them.
    """
    evaluated = covering or state.window
    _take_lock(connection, state)
    for earlier in read(connection, [state.account_id], asset=state.asset, check=state.check):
        if state.passed is None and earlier.passed is False:
            continue
        connection.execute(delete(CheckStateRow).where(CheckStateRow.id == earlier.id))
        if not earlier.passed and earlier.window is not None and evaluated is not None:
            rest = contiguous(day for day in earlier.window if day not in evaluated)
            when = {"evaluated_at": earlier.evaluated_at}
            _insert(connection, [_values(earlier, window) | when for window in rest])
    _insert(connection, [_values(state, state.window)])


def read(
    connection: Connection,
    account_ids: Sequence[int | None] | None = None,
    *,
    asset: str | None = None,
    check: Check | None = None,
) -> list[CheckState]:
    """Return what holds now, by account, table, check and days; None: of every account, table or check."""
    row = CheckStateRow
    query = select(row.__table__).order_by(
        row.account_id.nulls_first(), row.asset, row.check_name, row.window_start, row.id
    )
    if account_ids is not None:
        ids = row.account_id.in_([account_id for account_id in account_ids if account_id is not None])
        query = query.where(or_(ids, row.account_id.is_(None)) if None in account_ids else ids)
    query = query if asset is None else query.where(row.asset == asset)
    query = query if check is None else query.where(row.check_name == check.value)
    return [_state(record) for record in connection.execute(query)]


def not_passed(connection: Connection, account_ids: Collection[int] | None = None) -> list[CheckState]:
    """Return what failed, or could not be evaluated, of these accounts and of none in particular; errors first."""
    found = [state for state in read(connection, _with_none(account_ids)) if not state.passed]
    return sorted(found, key=lambda state: not state.is_error)


class CheckStates:
    """Stores and reads results of checks. Every method raises `StorageError` when PostgreSQL cannot do it.

    Args:
        engine: as `make_engine` makes it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, states: Iterable[CheckState]) -> None:
        """Store results, each in place of the earlier ones about the same days."""
        with translating_errors(), self._engine.begin() as connection:
            for state in sorted(states, key=lambda state: (state.account_id or 0, state.asset, state.check)):
                record(connection, state)

    def of(
        self, account_ids: Collection[int] | None = None, *, asset: str | None = None, check: Check | None = None
    ) -> list[CheckState]:
        """Return what holds now, by account, table, check and days.

        Args:
            account_ids: these accounts, and what is about no account in particular; None: all accounts.
            asset: only this table.
            check: only this check.
        """
        with translating_errors(), self._engine.connect() as connection:
            return read(connection, _with_none(account_ids), asset=asset, check=check)

    def not_passed(
        self, account_ids: Collection[int] | None = None, *, streams: Catalogue = STREAMS
    ) -> list[CheckState]:
        """Return what failed, or could not be evaluated, and was not resolved since; errors first.

        Args:
            account_ids: these accounts, and what is about no account in particular; None: all accounts.
            streams: whose results; of a stream that is not loaded any more nothing can be resolved.
        """
        with translating_errors(), self._engine.connect() as connection:
            return [state for state in not_passed(connection, account_ids) if state.asset in streams]

    def forget(self, check: Check, *, account_ids: Collection[int], others: bool = False) -> int:
        """Drop the results of a check that are out of date; return how many that were.

        Args:
            check: which check.
            account_ids: of these accounts, and of none in particular.
            others: of all accounts but these instead.
        """
        ids = CheckStateRow.account_id.in_(list(account_ids))
        about = (
            and_(CheckStateRow.account_id.is_not(None), not_(ids))
            if others
            else or_(CheckStateRow.account_id.is_(None), ids)
        )
        gone = delete(CheckStateRow).where(CheckStateRow.check_name == check.value, about)
        with translating_errors(), self._engine.begin() as connection:
            return connection.execute(gone).rowcount


def _with_none(account_ids: Collection[int] | None) -> list[int | None] | None:
    return None if account_ids is None else [None, *account_ids]


def _take_lock(connection: Connection, state: CheckState) -> None:
    name = f"check|{state.asset}|{state.check}|{state.account_id}"
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    connection.execute(select(func.pg_advisory_xact_lock(literal(key, BigInteger))))


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(CheckStateRow), rows)


def _values(state: CheckState, window: DateWindow | None) -> dict[str, object]:
    return {
        "account_id": state.account_id,
        "asset": state.asset,
        "check_name": state.check.value,
        "severity": state.severity.value,
        "passed": state.passed,
        "window_start": window and window.start,
        "window_end": window and window.end,
        "facts": _FACTS.dump_python(state.facts, mode="json"),
        "run_id": state.run_id,
    }


def _state(row: Row[Any]) -> CheckState:
    known = row.window_start is not None and row.window_end is not None
    return CheckState(
        check=Check(row.check_name),
        asset=row.asset,
        account_id=row.account_id,
        passed=row.passed,
        facts=_FACTS.validate_python(row.facts),
        window=DateWindow(row.window_start, row.window_end) if known else None,
        run_id=row.run_id,
        evaluated_at=row.evaluated_at,
        id=row.id,
    )
