"""What Dagster shows of a check: whether it passes for every ad account, the failures, the numbers, the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dagster as dg

from lac_pipeline.reporting.check_wording import subject_of, words_of
from lac_pipeline.warehouse.check_results import (
    ERROR_ACCOUNTS,
    SEVERITY_OF,
    SHOWN,
    Check,
    CheckState,
    PrimaryKey,
    Reconciliation,
    RejectedShare,
    RowFindings,
    Severity,
    Shrinkage,
    errors_in,
)
from lac_pipeline.warehouse.query.account_labels import NAMELESS, AccountNames
from lac_pipeline.warehouse.query.overview import Overview

_SEVERITIES = {Severity.ERROR: dg.AssetCheckSeverity.ERROR, Severity.WARNING: dg.AssetCheckSeverity.WARN}

Metadata = dict[str, dg.MetadataValue]


def names_in(overview: Overview, states: Sequence[CheckState]) -> AccountNames:
    """The names of the accounts that a report of these results names; read only where it names some.

    Raises:
        StorageError: the query failed.
    """
    named = {state.account_id for state in states if not state.passed or _notes_of(state)} - {None}
    return AccountNames(overview.names([*filter(None, named)])) if named else NAMELESS


def check_result(
    asset: dg.AssetKey, check: Check, states: Sequence[CheckState], names: AccountNames = NAMELESS
) -> dg.AssetCheckResult:
    """Report what holds of every account.

    Args:
        asset: the asset whose table it is about.
        check: the check.
        states: its results, of all accounts.
        names: of the accounts that are named, as far as they are known.
    """
    wrong = sorted((state for state in states if not state.passed), key=lambda state: not state.is_error)
    severity = wrong[0].severity if wrong else SEVERITY_OF[check]
    return dg.AssetCheckResult(
        passed=not wrong,
        asset_key=asset,
        check_name=check.value,
        severity=_SEVERITIES[severity],
        description="\n".join(_line(state, names) for state in wrong[:SHOWN]) or None,
        metadata=_accounts(states, wrong) | _numbers(states) | _table(wrong, names) | _notes(states, names),
    )


def nothing_compared(asset: dg.AssetKey) -> dg.AssetCheckResult:
    """Warn that there is nothing to compare, which is not the same as numbers that agree."""
    return dg.AssetCheckResult(
        passed=False,
        asset_key=asset,
        check_name=Check.RECONCILIATION.value,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"nothing was compared: no total of LinkedIn's is stored for {asset.path[-1]}; materialize a day "
        "of it, or `lac sync --account all --force`",
        metadata={"compared": dg.MetadataValue.int(0)},
    )


def evaluation(result: dg.AssetCheckResult) -> dg.AssetCheckEvaluation:
    """The result as a sensor publishes it, without a run."""
    if result.asset_key is None or result.check_name is None:
        raise ValueError("the result does not name its asset and check")
    return dg.AssetCheckEvaluation(
        asset_key=result.asset_key,
        check_name=result.check_name,
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
    )


def _line(state: CheckState, names: AccountNames) -> str:
    problem, fix = words_of(state)
    return f"{subject_of(state, names)}: {problem}; {fix}"


def _accounts(states: Sequence[CheckState], wrong: Sequence[CheckState]) -> Metadata:
    """How many accounts the result is about, how many of them are not as they should be, and of which it is an error.

    In `error_accounts` null stands for what is about no account in particular.
    """
    counts: Metadata = {
        name: dg.MetadataValue.int(len({state.account_id for state in of if state.account_id is not None}))
        for name, of in (("accounts", states), ("accounts_failing", wrong))
    }
    failing = list(dict.fromkeys(state.account_id for state in errors_in(wrong)))
    return counts | ({ERROR_ACCOUNTS: dg.MetadataValue.json(failing)} if failing else {})


def _numbers(states: Sequence[CheckState]) -> Metadata:
    """Sums over the accounts, which Dagster plots."""
    metadata: Metadata = {}
    sums: dict[str, int] = {}
    for state in states:
        match state.facts:
            case RejectedShare(rejected, fetched):
                counts = {"rejected": rejected, "fetched": fetched}
            case Shrinkage(stored, missing):
                counts = {"stored": stored, "missing": missing}
            case Reconciliation(compared, differing):
                counts = {"compared": compared, "differences": differing}
            case RowFindings(total):
                counts = {"found": total}
            case PrimaryKey(columns):
                metadata["primary_key"] = dg.MetadataValue.text(", ".join(columns))
                counts = {}
            case _:
                counts = {}
        for name, count in counts.items():
            sums[name] = sums.get(name, 0) + count
    return metadata | {name: dg.MetadataValue.int(count) for name, count in sums.items()}


def _table(wrong: Sequence[CheckState], names: AccountNames) -> Metadata:
    """The rows, or totals, that are wrong: the first of all accounts together.

    The columns of rows are sorted, as PostgreSQL's jsonb, in which they were kept, has them by length.
    """
    rows: list[dict[str, str | int | None]] = []
    for state in wrong:
        about = _account(state.account_id, names)
        match state.facts:
            case RowFindings(_, found):
                rows += [about | _sorted(row) for row in found]
            case Reconciliation(_, _, differences):
                rows += [
                    about
                    | {"days": "all" if difference.day is None else str(difference.day), "metric": difference.metric}
                    | {"linkedin": str(difference.linkedin), "ours": str(difference.ours)}
                    for difference in differences
                ]
    return _as_table("rows", rows)


def _notes(states: Sequence[CheckState], names: AccountNames) -> Metadata:
    """What is worth knowing and no fault: the first of all accounts together."""
    return _as_table(
        "notes",
        [_account(state.account_id, names) | _sorted(note) for state in states for note in _notes_of(state)],
    )


def _notes_of(state: CheckState) -> Sequence[Mapping[str, str | int | None]]:
    return state.facts.notes if isinstance(state.facts, RowFindings) else ()


def _account(account_id: int | None, names: AccountNames) -> dict[str, str | int | None]:
    """The account of a row by name and id, or by its id alone."""
    return {} if account_id is None else {"account": names.title(account_id)}


def _sorted(row: Mapping[str, str | int | None]) -> dict[str, str | int | None]:
    """The columns of a row in their order, without the account, which every row has by name and id."""
    return {name: value for name, value in sorted(row.items()) if name != "account_id"}


def _as_table(name: str, rows: Sequence[dict[str, str | int | None]]) -> Metadata:
    table = [dg.TableRecord(row) for row in rows[:SHOWN]]
    return {name: dg.MetadataValue.table(table)} if table else {}
