"""`lac sync`: the runs of an ad account, in this process, recorded in the Dagster instance."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import uuid4

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from lac_pipeline.commands.session.code_location import show_in_location
from lac_pipeline.commands.session.due_groups import DueGroups
from lac_pipeline.commands.session.interrupts import raising_interrupts
from lac_pipeline.commands.session.sync_results import GroupSync, SyncCause, SyncRequest
from lac_pipeline.defs.assets.report import REPORT
from lac_pipeline.defs.assets.snapshot import SNAPSHOT
from lac_pipeline.defs.configured_accounts import configured_accounts, refuse_excluded
from lac_pipeline.defs.partitions import known_accounts, range_tags
from lac_pipeline.defs.run_process import RunProcess
from lac_pipeline.defs.run_tags import ACCEPT_SHRINK, ACCOUNT, FORCED, PROCESS, TRIGGER, account_run, named_tags
from lac_pipeline.defs.sensors.discovery_sensor import discover
from lac_pipeline.defs.sensors.housekeeping_sensor import close_unfinished
from lac_pipeline.errors import DefectError, NotFoundError
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Catalogue
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.check_results import CheckState
from lac_pipeline.warehouse.query.account_labels import AccountNames
from lac_pipeline.warehouse.query.freshness_reason import Reason
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.parts import Parts
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

log = logging.getLogger(__name__)

LONGEST_ERROR = 500  # characters


class AccountSync:
    """Syncs ad accounts in this process, one Dagster run per account and asset group.

    Args:
        definitions: the code location.
        instance: where the runs are recorded.
        warehouse: where the rows go and the freshness gate looks.
        settings: windows and TTLs.
    """

    def __init__(
        self, definitions: dg.Definitions, *, instance: dg.DagsterInstance, warehouse: Warehouse, settings: Settings
    ) -> None:
        self._job = definitions.resolve_implicit_global_asset_job_def()
        self._instance = instance
        self.warehouse = warehouse
        self._settings = settings
        self._due = DueGroups(settings, warehouse)
        self.gate = self._due.gate
        self._names: dict[int, str | None] = {}

    @property
    def streams(self) -> Catalogue:
        """What is loaded."""
        return self._settings.streams

    def accounts(self, account: str, *, force: bool = False, known: bool = False) -> list[int]:
        """The accounts that `--account ID|all` means; LinkedIn is read only when the known accounts are not enough.

        Args:
            account: an id, or `all`.
            force: read LinkedIn for `all` even while what is known is fresh.
            known: take what is known for `all`, however old; a request is sent only when nothing is.

        Raises:
            UnknownNameError: nothing is known of this account, and the token cannot see it.
            NotFoundError: it was loaded before, and the token cannot see it.
            PartitionError: LAC_ACCOUNT_IDS leaves it out.
        """
        close_unfinished(self._instance, self.warehouse)
        if account.isdigit() and self._settings.excludes(int(account)):
            self._refuse_unknown(account)
            refuse_excluded(int(account), self._settings)
        if account == "all" and self._settings.lac_account_ids:  # it may name accounts that are no partitions yet
            return discover(self._instance, self._settings, self.warehouse, log)
        known_partitions = configured_accounts(self._instance, self._settings)
        if account == "all":
            stale = not known and (
                force or any(state.due for state in self.gate.states_over(known_partitions, AssetGroup.ENTITIES, None))
            )
            return (
                known_partitions
                if known_partitions and not stale
                else discover(self._instance, self._settings, self.warehouse, log)
            )
        if account.isdigit() and int(account) in known_partitions:
            return [int(account)]
        visible = discover(self._instance, self._settings, self.warehouse, log)
        if account.isdigit() and int(account) in visible:
            return [int(account)]
        self._refuse_unknown(account, visible=visible)
        raise NotFoundError(
            f"the token cannot see ad account {account}",
            meaning=f"it was loaded before, and its rows stay; the token can see {_listed(visible)}",
            fix="give the token's member a role on the account in Campaign Manager",
        )

    def _refuse_unknown(self, account: str, *, visible: Iterable[int] = ()) -> None:
        """Refuse an account that is neither configured nor visible nor a partition, and has no rows."""
        partitions = {key for key in known_accounts(self._instance) if key.isdigit()}
        stored = Overview(self.warehouse.engine).account_ids()
        known = partitions | {str(each) for each in (*visible, *stored, *self._settings.lac_account_ids)}
        if account not in known:
            fix = "give the token's member a role on the account in Campaign Manager, or use one of these"
            raise unknown_name("ad account", account, known, fix=fix)

    def checked(self, account: str, accounts: Iterable[int]) -> set[int]:
        """The accounts whose checks show whether what `--account ID|all` means is right: for `all`, lost ones too."""
        everything = configured_accounts(self._instance, self._settings) if account == "all" else ()
        return {*accounts, *everything}

    def missing_parts(self, accounts: Collection[int]) -> list[CheckState]:
        """The days that were loaded before something was chosen that is loaded now, and the command that loads it."""
        parts = Parts(self.warehouse.engine, self._settings.parts)
        return parts.missing(accounts, since=self._settings.start_date)

    def sync(self, account_id: int, request: SyncRequest) -> Iterator[GroupSync]:
        """Sync the account's asset groups in turn; an asset group that fails does not stop the others.

        Raises:
            DateRangeError: the requested days are invalid.
        """
        for group in self._settings.streams.groups:
            verdict = self._due.verdict(account_id, group, request)
            if verdict.due:
                yield self.run(account_id, group, verdict.window, request, verdict.reason)
            else:
                yield self._due.skip(account_id, verdict, request)

    def windows(
        self, account_ids: Sequence[int], request: SyncRequest
    ) -> dict[tuple[int, AssetGroup], DateWindow | None]:
        """The UTC days that a sync of each asset group would read, of many accounts in one look-up.

        None for entities, or where no month is in the range.

        Raises:
            DateRangeError: the requested days are invalid.
        """
        return self._due.windows(account_ids, request)

    def days_to_read(self, account_id: int, request: SyncRequest) -> dict[AssetGroup, tuple[int, int]]:
        """How many days a sync of each asset group covers at most, and by how many reports; entities have none.

        Raises:
            DateRangeError: the requested days are invalid.
        """
        streams = self._settings.streams
        reports = {
            group: sum(
                len(self._settings.pivots_of(stream.report)) for stream in streams.in_group(group) if stream.report
            )
            for group in streams.groups
        }
        windows = self.windows([account_id], request)
        days = {group: windows[account_id, group] for group in streams.groups}
        return {group: (window.days if window else 0, reports[group] or 1) for group, window in days.items()}

    def run(
        self,
        account_id: int,
        group: AssetGroup,
        window: DateWindow | None,
        request: SyncRequest,
        reason: Reason | SyncCause,
    ) -> GroupSync:
        """Sync an asset group of an account, fresh or not, as one run."""
        chosen = self._settings.streams.names_in(group)
        run_id = str(uuid4())
        # The run is created with its process, so that it is found however early the process dies.
        tags = account_run(account_id, group, request.trigger, self._names_of(account_id))
        tags |= {PROCESS: RunProcess.this(run_id).tag}
        tags |= {ACCEPT_SHRINK: "true"} if request.accept_shrink else {}
        tags |= {FORCED: "true"} if request.force else {}
        selected = [dg.AssetKey(name) for name in chosen]
        job = self._job.get_subset(asset_selection={*selected})
        with raising_interrupts():  # Dagster makes a failed run of them, and the sync would go on with the next one
            result = job.execute_in_process(
                asset_selection=selected,  # which the run then shows
                tags=tags | range_tags(account_id, group, window),
                partition_key=str(account_id) if window is None else None,
                instance=self._instance,
                run_id=run_id,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": self._console_level}}}},
            )
        show_in_location(self._instance, run_id)
        attempts = self.warehouse.read.attempts_of(result.run_id)
        failed = None if result.success else _failure(result)
        return GroupSync(account_id, group, reason, result.run_id, attempts, failed, chosen)

    def deliver(self, account_id: int) -> str | None:
        """Make the account's snapshot and report from what is stored, as one run; why that failed, if it did."""
        run_id = str(uuid4())
        tags = {ACCOUNT: str(account_id), TRIGGER: "on_demand", PROCESS: RunProcess.this(run_id).tag}
        tags |= named_tags([account_id], self._names_of(account_id))
        selected = [dg.AssetKey(name) for name in (SNAPSHOT, REPORT)]
        job = self._job.get_subset(asset_selection={*selected})
        with raising_interrupts():
            result = job.execute_in_process(
                asset_selection=selected,
                tags=tags,
                partition_key=str(account_id),
                instance=self._instance,
                run_id=run_id,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": self._console_level}}}},
            )
        show_in_location(self._instance, run_id)
        return None if result.success else _failure(result)

    def _names_of(self, account_id: int) -> AccountNames:
        """The account's name, looked up until it is known: the first sync loads it."""
        if account_id not in self._names:
            self._names |= Overview(self.warehouse.engine).names([account_id])
        return AccountNames(self._names)

    @property
    def _console_level(self) -> str:
        """Dagster's console logger shows a failure three times, with stack traces; `lac` shows it once, at the end."""
        return "DEBUG" if self._settings.log_level == "DEBUG" else "CRITICAL"


def _listed(accounts: Sequence[int]) -> str:
    return ", ".join(map(str, accounts)) or "none"


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """The errors of the failed steps; of an unexpected failure, the exception."""
    messages: dict[str, None] = {}
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            detail = data.user_failure_data
            messages[str(detail.description if detail is not None else _defect(event.step_key, data.error))] = None
    return "\n".join(messages) or str(_defect(None, None))


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
