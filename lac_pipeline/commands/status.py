"""`lac status`: how fresh every asset of every account is, and what it holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lac_pipeline.clock import utc_now
from lac_pipeline.defs.opening import freshness_gate
from lac_pipeline.settings import Settings
from lac_pipeline.streams import every_stream
from lac_pipeline.warehouse.check_results import CheckState
from lac_pipeline.warehouse.connected import ConnectedWarehouse
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.query.freshness import Freshness
from lac_pipeline.warehouse.query.overview import Overview
from lac_pipeline.warehouse.query.parts import Parts


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """One asset of one account.

    Attributes:
        account_id: ad account.
        asset: its name and table.
        freshness: of the asset group that it is synced with, which has when it is next due; None if LAC_STREAMS leaves
            it out, so that nothing loads it.
        synced_at: when the fetch began that last brought this asset up to date; None if never.
        last_status: how the newest attempt at this asset ended, or `running`; None before the first.
        rows: how many it holds; of entities those that LinkedIn still has.
        rejects: how many of its records are in quarantine.
        seen_at: when this was found out.
        excluded: whether LAC_ACCOUNT_IDS leaves the account out, so that nothing loads it.
        account_name: the account's name; None before it is loaded.
    """

    account_id: int
    asset: str
    freshness: Freshness | None
    synced_at: datetime | None
    last_status: str | None
    rows: int
    rejects: int
    seen_at: datetime
    excluded: bool = False
    account_name: str | None = None

    @property
    def has_problem(self) -> bool:
        """Whether it was loaded in part or not at all, or waits for LinkedIn's daily quota."""
        if self.excluded or self.freshness is None:
            return False
        done = self.last_status in {"success", "running"} and self.synced_at is not None
        return not done or self.rejects > 0 or self.freshness.quota_spent

    @property
    def age(self) -> str:
        """How long ago it was last synced, in the largest unit that is not zero."""
        if self.synced_at is None:
            return "never"
        minutes = int((self.seen_at - self.synced_at).total_seconds() // 60)
        return f"{minutes}min" if minutes < 120 else f"{minutes // 60}h" if minutes < 2880 else f"{minutes // 1440}d"

    @property
    def next_due(self) -> str:
        """When the freshness gate lets it be synced again, or why it does not."""
        if self.excluded:
            return "never: not in LAC_ACCOUNT_IDS"
        if self.freshness is None:
            return "never: not in LAC_STREAMS"
        if self.freshness.due:
            return "now"
        if self.freshness.quota_spent:
            return str(self.freshness.reason)
        return "" if self.freshness.stale_at is None else f"{self.freshness.stale_at:%m-%d %H:%MZ}"


@dataclass(frozen=True, slots=True)
class Status:
    """How everything stands.

    Attributes:
        assets: every asset that is loaded, or was, of every account that was ever synced or tried.
        checks: what failed, or could not be evaluated, and was not resolved since; errors first.
        names: of accounts that were loaded.
    """

    assets: Sequence[AssetStatus]
    checks: Sequence[CheckState]
    names: Mapping[int, str | None]


def status_of(
    settings: Settings,
    warehouse: ConnectedWarehouse,
    *,
    checked: Collection[int],
    account_ids: Collection[int] | None = None,
    asset: str | None = None,
) -> Status:
    """Return the status of all accounts that were ever synced or tried, in a handful of queries.

    Args:
        settings: how long what stays fresh.
        warehouse: what is queried.
        checked: the accounts that are loaded, whose checks count.
        account_ids: only these ad accounts; None for all.
        asset: only this asset.

    Raises:
        StorageError: the query failed.
    """
    overview, now, chosen, streams = Overview(warehouse.engine), utc_now(), settings.streams, every_stream()
    names = overview.names()
    accounts = [account for account in overview.account_ids() if account_ids is None or account in account_ids]
    gate = freshness_gate(settings, warehouse)
    states = {(state.account_id, state.group): state for state in gate.states(accounts)}
    own = {(asset_status.account_id, asset_status.asset): asset_status for asset_status in gate.assets(accounts)}
    rows = overview.rows(accounts, streams.names)
    rejects = {(record.account_id, record.asset): record.rejects for record in overview.rejected()}
    assets = [
        AssetStatus(
            account_id=account,
            asset=stream.name,
            freshness=states[account, stream.group] if stream.name in chosen else None,
            synced_at=own[account, stream.name].synced_at if (account, stream.name) in own else None,
            last_status=own[account, stream.name].last_status if (account, stream.name) in own else None,
            rows=rows.get((account, stream.name), 0),
            rejects=rejects.get((account, stream.name), 0),
            seen_at=now,
            excluded=settings.excludes(account),
            account_name=names.get(account),
        )
        for account in accounts
        for stream in streams
        if asset in (None, stream.name) and (stream.name in chosen or (account, stream.name) in own)
    ]
    of = [check for check in checked if account_ids is None or check in account_ids]
    found = CheckStates(warehouse.engine).not_passed(of, streams=chosen)
    found += Parts(warehouse.engine, settings.parts).missing(of, since=settings.start_date)
    return Status(assets, [state for state in found if asset in (None, state.asset)], names)
