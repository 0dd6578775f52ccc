"""`lac sync`: which ad accounts are synced, which of their asset groups are due, and which accounts share a run."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

import dagster as dg

from lac_pipeline.commands.session.due_groups import DueGroups, Verdict
from lac_pipeline.commands.session.runs_here import RunsHere
from lac_pipeline.commands.session.sync_results import GroupSync, SyncCause, SyncRequest
from lac_pipeline.defs.configured_accounts import configured_accounts, refuse_excluded
from lac_pipeline.defs.partitions import known_accounts, neighbours
from lac_pipeline.defs.run_requests import most_accounts
from lac_pipeline.defs.sensors.discovery_sensor import discover
from lac_pipeline.defs.sensors.housekeeping_sensor import close_unfinished
from lac_pipeline.errors import NotFoundError
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Catalogue
from lac_pipeline.unknown_names import unknown_name
from lac_pipeline.warehouse.check_results import CheckState
from lac_pipeline.warehouse.query.freshness_reason import Reason
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.parts import Parts
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

log = logging.getLogger(__name__)


class AccountSync:
    """Syncs ad accounts in this process, one Dagster run for an asset group of up to `LAC_ACCOUNTS_PER_RUN` accounts.

    Args:
        definitions: the code location.
        instance: where the runs are recorded.
        warehouse: where the rows go and the freshness gate looks.
        settings: windows and TTLs.
    """

    def __init__(
        self, definitions: dg.Definitions, *, instance: dg.DagsterInstance, warehouse: Warehouse, settings: Settings
    ) -> None:
        self._runs = RunsHere(definitions, instance=instance, warehouse=warehouse, settings=settings)
        self._instance = instance
        self.warehouse = warehouse
        self._settings = settings
        self._due = DueGroups(settings, warehouse)
        self.gate = self._due.gate
        self._partitions: Sequence[str] = ()

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

    def batches(self, account_ids: Sequence[int]) -> list[tuple[int, ...]]:
        """Cut accounts, in their order, into those that `sync` takes together: neighbours among the partitions."""
        order = self._order(account_ids)
        cut = list(neighbours(account_ids, order, most=self._settings.lac_accounts_per_run))
        cut += [(account_id,) for account_id in account_ids if str(account_id) not in order]
        place = {account_id: number for number, account_id in enumerate(account_ids)}
        together = [tuple(sorted(batch, key=place.__getitem__)) for batch in cut]
        return sorted(together, key=lambda batch: place[batch[0]])

    def sync(self, account_ids: Sequence[int], request: SyncRequest) -> Iterator[GroupSync]:
        """Sync the accounts' asset groups in turn; an asset group that fails does not stop the others.

        Raises:
            DateRangeError: the requested days are invalid.
        """
        for group in self._settings.streams.groups:
            yield from self.sync_group(account_ids, group, request)

    def sync_group(self, account_ids: Sequence[int], group: AssetGroup, request: SyncRequest) -> Iterator[GroupSync]:
        """Sync an asset group of the accounts where it is due; an account that fails does not stop the others.

        Accounts that are read over the same days share a run. An account whose last attempt failed has a run of its
        own, so that it does not make the others' run fail again and again.

        Raises:
            DateRangeError: the requested days are invalid.
        """
        verdicts = self._due.verdicts(account_ids, group, request)
        yield from self._due.skip([verdict for verdict in verdicts if not verdict.due], request)
        due = {verdict.account_id: verdict for verdict in verdicts if verdict.due}
        for accounts in self._shares(due.values()):
            reasons = {account_id: due[account_id].reason for account_id in accounts}
            yield from self._runs.sync_group(reasons, group, due[accounts[0]].window, request)

    def _order(self, account_ids: Iterable[int]) -> Sequence[str]:
        """The partitions of accounts in Dagster's order, read again only where one of these is not among them."""
        if not {str(account_id) for account_id in account_ids} <= {*self._partitions}:
            self._partitions = known_accounts(self._instance)
        return self._partitions

    def _shares(self, due: Collection[Verdict]) -> Iterator[tuple[int, ...]]:
        """Cut accounts into those that share a run."""
        order = self._order(verdict.account_id for verdict in due)
        alike = defaultdict[DateWindow | None, list[int]](list)
        for verdict in due:
            if verdict.failed or str(verdict.account_id) not in order:
                yield (verdict.account_id,)
            else:
                alike[verdict.window].append(verdict.account_id)
        for window, accounts in alike.items():
            yield from neighbours(accounts, order, most=most_accounts(window, self._settings))

    def windows(
        self, account_ids: Sequence[int], request: SyncRequest
    ) -> dict[tuple[int, AssetGroup], DateWindow | None]:
        """The UTC days that a sync of each asset group would read, of many accounts in one look-up.

        None for entities, or where no month is in the range.

        Raises:
            DateRangeError: the requested days are invalid.
        """
        return self._due.windows(account_ids, request)

    def days_to_read(self, account_ids: Sequence[int], request: SyncRequest) -> dict[AssetGroup, tuple[int, int]]:
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
        days = dict.fromkeys(streams.groups, 0)
        for (_, group), window in self.windows(account_ids, request).items():
            days[group] = max(days[group], window.days if window else 0)
        return {group: (covered, (reports[group] or 1) * len(account_ids)) for group, covered in days.items()}

    def run(
        self,
        account_id: int,
        group: AssetGroup,
        window: DateWindow | None,
        request: SyncRequest,
        reason: Reason | SyncCause,
    ) -> GroupSync:
        """Sync an asset group of an account, fresh or not, as one run."""
        (result,) = self._runs.sync_group({account_id: reason}, group, window, request)
        return result

    def deliver(self, account_id: int) -> str | None:
        """Make the account's snapshot and report from what is stored, as one run; why that failed, if it did."""
        return self._runs.deliver(account_id)


def _listed(accounts: Sequence[int]) -> str:
    return ", ".join(map(str, accounts)) or "none"
