"""Builds the snapshot of an ad account: the same rows make the same document, whenever it is built."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lac_pipeline.linkedin.objectives import generates_leads
from lac_pipeline.ratios import total
from lac_pipeline.reporting import activity, sums
from lac_pipeline.reporting.account_rows import AccountRows, GroupState, Row
from lac_pipeline.reporting.activity import FIRST, Baseline
from lac_pipeline.reporting.audience import audience
from lac_pipeline.reporting.drivers import drivers
from lac_pipeline.reporting.periods import (
    ASSESSED_PERIOD,
    CREATIVES_PERIOD,
    LONGEST,
    SHORTEST,
    Comparison,
    comparisons,
)
from lac_pipeline.reporting.quality_notes import complete_days, notes
from lac_pipeline.reporting.ranking import assess, spend_in
from lac_pipeline.reporting.snapshot_document import (
    SCHEMA_VERSION,
    AccountFacts,
    AccountSnapshot,
    Amount,
    CampaignGroupSnapshot,
    CampaignSettings,
    CampaignSnapshot,
    CreativeSnapshot,
    Day,
    Days,
    Performance,
    Period,
    Periods,
)
from lac_pipeline.reporting.summary import UNWRITTEN, summarize
from lac_pipeline.reporting.summary_document import Driver
from lac_pipeline.reporting.sums import PeriodSums
from lac_pipeline.reporting.trust import ScopeFreshness
from lac_pipeline.streams.daily_metrics import CAMPAIGN_DAILY
from lac_pipeline.windows import DateWindow

TOP_CREATIVES = 10

SumsOf = Mapping[DateWindow, Mapping[int, Row]]


def build_snapshot(
    account_id: int,
    as_of: date,
    rows: AccountRows,
    *,
    states: Iterable[GroupState],
    names: Mapping[str, str],
    baseline: Baseline = FIRST,
) -> AccountSnapshot:
    """Build the document.

    Args:
        account_id: ad account.
        as_of: last UTC day of all periods.
        rows: the account's rows, over the windows of `periods`.
        states: how fresh its asset groups are.
        names: names of URNs, as far as they are known.
        baseline: of the previous snapshot, which restatements are compared with.
    """
    loaded = complete_days(rows.attempts)
    by_window = _by_window(rows.campaign_sums)
    objectives = {row["id"]: row["objective_type"] for row in rows.campaigns}
    pairs = comparisons(as_of)
    performance = _performance(as_of, _totals(by_window, objectives), loaded)
    freshness = [_freshness(state) for state in sorted(states, key=lambda state: state.group)]
    synced_at = next((state.synced_at for state in freshness if state.scope == CAMPAIGN_DAILY.group), None)
    snapshot = AccountSnapshot(
        schema_version=SCHEMA_VERSION,
        as_of=as_of,
        summary=UNWRITTEN,
        account=_account(account_id, rows.account),
        periods=Periods(**{name: _period(pair, loaded) for name, pair in pairs.items()}),
        performance=performance,
        drivers=[*_drivers(as_of, rows, by_window, objectives, performance)],
        days=[Day(date=row["date"], metrics=sums.metrics(row)) for row in rows.day_sums],
        campaign_groups=_campaign_groups(as_of, rows, by_window, objectives, loaded),
        campaigns=_campaigns(as_of, rows, by_window, objectives, loaded),
        top_creatives=_creatives(rows, objectives),
        pacing=activity.pacing(rows, pairs[SHORTEST].current, by_window.get(pairs[SHORTEST].current, {}), loaded),
        reach=activity.reach(rows),
        conversions=activity.conversions(rows, pairs[ASSESSED_PERIOD]),
        breakdowns=activity.breakdowns(rows, pairs[CREATIVES_PERIOD].current),
        audience=audience(as_of, rows.segment_sums, names),
        restatements=activity.restatements(rows.restated_sums, baseline, synced_at),
        freshness=freshness,
        quality_notes=notes(rows, loaded, pairs[LONGEST].current),
    )
    return snapshot.model_copy(update={"summary": summarize(snapshot)})


def _account(account_id: int, row: Row | None) -> AccountFacts:
    known = dict.fromkeys(AccountFacts.model_fields) | dict(row or {})
    facts = {name: known[name] for name in AccountFacts.model_fields}
    return AccountFacts(**{**facts, "id": account_id, "serving_statuses": known["serving_statuses"] or []})


def _period(pair: Comparison, loaded: set[date]) -> Period:
    return Period(**_days(pair.current, loaded), previous=Days(**_days(pair.previous, loaded)))


def _days(window: DateWindow, loaded: set[date]) -> dict[str, Any]:
    loaded_days = sum(day in loaded for day in window)
    return {"since": window.start, "until": window.last, "days": window.days, "days_loaded": loaded_days}


def _by_window(rows: Iterable[Row]) -> SumsOf:
    sums_of: defaultdict[DateWindow, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        sums_of[DateWindow(row["start"], row["end"])][row["campaign_id"]] = row
    return sums_of


def _totals(by_window: SumsOf, objectives: Mapping[int, str | None]) -> Mapping[DateWindow, PeriodSums]:
    return {
        window: PeriodSums(
            sums.add(of.values()),
            sums.add(row for campaign_id, row in of.items() if generates_leads(objectives.get(campaign_id))),
        )
        for window, of in by_window.items()
    }


def _performance(as_of: date, of: Mapping[DateWindow, PeriodSums], loaded: set[date]) -> Performance:
    return Performance(
        **{
            name: sums.trend(
                of.get(pair.current, PeriodSums()),
                of.get(pair.previous, PeriodSums()),
                comparable=all(day in loaded for window in (pair.current, pair.previous) for day in window),
            )
            for name, pair in comparisons(as_of).items()
        }
    )


def _drivers(
    as_of: date, rows: AccountRows, by_window: SumsOf, objectives: Mapping[int, str | None], performance: Performance
) -> Iterator[Driver]:
    names = {row["id"]: row["name"] for row in rows.campaigns}
    leading = {campaign_id for campaign_id, objective in objectives.items() if generates_leads(objective)}
    for period, pair in comparisons(as_of).items():
        now, before = by_window.get(pair.current, {}), by_window.get(pair.previous, {})
        change = getattr(performance, period).change
        yield from drivers(period, change, now, before, names=names, lead_campaigns=leading)


def _campaign_groups(
    as_of: date, rows: AccountRows, by_window: SumsOf, objectives: Mapping[int, str | None], loaded: set[date]
) -> list[CampaignGroupSnapshot]:
    group_of = {row["id"]: row["campaign_group_id"] for row in rows.campaigns}
    about = {row["id"]: row for row in rows.campaign_groups}
    members: defaultdict[int | None, set[int]] = defaultdict(set)
    for campaign_id in {campaign_id for of in by_window.values() for campaign_id in of}:
        members[group_of.get(campaign_id)].add(campaign_id)
    spent = by_window.get(comparisons(as_of)[LONGEST].current, {})

    def place(group_id: int | None) -> tuple[Decimal, int]:
        return -total(spend_in(spent.get(key, {})) for key in members[group_id]), group_id or 0

    groups = []
    for group_id in sorted(members, key=place):
        own = {
            window: {campaign_id: row for campaign_id, row in of.items() if campaign_id in members[group_id]}
            for window, of in by_window.items()
        }
        known: Row = about.get(group_id, {})
        group = CampaignGroupSnapshot(
            id=group_id,
            name=known.get("name"),
            status=known.get("status"),
            campaigns=len(members[group_id]),
            performance=_performance(as_of, _totals(own, objectives), loaded),
        )
        groups.append(group)
    return groups


def _campaigns(
    as_of: date, rows: AccountRows, by_window: SumsOf, objectives: Mapping[int, str | None], loaded: set[date]
) -> list[CampaignSnapshot]:
    entities = {row["id"]: row for row in rows.campaigns}
    groups = {row["id"]: row["name"] for row in rows.campaign_groups}
    delivered = {campaign_id for of in by_window.values() for campaign_id in of}
    listed = delivered | {campaign_id for campaign_id, row in entities.items() if row["removed_at"] is None}
    periods = comparisons(as_of)
    spent = by_window.get(periods[LONGEST].current, {})
    assessed = assess(by_window.get(periods[ASSESSED_PERIOD].current, {}), objectives)
    snapshots = []
    for campaign_id in sorted(listed, key=lambda campaign_id: (-spend_in(spent.get(campaign_id, {})), campaign_id)):
        own = {
            window: PeriodSums.of_campaign(of[campaign_id], objectives.get(campaign_id))
            for window, of in by_window.items()
            if campaign_id in of
        }
        performance = _performance(as_of, own, loaded) if own else None
        campaign = _campaign(campaign_id, entities.get(campaign_id), groups, performance)
        snapshots.append(campaign.model_copy(update={"assessment": assessed.get(campaign_id)}))
    return snapshots


def _campaign(
    campaign_id: int, row: Row | None, groups: Mapping[int, str | None], performance: Performance | None
) -> CampaignSnapshot:
    known: Row = defaultdict(lambda: None, row or {})
    return CampaignSnapshot(
        id=campaign_id,
        name=known["name"],
        status=known["status"],
        serving_statuses=known["serving_statuses"] or [],
        removed=row is None or known["removed_at"] is not None,
        campaign_group_id=known["campaign_group_id"],
        campaign_group_name=groups.get(known["campaign_group_id"]),
        settings=None if row is None else _settings(row),
        performance=performance,
        assessment=None,
    )


def _settings(row: Row) -> CampaignSettings:
    locale = "_".join(part for part in (row["locale_language"], row["locale_country"]) if part)
    budgets = {name: _amount(row, name) for name in ("unit_cost", "daily_budget", "total_budget")}
    plain = {name: row[name] for name in CampaignSettings.model_fields if name in row}
    return CampaignSettings(**{**plain, **budgets, "locale": locale or None})


def _amount(row: Row, name: str) -> Amount | None:
    amount = row[f"{name}_amount"]
    return None if amount is None else Amount(amount=amount, currency=row[f"{name}_currency"])


def _creatives(rows: AccountRows, objectives: Mapping[int, str | None]) -> list[CreativeSnapshot]:
    campaigns = {row["id"]: row["name"] for row in rows.campaigns}
    by_spend = sorted(
        rows.creative_sums, key=lambda row: (-spend_in(row), -(row["impressions"] or 0), row["creative_id"])
    )
    about = ("name", "campaign_id", "content_kind", "intended_status", "is_serving", "review_status")
    return [
        CreativeSnapshot(
            id=row["creative_id"],
            campaign_name=campaigns.get(row["campaign_id"]),
            **{name: row[name] for name in about},
            metrics=sums.metrics(row),
            ratios=sums.ratios(PeriodSums.of_campaign(row, objectives.get(row["campaign_id"]))),
        )
        for row in by_spend[:TOP_CREATIVES]
    ]


def _freshness(state: GroupState) -> ScopeFreshness:
    return ScopeFreshness(
        scope=str(state.group),
        synced_at=state.synced_at,
        stale_at=state.stale_at,
        last_status=state.last_status,
        failed_attempts=state.failures,
    )
