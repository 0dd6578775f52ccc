"""Dagster runs that this process executes, recorded in the instance: asset groups of ad accounts, and their reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from lac_pipeline.commands.session.code_location import show_in_location
from lac_pipeline.commands.session.interrupts import raising_interrupts
from lac_pipeline.commands.session.sync_results import GroupSync, SyncCause, SyncRequest
from lac_pipeline.defs.account_loads import failed_accounts, failure_lines
from lac_pipeline.defs.assets.left_behind import failures_of
from lac_pipeline.defs.assets.report import REPORT
from lac_pipeline.defs.assets.snapshot import SNAPSHOT
from lac_pipeline.defs.partitions import range_tags
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import ACCEPT_SHRINK, ACCOUNT, FORCED, PROCESS, TRIGGER, accounts_run, named_tags
from lac_pipeline.errors import DefectError
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.freshness_reason import Reason
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.readings import AttemptRecord
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

LONGEST_ERROR = 500  # characters


class RunsHere:
    """Executes runs in this process.

    Args:
        definitions: the code location.
        instance: where the runs are recorded.
        warehouse: where the assets store rows, and the log of attempts.
        settings: what is loaded.
    """

    def __init__(
        self, definitions: dg.Definitions, *, instance: dg.DagsterInstance, warehouse: Warehouse, settings: Settings
    ) -> None:
        self._job = definitions.resolve_implicit_global_asset_job_def()
        self._instance = instance
        self._warehouse = warehouse
        self._settings = settings
        self._names: dict[int, str | None] = {}

    def sync_group(
        self,
        reasons: Mapping[int, Reason | SyncCause],
        group: AssetGroup,
        window: DateWindow | None,
        request: SyncRequest,
    ) -> list[GroupSync]:
        """Sync an asset group of ad accounts, fresh or not, as one run; what became of each account.

        Args:
            reasons: why each account is synced. Several are neighbours in Dagster's order, as a run has a range.
            group: what is synced.
            window: the UTC days; None for entities.
            request: by which the run is tagged.
        """
        accounts, chosen = list(reasons), self._settings.streams.names_in(group)
        tags = accounts_run(accounts, group, request.trigger, self._names_of(accounts))
        tags |= {ACCEPT_SHRINK: "true"} if request.accept_shrink else {}
        tags |= {FORCED: "true"} if request.force else {}
        tags |= range_tags(accounts[0], group, window, through=accounts[-1])
        partition = str(accounts[0]) if window is None and len(accounts) == 1 else None
        result = self._execute(chosen, tags, partition)
        attempts = self._warehouse.read.attempts_of(result.run_id)
        results = []
        for account_id, reason in reasons.items():
            of_account = [record for record in attempts if record.attempt.account_id == account_id]
            failed = None if result.success else self._failure(result, account_id, of_account, alone=len(accounts) == 1)
            results.append(GroupSync(account_id, group, reason, result.run_id, of_account, failed, chosen))
        return results

    def deliver(self, account_id: int) -> str | None:
        """Make the account's snapshot and report from what is stored, as one run; why that failed, if it did."""
        tags = {ACCOUNT: str(account_id), TRIGGER: "on_demand"}
        tags |= named_tags([account_id], self._names_of([account_id]))
        result = self._execute((SNAPSHOT, REPORT), tags, str(account_id))
        return None if result.success else self._failure(result, account_id, [], alone=True)

    def _execute(
        self, assets: Sequence[str], tags: Mapping[str, str], partition: str | None
    ) -> dg.ExecuteInProcessResult:
        # The run is created with its process, so that it is found however early the process dies.
        run_id = str(uuid4())
        selected = [dg.AssetKey(name) for name in assets]
        job = self._job.get_subset(asset_selection={*selected})
        with raising_interrupts():  # Dagster makes a failed run of them, and the sync would go on with the next one
            result = job.execute_in_process(
                asset_selection=selected,  # which the run then shows
                tags={**tags, PROCESS: RunProcess.this(run_id).tag},
                partition_key=partition,
                instance=self._instance,
                run_id=run_id,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": self._console_level}}}},
            )
        show_in_location(self._instance, run_id)
        return result

    def _names_of(self, account_ids: Iterable[int]) -> AccountNames:
        """The accounts' names, looked up until they are known: the first sync loads them."""
        unknown = [account_id for account_id in account_ids if account_id not in self._names]
        if unknown:
            self._names |= Overview(self._warehouse.engine).names(unknown)
        return AccountNames(self._names)

    def _failure(
        self, result: dg.ExecuteInProcessResult, account_id: int, attempts: Sequence[AttemptRecord], *, alone: bool
    ) -> str | None:
        """Why an account failed in a run; None where only others did. Of an unexpected failure, the exception.

        Args:
            result: of the run.
            account_id: one of its accounts.
            attempts: of the account in this run.
            alone: whether the run has no other account.
        """
        messages: dict[str, None] = {}
        steps = [event for event in result.all_events if event.is_step_failure]
        for event in steps:
            data = event.step_failure_data
            detail = data.user_failure_data
            accounts = failed_accounts(detail.metadata) if detail is not None else set()
            if accounts and not alone and account_id not in accounts:
                continue
            own = [] if alone or not accounts else failure_lines(failures_of(attempts), self._warehouse)
            messages |= dict.fromkeys(own)
            if not own:
                messages[str(detail.description if detail is not None else _defect(event.step_key, data.error))] = None
        if messages:
            return "\n".join(messages)
        return None if steps else str(_defect(None, None))

    @property
    def _console_level(self) -> str:
        """Dagster's console logger shows a failure three times, with stack traces; `lac` shows it once, at the end."""
        return "DEBUG" if self._settings.log_level == "DEBUG" else "CRITICAL"


def _defect(step: str | None, error: SerializableErrorInfo | None) -> DefectError:
    """Describe a step, or a whole run, that ended by an unexpected exception."""
    while error is not None and error.cause is not None:
        error = error.cause
    return DefectError(
        f"{step or 'the run'} ended in a fault of lac",
        detail=error.message.strip()[:LONGEST_ERROR] if error is not None else None,
        meaning="a defect of lac, not of your settings; what was loaded before stays",
        fix="report it with the lines above; `LOG_LEVEL=DEBUG` shows where it happened",
    )
