"""The numbers: they are the same everywhere, they add up, and they move with time as LinkedIn's do."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.linkedin.metrics import CATALOGUE, Kind
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.simulator.simulated_api import ACCOUNT, NOW

ADDITIVE = [metric.name for metric in CATALOGUE if metric.additive]
NOVEMBER = DateWindow(date(2026, 11, 1), date(2026, 11, 15))
Totals = dict[str, Decimal]


def at(moment: datetime, *, seed: int = 7) -> World:
    """The demo's world at a moment."""
    return World.demo(seed=seed, clock=lambda: moment)


def totals(rows: list[dict[str, Any]], metrics: list[str]) -> Totals:
    """The sums over rows."""
    return {name: sum((Decimal(str(row.get(name, 0))) for row in rows), Decimal()) for name in metrics}


def parameters(world: World, pivot: str, granularity: str, window: DateWindow, *metrics: str) -> list[dict[str, Any]]:
    """Rows of the first account."""
    return world.truth.analytics(ACCOUNT, pivot, granularity, window, metrics)


class TestSums:
    """Creatives sum to campaigns, campaigns to groups and to the account, days to months and to the whole."""

    @examples(8)
    @given(
        pivot=st.sampled_from(["CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE", "SHARE", "COMPANY", "IMPRESSION_DEVICE_TYPE"]),
        granularity=st.sampled_from(["ALL", "DAILY", "MONTHLY", "YEARLY"]),
        start=st.dates(date(2026, 6, 1), date(2026, 11, 1)),
        days=st.integers(1, 80),
        metrics=st.lists(st.sampled_from(ADDITIVE), min_size=15, max_size=30, unique=True),
    )
    def test_every_cut_sums_to_the_account(
        self, pivot: str, granularity: str, start: date, days: int, metrics: list[str]
    ) -> None:
        """An additive metric has one total, whichever way it is cut; money to the last digit."""
        window = DateWindow(start, start + timedelta(days=days))
        world = at(NOW)
        whole = parameters(world, "ACCOUNT", "ALL", window, *metrics)
        cut = parameters(world, pivot, granularity, window, *metrics)
        assert totals(cut, metrics) == totals(whole, metrics)

    def test_creatives_sum_to_their_campaign_day_by_day(self) -> None:
        """Each campaign's day is the sum of its creatives' day."""
        world = at(NOW)
        parent = {entity["id"]: entity["campaign"] for entity in world.truth.creatives(ACCOUNT)}
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for row in parameters(world, "CREATIVE", "DAILY", NOVEMBER, "impressions"):
            creative = row["pivotValues"][0]
            if creative in parent:
                sums[parent[creative], str(row["dateRange"])] += row["impressions"]
        campaigns = parameters(world, "CAMPAIGN", "DAILY", NOVEMBER, "impressions")
        known = {(row["pivotValues"][0], str(row["dateRange"])): row["impressions"] for row in campaigns}
        assert sums
        assert {key: known[key] for key in sums} == sums

    def test_parts_never_exceed_the_whole(self) -> None:
        """No row has more landing page clicks than clicks, or more leads than opened forms."""
        metrics = ["impressions", "clicks", "landingPageClicks", "oneClickLeadFormOpens", "oneClickLeads"]
        for row in parameters(at(NOW), "CREATIVE", "DAILY", NOVEMBER, *metrics):
            assert row["landingPageClicks"] <= row["clicks"] <= row["impressions"]
            assert row["oneClickLeads"] <= row["oneClickLeadFormOpens"] <= row["clicks"]


