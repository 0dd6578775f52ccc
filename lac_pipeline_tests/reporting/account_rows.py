"""Rows of an ad account, as the warehouse reads them, for tests of what is made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lac_pipeline.reporting.periods import windows
from lac_pipeline.reporting.snapshot import build_snapshot
from lac_pipeline.reporting.snapshot_document import AccountSnapshot, CampaignSettings
from lac_pipeline.reporting.sums import NOTHING
from lac_pipeline.warehouse.check_results import CheckState

ACCOUNT = 510000001
AS_OF = date(2026, 11, 20)
SYNCED = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)

Row = Mapping[str, Any]


def account(**values: object) -> Row:
    """The account's row."""
    known = {"id": ACCOUNT, "name": "Northwind", "currency": "EUR", "type": "BUSINESS", "status": "ACTIVE"}
    return {**known, "serving_statuses": ["RUNNABLE"], "test": False, **values}


@dataclass
class Rows:
    """The rows that a test gives of the account; everything else is empty."""

    account: Row | None = field(default_factory=account)
    campaign_groups: Sequence[Row] = ()
    campaigns: Sequence[Row] = ()
    campaign_sums: Sequence[Row] = ()
    creative_sums: Sequence[Row] = ()
    day_sums: Sequence[Row] = ()
    segment_sums: Sequence[Row] = ()
    attempts: Sequence[Row] = field(default_factory=lambda: [attempt()])
    rejections: Mapping[str, int] = field(default_factory=dict)
    checks: Sequence[CheckState] = ()
    pacing: Sequence[Row] = ()
    reach: Sequence[Row] = ()
    conversion_sums: Sequence[Row] = ()
    breakdown_sums: Sequence[Row] = ()
    restated_sums: Sequence[Row] = ()


@dataclass(frozen=True)
class State:
    """How fresh a scope is."""

    group: str
    synced_at: datetime | None = SYNCED
    stale_at: datetime | None = SYNCED + timedelta(hours=4)
    last_status: str | None = "success"
    failures: int = 0


def snapshot_of(rows: Rows, **names: str) -> AccountSnapshot:
    """The snapshot of these rows as of `AS_OF`."""
    states = [State("metrics"), State("entities"), State("demographics")]
    return build_snapshot(ACCOUNT, AS_OF, rows, states=states, names=names)


def campaign(campaign_id: int, **values: object) -> Row:
    """A campaign's row."""
    settings = dict.fromkeys(name for name in CampaignSettings.model_fields if not name.endswith(("_cost", "_budget")))
    amounts = {
        f"{kind}_{part}": None
        for kind in ("unit_cost", "daily_budget", "total_budget")
        for part in ("amount", "currency")
    }
    about = {"id": campaign_id, "name": f"Campaign {campaign_id}", "status": "ACTIVE", "serving_statuses": ["RUNNABLE"]}
    place = {"campaign_group_id": 7, "removed_at": None, "locale_country": "US", "locale_language": "en"}
    return {**settings, **amounts, **about, **place, **values}


def sums(cost: str = "0", **values: object) -> Row:
    """Sums of metrics."""
    return {
        **NOTHING,
        "cost_in_local_currency": Decimal(cost),
        "conversion_value_in_local_currency": Decimal(0),
        **values,
    }


def spent(campaign_id: int, cost: str, *, periods: slice = slice(None), **values: object) -> list[Row]:
    """A campaign's sums in the periods, which are the 7 days, the 7 before, the 30 days, and so on."""
    return [
        {"start": window.start, "end": window.end, "campaign_id": campaign_id, **sums(cost, **values)}
        for window in windows(AS_OF)[periods]
    ]


def creative(creative_id: int, cost: str, *, name: str | None = None, **values: object) -> Row:
    """What is known of a creative of campaign 1, and its sums."""
    about = {"creative_id": creative_id, "campaign_id": 1, "name": name or f"Ad {creative_id}"}
    state = {"content_kind": "reference", "intended_status": "ACTIVE", "is_serving": True, "review_status": "APPROVED"}
    return {**about, **state, **sums(cost, **values)}


def attempt(asset: str = "campaign_daily_metrics", **values: object) -> Row:
    """An ended sync; of all days that a snapshot looks at, by default."""
    end = AS_OF + timedelta(days=2)
    about = {"asset": asset, "started_at": SYNCED, "status": "success", "errors": None}
    return {**about, "partition_start": end - timedelta(days=200), "partition_end": end, **values}


def segment(name: str, impressions: int, pivot: str = "MEMBER_INDUSTRY") -> Row:
    """The sums of a segment over the audience's months."""
    counts = {"impressions": impressions, "clicks": impressions // 100, "one_click_leads": 0}
    return {"pivot_type": pivot, "segment": name, **counts, "cost_in_local_currency": Decimal(impressions) / 40}
