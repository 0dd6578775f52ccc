"""The newest result of every check about each ad account, and those that failed before and were not resolved since.

A failed result about a window of days stays until a later evaluation of these days passes, or of a part of them, by
which it gets shorter. So a good run of another account, or of other days, never hides it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
)

from lac_pipeline.postgres.engine import reading, translating_errors
from lac_pipeline.streams import STREAMS, Catalogue
from lac_pipeline.warehouse.check_results import Check, CheckState, Facts
from lac_pipeline.warehouse.schema.quality_tables import CheckStateRow
from lac_pipeline.warehouse.schema.tables import table_of
from lac_pipeline.windows import DateWindow, contiguous

_TABLE = table_of(CheckStateRow)
_Subject = tuple[int | None, str, str]
_FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)
_KEY = func.unnest(bindparam("keys", type_=ARRAY(BigInteger))).column_valued("key")
_TAKE_LOCKS = select(func.pg_advisory_xact_lock(_KEY))
_DELETE = delete(_TABLE).where(_TABLE.c.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
_INSERT = insert(_TABLE).returning(_TABLE.c.id)
"""What returns something is one statement, however many rows it inserts."""


def record(connection: Connection, states: Iterable[CheckState], *, covering: DateWindow | None = None) -> None:
    """Store results in place of the earlier ones about the same days; the caller commits.

    However many they are, they are locked, read, deleted and inserted by one statement each.

    Args:
        connection: of the caller's transaction.
        states: the results; where two are about the same days, the later one holds.
        covering: the UTC days that were evaluated, where a result is about only some of them.
    """
    new = [replace(state, id=None, evaluated_at=None) for state in sorted(states, key=_place)]
    if not new:
        return
    _take_locks(connection, new)
    current: dict[_Subject, list[CheckState]] = {_subject(state): [] for state in new}
    stored = [state for state in _stored_like(connection, new) if _subject(state) in current]
    for state in stored:
        current[_subject(state)].append(state)
    for state in new:
        current[_subject(state)] = [*_left_by(state, current[_subject(state)], covering or state.window), state]
    after = [state for states_of_subject in current.values() for state in states_of_subject]
    replaced = {state.id for state in stored} - {state.id for state in after}
    if replaced:
        connection.execute(_DELETE, {"ids": [*replaced]})
    _insert(connection, [_values(state) for state in after if state.evaluated_at is None])
    shortened = [state for state in after if state.id is None and state.evaluated_at is not None]
    _insert(connection, [_values(state) | {"evaluated_at": state.evaluated_at} for state in shortened])


def _left_by(state: CheckState, earlier: Iterable[CheckState], evaluated: DateWindow | None) -> Iterator[CheckState]:
    """What still holds of earlier results about the same subject, once this one is there."""
    for before in earlier:
        if state.passed is None and before.passed is False:
            yield before
        elif not before.passed and before.window is not None and evaluated is not None:
            rest = contiguous(day for day in before.window if day not in evaluated)
            yield from (replace(before, window=window, id=None) for window in rest)


def read(
    connection: Connection,
    account_ids: Sequence[int | None] | None = None,
    *,
    asset: str | None = None,
    check: Check | None = None,
) -> list[CheckState]:
    """Return what holds now, by account, table, check and days; None: of every account, table or check."""
    assets, checks = (None if name is None else [name] for name in (asset, check))
    return _find(connection, account_ids, assets, checks)


def _stored_like(connection: Connection, states: Iterable[CheckState]) -> list[CheckState]:
    """Return what holds of the accounts, tables and checks of these results, in any combination."""
    account_ids, assets, checks = ([*set(names)] for names in zip(*map(_subject, states), strict=True))
    return _find(connection, account_ids, assets, checks)


def _find(
    connection: Connection,
    account_ids: Sequence[int | None] | None,
    assets: Sequence[str] | None,
    checks: Sequence[str] | None,
) -> list[CheckState]:
    chosen = {"account_ids": account_ids, "assets": assets, "checks": checks}
    given = {name: [*values] for name, values in chosen.items() if values is not None}
    query = _query(*given, of_none=None in given.get("account_ids", ()))
    return [_state(record) for record in connection.execute(query, given)]


@cache
def _query(*given: str, of_none: bool) -> Select[Any]:
    """Make the query of what holds of the parameters that are given, and of no account in particular."""
    columns = _TABLE.c
    query = select(_TABLE).order_by(
        columns.account_id.nulls_first(), columns.asset, columns.check_name, columns.window_start, columns.id
    )
    by_name = {"account_ids": columns.account_id, "assets": columns.asset, "checks": columns.check_name}
    for name in given:
        among = by_name[name].in_(bindparam(name, expanding=True))
        query = query.where(or_(among, columns.account_id.is_(None)) if of_none and name == "account_ids" else among)
    return query


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
        self._reading = reading(engine)

    def record(self, states: Iterable[CheckState]) -> None:
        """Store results, each in place of the earlier ones about the same days."""
        with translating_errors(), self._engine.begin() as connection:
            record(connection, states)

    def of(
        self, account_ids: Collection[int] | None = None, *, asset: str | None = None, check: Check | None = None
    ) -> list[CheckState]:
        """Return what holds now, by account, table, check and days.

        Args:
            account_ids: these accounts, and what is about no account in particular; None: all accounts.
            asset: only this table.
            check: only this check.
        """
        with translating_errors(), self._reading.connect() as connection:
            return read(connection, _with_none(account_ids), asset=asset, check=check)

    def not_passed(
        self, account_ids: Collection[int] | None = None, *, streams: Catalogue = STREAMS
    ) -> list[CheckState]:
        """Return what failed, or could not be evaluated, and was not resolved since; errors first.

        Args:
            account_ids: these accounts, and what is about no account in particular; None: all accounts.
            streams: whose results; of a stream that is not loaded any more nothing can be resolved.
        """
        with translating_errors(), self._reading.connect() as connection:
            return [state for state in not_passed(connection, account_ids) if state.asset in streams]

    def forget(self, check: Check, *, account_ids: Collection[int], others: bool = False) -> int:
        """Drop the results of a check that are out of date; return how many that were.

        Args:
            check: which check.
            account_ids: of these accounts, and of none in particular.
            others: of all accounts but these instead.
        """
        ids = _TABLE.c.account_id.in_(list(account_ids))
        about = and_(_TABLE.c.account_id.is_not(None), not_(ids)) if others else or_(_TABLE.c.account_id.is_(None), ids)
        gone = delete(_TABLE).where(_TABLE.c.check_name == check.value, about)
        with translating_errors(), self._engine.begin() as connection:
            return connection.execute(gone).rowcount


def _with_none(account_ids: Collection[int] | None) -> list[int | None] | None:
    return None if account_ids is None else [None, *account_ids]


def _subject(state: CheckState) -> _Subject:
    return state.account_id, state.asset, state.check


def _place(state: CheckState) -> tuple[int, str, str]:
    """The order in which every transaction takes its locks, so that two never wait for each other."""
    return state.account_id or 0, state.asset, state.check


def _take_locks(connection: Connection, states: Iterable[CheckState]) -> None:
    names = dict.fromkeys(f"check|{state.asset}|{state.check}|{state.account_id}" for state in states)
    digests = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names]
    keys = [int.from_bytes(digest, "big", signed=True) for digest in digests]
    connection.execute(_TAKE_LOCKS, {"keys": keys})


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(_INSERT, rows)


def _values(state: CheckState) -> dict[str, object]:
    return {
        "account_id": state.account_id,
        "asset": state.asset,
        "check_name": state.check.value,
        "severity": state.severity.value,
        "passed": state.passed,
        "window_start": state.window and state.window.start,
        "window_end": state.window and state.window.end,
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