class TestDeterminism:
    """The same seed, day and age of the day give the same number, in every process."""

    def test_two_worlds_agree(self) -> None:
        """Building the world again changes nothing; another seed changes numbers."""
        metrics = [metric.name for metric in CATALOGUE if metric.kind is Kind.COUNT][:18]
        first, second = (parameters(at(NOW), "CREATIVE", "DAILY", NOVEMBER, *metrics) for _ in range(2))
        assert first == second
        assert parameters(at(NOW, seed=8), "CREATIVE", "DAILY", NOVEMBER, *metrics) != first

    def test_another_process_agrees(self) -> None:
        """Nothing depends on Python's own hashing."""
        code = (
            "from datetime import *; from lac_pipeline.simulator.world.world import World;"
            "from lac_pipeline.windows import DateWindow;"
            "w = World.demo(clock=lambda: datetime(2026, 11, 20, 15, 30, tzinfo=UTC));"
            "r = w.truth.analytics(510000001, 'ACCOUNT', 'ALL', DateWindow(date(2026, 11, 1), date(2026, 11, 15)),"
            "['impressions', 'clicks', 'costInLocalCurrency']); print(sorted(r[0].items()), w.token[:9])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        world = at(NOW)
        row = parameters(world, "ACCOUNT", "ALL", NOVEMBER, "impressions", "clicks", "costInLocalCurrency")[0]
        assert done.stdout.strip() == f"{sorted(row.items())} {world.token[:9]}"

    def test_old_history_does_not_depend_on_the_clock(self) -> None:
        """Settled days are the same for a simulator started much later."""
        window = DateWindow(date(2026, 3, 1), date(2026, 4, 1))
        early, late = at(NOW), at(NOW + timedelta(days=40))
        assert parameters(early, "CREATIVE", "DAILY", window, *ADDITIVE[:18]) == parameters(
            late, "CREATIVE", "DAILY", window, *ADDITIVE[:18]
        )

    @pytest.mark.parametrize("account", [510_000_001, 510_000_002, 510_000_003])
    def test_history_reaches_back_for_years(self, account: int) -> None:
        """Every year has activity in every account."""
        rows = at(NOW).truth.analytics(
            account, "ACCOUNT", "YEARLY", DateWindow(date(2020, 1, 1), date(2026, 11, 20)), ["impressions"]
        )
        assert sorted(row["dateRange"]["start"]["year"] for row in rows) == list(range(2020, 2027))


class TestRestatement:
    """A client that never reads again ends up wrong."""

    @pytest.mark.parametrize(
        ("metric", "moves", "rises"),
        [
            ("impressions", 3, True),
            ("costInLocalCurrency", 3, True),
            ("clicks", 3, False),
            ("oneClickLeads", 30, True),
            ("externalWebsiteConversions", 90, True),
        ],
    )
    def test_yesterday_is_not_final(self, metric: str, moves: int, rises: bool) -> None:
        """Delivery settles in three days, leads in thirty, conversions in ninety; validation takes clicks away."""
        window = DateWindow(date(2026, 6, 1), date(2026, 6, 8))  # a week, as a day has few conversions
        end = datetime(2026, 6, 8, 12, tzinfo=UTC)

        def stated(age: int) -> Decimal:
            rows = parameters(at(end + timedelta(days=age - 1)), "ACCOUNT", "DAILY", window, metric)
            return totals(rows, [metric])[metric]

        fresh, last_move, final = stated(1), stated(moves), stated(moves + 200)
        assert last_move == final
        assert (fresh < final) if rises else (fresh > final)

    def test_conversions_keep_coming_for_weeks(self) -> None:
        """Week by week a past month gains conversions."""
        name, window = "externalWebsiteConversions", DateWindow(date(2026, 5, 1), date(2026, 6, 1))
        mondays = [datetime(2026, 6, 1, tzinfo=UTC) + timedelta(weeks=n) for n in range(12)]
        stated = [totals(parameters(at(monday), "ACCOUNT", "DAILY", window, name), [name])[name] for monday in mondays]
        assert stated == sorted(stated)
        assert stated[0] < stated[4] < stated[-1]

    def test_some_rows_vanish(self) -> None:
        """A day found invalid loses its row altogether."""

        def keys(moment: datetime) -> set[str]:
            window = DateWindow(date(2026, 10, 1), date(2026, 10, 31))
            rows = parameters(at(moment), "CREATIVE", "DAILY", window, "impressions")
            return {f"{row['pivotValues']}{row['dateRange']}" for row in rows}

        before, after = keys(datetime(2026, 10, 31, 12, tzinfo=UTC)), keys(datetime(2026, 11, 20, 12, tzinfo=UTC))
        assert before - after
        assert not after - before


class TestMembers:
    """Demographics are approximate on purpose."""

    OCTOBER = DateWindow(date(2026, 10, 1), date(2026, 11, 1))

    def test_segments_stay_below_the_total(self) -> None:
        """The members who are known are fewer than those who saw the ad."""
        world = at(NOW)
        metrics = ["impressions", "clicks", "costInLocalCurrency", "oneClickLeads"]
        whole = totals(parameters(world, "ACCOUNT", "ALL", self.OCTOBER, *metrics), metrics)
        for pivot in ("MEMBER_SENIORITY", "MEMBER_INDUSTRY", "MEMBER_COMPANY", "MEMBER_COUNTRY_V2"):
            members = totals(parameters(world, pivot, "ALL", self.OCTOBER, *metrics), metrics)
            assert all(0 < members[name] < whole[name] for name in metrics)

    def test_days_do_not_sum_to_the_month(self) -> None:
        """Noise and the cut of small values make days sum to something else."""
        world = at(NOW)
        days = parameters(world, "MEMBER_JOB_TITLE", "DAILY", self.OCTOBER, "impressions")
        month = parameters(world, "MEMBER_JOB_TITLE", "MONTHLY", self.OCTOBER, "impressions")
        assert totals(days, ["impressions"]) != totals(month, ["impressions"])

    def test_small_values_are_dropped(self) -> None:
        """No value has fewer than three events."""
        rows = parameters(at(NOW), "MEMBER_JOB_TITLE", "DAILY", self.OCTOBER, "impressions")
        assert min(row["impressions"] for row in rows) >= 3

    def test_at_most_a_hundred_values_per_creative_and_day(self) -> None:
        """The list of one creative's day ends at a hundred."""
        world = World.synthetic(campaigns=1, creatives=1, days=40, clock=lambda: NOW)
        rows = world.truth.analytics(520_000_001, "MEMBER_COMPANY", "DAILY", self.OCTOBER, ["impressions"])
        by_day: dict[str, int] = defaultdict(int)
        for row in rows:
            by_day[str(row["dateRange"])] += 1
        assert max(by_day.values()) == 100

    def test_the_last_hours_are_missing(self) -> None:
        """A day is returned once it ended twelve hours ago."""
        window = DateWindow(date(2026, 11, 17), date(2026, 11, 21))

        def last_day(hour: int) -> int:
            rows = parameters(at(NOW.replace(hour=hour)), "MEMBER_SENIORITY", "DAILY", window, "impressions")
            return max(int(row["dateRange"]["start"]["day"]) for row in rows)

        assert (last_day(11), last_day(13)) == (18, 19)

    def test_two_years_are_kept(self) -> None:
        """Demographics older than two years are gone, performance is not."""
        window = DateWindow(date(2024, 10, 1), date(2024, 11, 1))
        assert parameters(at(NOW), "MEMBER_SENIORITY", "MONTHLY", window, "impressions") == []
        assert parameters(at(NOW), "CAMPAIGN", "MONTHLY", window, "impressions")


class TestSynthetic:
    """The dense world for benchmarks."""

    def test_every_creative_has_a_row_every_day(self) -> None:
        """Rows are creatives times days, in every account."""
        world = World.synthetic(accounts=2, campaigns=3, creatives=7, days=10, clock=lambda: NOW)
        window = DateWindow(date(2026, 10, 1), date(2026, 12, 1))
        for account in world.truth.accounts():
            rows = world.truth.analytics(account["id"], "CREATIVE", "DAILY", window, ["impressions"])
            assert len(rows) == 70

    def test_finality_can_be_requested(self) -> None:
        """Without restatement a past day never moves."""
        world = World.synthetic(campaigns=2, creatives=2, days=5, clock=lambda: NOW, restated=False)
        window = DateWindow(date(2026, 11, 17), date(2026, 11, 20))
        before = world.truth.analytics(520_000_001, "CREATIVE", "DAILY", window, ADDITIVE)
        world.advance(timedelta(days=300))
        assert world.truth.analytics(520_000_001, "CREATIVE", "DAILY", window, ADDITIVE) == before
