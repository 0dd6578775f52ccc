"""`lac status`: how fresh every asset of every account is, and what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lac_pipeline.resources import utc_now
from lac_pipeline.scopes import ASSETS_OF, Scope
from lac_pipeline.settings import Settings
from lac_pipeline.storage.freshness import Freshness, FreshnessGate
from lac_pipeline.storage.overview import Overview
from lac_pipeline.storage.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """One asset of one account.

    Attributes:
        asset: its name and table.
        freshness: of the scope that it is synced with.
        rows: how many it holds; of entities those that LinkedIn still has.
        rejects: how many of its records are in quarantine.
        seen_at: when this was found out.
        excluded: whether LAC_ACCOUNT_IDS leaves the account out, so that nothing loads it.
    """

    asset: str
    freshness: Freshness
    rows: int
    rejects: int
    seen_at: datetime
    excluded: bool = False

    @property
    def age(self) -> str:
        """How long ago it was last synced, in the largest unit that is not zero."""
        if self.freshness.synced_at is None:
            return "never"
        minutes = int((self.seen_at - self.freshness.synced_at).total_seconds() // 60)
        return f"{minutes}min" if minutes < 120 else f"{minutes // 60}h" if minutes < 2880 else f"{minutes // 1440}d"

    @property
    def next_due(self) -> str:
        """When the freshness gate lets it be synced again, or why it does not."""
        if self.excluded:
            return "never: not in LAC_ACCOUNT_IDS"
        if self.freshness.due:
            return "now"
        if self.freshness.reason.startswith("daily_quota"):
            return self.freshness.reason
        return "" if self.freshness.stale_at is None else f"{self.freshness.stale_at:%m-%d %H:%MZ}"


def status_of(settings: Settings, warehouse: Warehouse) -> Sequence[AssetStatus]:
    """Tell the status of all accounts that were ever synced or tried, in a handful of queries.

    Raises:
        StorageError: PostgreSQL cannot answer.
    """
    overview, now = Overview(warehouse.engine), utc_now()
    accounts = overview.account_ids()
    gate = FreshnessGate(
        warehouse.engine,
        ttl_minutes=settings.freshness_ttl_minutes,
        demographics_ttl_minutes=settings.demographics_ttl_minutes,
    )
    states = {(state.account_id, state.scope): state for state in gate.states(accounts)}
    rows = overview.rows(accounts)
    rejects = {(one.account_id, one.asset): one.rejects for one in overview.rejected()}
    return [
        AssetStatus(
            asset,
            states[account, scope],
            rows.get((account, asset), 0),
            rejects.get((account, asset), 0),
            now,
            excluded=settings.excludes(account),
        )
        for account in accounts
        for scope in Scope
        for asset in ASSETS_OF[scope]
    ]
