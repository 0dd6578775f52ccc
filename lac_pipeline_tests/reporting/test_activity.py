"""Pace, restatements and breakdowns of a snapshot, built from rows that each test chooses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lac_pipeline.reporting.activity import FIRST, Baseline, baseline_of
from lac_pipeline.reporting.activity_document import Pacing
from lac_pipeline_tests.reporting.account_rows import AS_OF, SYNCED, Rows, attempt, campaign, snapshot_of, spent
from lac_pipeline_tests.reporting.test_report_sections import budget, device

YESTERDAY = AS_OF - timedelta(days=1)
READ, UNTIL = datetime(2026, 11, 20, 2, tzinfo=UTC), datetime(2026, 11, 20, 3, tzinfo=UTC)
OLD: dict[str, Any] = {
    "schema_version": "1.1",
    "as_of": str(YESTERDAY),
    "freshness": [{"scope": "entities", "synced_at": None}, {"scope": "metrics", "synced_at": READ.isoformat()}],
}
PART = {"until": UNTIL.isoformat(), "since": READ.isoformat(), "previous_as_of": "2026-11-01"}


@pytest.mark.parametrize(
    ("kept", "baseline"),
    [
        (None, FIRST),
        (OLD, Baseline(YESTERDAY, READ)),
        ({**OLD, "freshness": []}, Baseline(YESTERDAY, None)),
        ({**OLD, "restatements": PART}, Baseline(YESTERDAY, UNTIL)),
        ({**OLD, "as_of": str(AS_OF), "restatements": PART}, Baseline(AS_OF.replace(day=1), READ)),
        ({**OLD, "as_of": str(AS_OF)}, FIRST),
    ],
    ids=["first", "version 1.1", "never synced", "yesterday", "same day", "same day in version 1.1"],
)
def test_restatements_begin_where_the_previous_snapshot_ended(kept: dict[str, Any] | None, baseline: Baseline) -> None:
    """A snapshot of the same day keeps its beginning, so that it can be made again; one of version 1.1 counts too."""
    assert baseline_of(kept, AS_OF) == baseline


def pace_of(row: Any, **values: Any) -> Pacing:  # noqa: ANN401 - rows and fields of a test's choice
    """How a campaign that cost 35 in the week stands beside its budget."""
    rows = Rows(pacing=[row], campaigns=[campaign(1)], campaign_sums=spent(1, "35", periods=slice(0, 1)), **values)
    [pace] = snapshot_of(rows).pacing
    return pace


def test_the_budget_of_a_week_is_that_of_the_days_in_the_schedule() -> None:
    """A campaign that began three days ago, and one that ended, have the budget of the days on which they could run."""
    assert pace_of(budget(1, "10")).week_share == Decimal("0.5")
    late = pace_of(budget(1, "10", run_schedule_start=datetime(2026, 11, 18, 9, tzinfo=UTC)))
    assert (late.week_budget, late.week_share) == (Decimal(30), Decimal("1.166667"))
    ended = pace_of(budget(1, "10", run_schedule_end=datetime(2026, 11, 14, 9, tzinfo=UTC)))
    assert ended.week_budget == 10


def test_a_week_that_is_not_loaded_has_no_pace() -> None:
    """Spend is unknown where a day is missing, and never taken for less."""
    pace = pace_of(budget(1, "10"), attempts=[attempt(partition_start=AS_OF)])
    assert (pace.week_spend, pace.week_budget, pace.week_share) == (None, Decimal(70), None)


def test_a_campaign_that_spent_nothing_is_far_below_its_budget() -> None:
    """No row in a week that is loaded is zero spend."""
    [pace] = snapshot_of(Rows(pacing=[budget(1, "10")], campaigns=[campaign(1)])).pacing
    assert (pace.week_spend, pace.week_share) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    "row",
    [
        budget(1, "10", daily_budget_currency="USD"),
        budget(1, "10", campaign_status="PAUSED"),
        {**budget(1, "10"), "daily_budget_amount": None},
    ],
    ids=["another currency", "paused", "no budget"],
)
def test_without_a_budget_in_the_accounts_currency_there_is_no_pace(row: Any) -> None:  # noqa: ANN401
    """Amounts of two currencies are never divided, and a campaign that does not run has no pace."""
    assert snapshot_of(Rows(pacing=[row], campaigns=[campaign(1)])).pacing == []


def test_an_unknown_part_makes_the_shares_of_a_breakdown_unknown() -> None:
    """Where the impressions of one device are unknown, no device has a share of them."""
    rows = Rows(
        breakdown_sums=[device("MOBILE_APP", 750), {**device("DESKTOP_WEB", 250), "impressions": None}],
        attempts=[attempt(), attempt("campaign_daily_breakdowns", partition_start=AS_OF, started_at=SYNCED)],
    )
    [split] = snapshot_of(rows).breakdowns or []
    assert (split.days_loaded, split.values_known) == (1, 2)
    assert [value.share_of_impressions for value in split.values] == [None, None]
    assert [value.share_of_cost for value in split.values] == [Decimal("0.75"), Decimal("0.25")]
