"""How an account fails in a run over several accounts: the others continue, and the run still ends as failed.

Dagster skips every step downstream of a failed step. So the step of an asset that loaded some of its accounts succeeds,
with materializations of those accounts only. The step of its checks fails instead, and names the accounts that are not
loaded. If no account was loaded, or the run has no step of checks, the asset's own step fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dagster as dg

from lac_pipeline.defs.account_loads import AccountFailure, failure
from lac_pipeline.defs.configured_accounts import refuse_excluded
from lac_pipeline.defs.partitions import AccountWindow, accounts_of
from lac_pipeline.defs.resources import WarehouseResource
from lac_pipeline.errors import LacError
from lac_pipeline.settings import Settings
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline.warehouse.warehouse import Warehouse


def failed_before(context: dg.AssetExecutionContext, warehouse: Warehouse) -> set[int]:
    """The accounts for which an upstream asset failed in this run: this asset does not try to load them."""
    upstream = context.job_def.asset_layer.asset_graph.get_ancestor_asset_keys(context.asset_key)
    names = {key.path[-1] for key in upstream}
    return {
        record.attempt.account_id
        for record in warehouse.read.attempts_of(context.run.run_id)
        if record.status == "failed" and record.attempt.asset in names
    }


def fail_for_accounts_left_behind(
    context: dg.AssetCheckExecutionContext, attempts: Iterable[AttemptRecord], warehouse: WarehouseResource
) -> None:
    """Fail the step of an asset's checks for the accounts that the asset did not load in a run over several.

    A run that was started again from its failure has only this step to do, and fails again: what it did not load is
    still not loaded by it.

    Args:
        context: of the step.
        attempts: to load the asset, by this run and those that it tries again.
        warehouse: the run's.

    Raises:
        dagster.Failure: naming each account and why.
    """
    run = context.run
    accounts = accounts_of(run.tags, warehouse.namespace.known_accounts(context.instance))
    if len(accounts) == 1:
        return
    failures = [*failures_of(attempts), *_excluded(accounts, warehouse.settings)]
    if failures:
        raise failure(failures, warehouse.warehouse)


def failures_of(records: Iterable[AttemptRecord]) -> list[AccountFailure]:
    """The attempts that failed and were the last ones of their asset and account window."""
    last = {(record.attempt.asset, record.attempt.account_id, record.attempt.window): record for record in records}
    return [
        AccountFailure(AccountWindow(account_id, window, ()), _as_error(record))
        for (_, account_id, window), record in last.items()
        if record.status == "failed"
    ]


def _as_error(record: AttemptRecord) -> LacError:
    for error in record.errors:
        return LacError(str(error["summary"]), detail=error["detail"], meaning=error["meaning"], fix=error["fix"])
    return LacError(f"{record.attempt.asset} was not loaded", fix="read the log of the run")


def _excluded(accounts: Sequence[int], settings: Settings) -> Iterable[AccountFailure]:
    for account_id in accounts:
        try:
            refuse_excluded(account_id, settings)
        except LacError as error:
            yield AccountFailure(AccountWindow(account_id, None, ()), error)
