"""Which asset groups of an ad account a sync would load, and over which days; what is fresh is skipped.

This needs no Dagster, which is not imported: a sync that has nothing to load ends at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lac_pipeline.clock import utc_now
from lac_pipeline.commands.session.accounts import loaded_accounts
from lac_pipeline.commands.session.sync_results import GroupSync, SyncCause, SyncRequest
from lac_pipeline.defs.opening import freshness_gate
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup
from lac_pipeline.streams.sync_windows import group_window, has_days, reads_all_days, refresh_window, requested_window
from lac_pipeline.warehouse.load.attempts import SkippedAsset
from lac_pipeline.warehouse.query.freshness import FORCED, Freshness
from lac_pipeline.warehouse.query.freshness_reason import Reason
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow

NO_RUN = "none"
"""What sync_log holds in place of a run id where the freshness gate saw no need for a run."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an asset group of an account is to be synced, why, and the UTC days; None for entities.

    `failed` is whether its newest attempt failed.
    """

    account_id: int
    group: AssetGroup
    due: bool
    reason: Reason | SyncCause
    window: DateWindow | None
    failed: bool = False


class DueGroups:
    """Decides by the freshness gate which asset groups a sync loads.

    Args:
        settings: windows and TTLs.
        warehouse: where the gate looks, and where is logged what was skipped.
    """

    def __init__(self, settings: Settings, warehouse: Warehouse) -> None:
        self._settings = settings
        self._warehouse = warehouse
        self.gate = freshness_gate(settings, warehouse)

    def verdicts(self, account_ids: Sequence[int], group: AssetGroup, request: SyncRequest) -> list[Verdict]:
        """Decide on one asset group of accounts, in their order: one look-up for each window, of which there are few.

        Raises:
            DateRangeError: the requested days are invalid.
            StorageError: the query failed.
        """
        states = [state for state in self.gate.states(account_ids) if state.group is group]
        verdicts = self._verdicts(self._windows(states, request), request)
        failed = {state.account_id for state in states if state.failures}  # however it stands over the verdict's days
        return [replace(verdicts[each, group], failed=each in failed) for each in account_ids]

    def windows(
        self, account_ids: Sequence[int], request: SyncRequest
    ) -> dict[tuple[int, AssetGroup], DateWindow | None]:
        """The UTC days that a sync of each asset group of many accounts would read, in one look-up.

        None for entities, or where no month is in the range.

        Raises:
            DateRangeError: the requested days are invalid.
            StorageError: the query failed.
        """
        return self._windows(self.gate.states(account_ids), request)

    def _windows(
        self, states: Iterable[Freshness], request: SyncRequest
    ) -> dict[tuple[int, AssetGroup], DateWindow | None]:
        start, today = self._settings.start_date, utc_now().date()
        days = requested_window(request.since, request.until, start=start, today=today)
        return {(state.account_id, state.group): self._window(state, request, days, today=today) for state in states}

    def _window(self, state: Freshness, request: SyncRequest, days: DateWindow, *, today: date) -> DateWindow | None:
        if not has_days(state.group):
            return None
        start = self._settings.start_date
        if not request.names_days and state.synced_at is not None and not reads_all_days(state.group):
            lookback, synced_on = self._settings.lac_lookback_days, state.synced_at.date()
            days = refresh_window(start=start, today=today, lookback_days=lookback, synced_on=synced_on)
        return group_window(state.group, days, start=start, today=today)

    def skip(self, verdicts: Iterable[Verdict], request: SyncRequest) -> list[GroupSync]:
        """Log that asset groups were left alone, all with one statement.

        Raises:
            StorageError: the rows cannot be written.
        """
        rows: list[SkippedAsset] = []
        results = []
        for verdict in verdicts:
            decided = isinstance(verdict.reason, Reason)
            if decided:
                names, why = self._settings.streams.names_in(verdict.group), str(verdict.reason)
                rows += [SkippedAsset(verdict.account_id, name, why) for name in names]
            fresh_for = self.gate.ttl(verdict.group) if decided else None
            results.append(GroupSync(verdict.account_id, verdict.group, verdict.reason, fresh_for=fresh_for))
        if rows:
            self._warehouse.skip(rows, run_id=NO_RUN, trigger=request.trigger)
        return results

    def all_skipped(self, names: Sequence[str], request: SyncRequest) -> list[GroupSync] | None:
        """Skip every asset group of the accounts that `--account` names, if a sync would find all of them fresh.

        None where a sync has to look further: something is due, an account is not known to Dagster, LAC_ACCOUNT_IDS may
        name accounts to discover, or runs are under way that may have ended unseen.

        Raises:
            StorageError: PostgreSQL cannot do it.
        """
        known = loaded_accounts(self._settings)
        accounts = known if names == ["all"] else [int(name) for name in names if name.isdigit()]
        undecided = request.force or request.names_days or (names == ["all"] and self._settings.lac_account_ids)
        if undecided or not accounts or not {*accounts} <= {*known} or self._warehouse.read.running_run_ids():
            return None
        if any(state.due for state in self.gate.states(accounts)):
            return None
        verdicts = self._verdicts(self.windows(accounts, request), request)
        if any(verdict.due for verdict in verdicts.values()):
            return None
        return self.skip([verdicts[account_id, group] for account_id in accounts for group in self._groups], request)

    @property
    def _groups(self) -> Sequence[AssetGroup]:
        return self._settings.streams.groups

    def _verdicts(
        self, windows: Mapping[tuple[int, AssetGroup], DateWindow | None], request: SyncRequest
    ) -> dict[tuple[int, AssetGroup], Verdict]:
        alike: dict[tuple[AssetGroup, DateWindow | None], list[int]] = {}
        for (account_id, group), window in windows.items():
            alike.setdefault((group, window), []).append(account_id)
        verdicts: dict[tuple[int, AssetGroup], Verdict] = {}
        for (group, window), of in alike.items():
            if has_days(group) and window is None:
                no_month = SyncCause.NO_MONTH
                verdicts |= {(each, group): Verdict(each, group, False, no_month, None) for each in of}
                continue
            for state in self.gate.states_over(of, group, window):
                due, reason = (True, FORCED) if request.force else (state.due, state.reason)
                verdict = Verdict(state.account_id, group, due, reason, window)
                verdicts[state.account_id, group] = verdict
        return verdicts
