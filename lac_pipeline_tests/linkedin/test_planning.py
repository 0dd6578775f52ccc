"""Choosing windows: pure planning, driven by made-up densities."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lac_pipeline
from lac_pipeline.linkedin.analytics.density import Sample, best_parts, guess_density
from lac_pipeline.linkedin.analytics.planner import FILL, Plan, Tile, expected_responses, greedy_windows, units_of
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS
from lac_pipeline.simulator.world.switches import Switches
from lac_pipeline.windows import DateWindow

START = date(2026, 1, 1)
CAP = MAX_ELEMENTS
Rows = Callable[[Tile], int]


def days(count: int) -> list[DateWindow]:
    """So many single days."""
    return units_of(DateWindow(START, date.fromordinal(START.toordinal() + count)), granularity="DAILY")


def play(plan: Plan, rows: Rows, *, entities: int, campaigns: int = 0) -> tuple[list[Tile], int]:
    """Let a plan run against an account; returns the tiles that were complete, and all calls."""
    read: list[Tile] = []
    calls = 0
    while True:
        tile = plan.next()
        if tile is None and not plan.wants_campaigns:
            return read, calls
        calls += 1
        if tile is None:
            assert plan.divide(range(campaigns))
        elif rows(tile) >= CAP:
            sample = Sample(rows=15_000, entities=entities, units=tile.units)
            assert plan.cut(tile, sample=sample)
        else:
            plan.read(tile, rows=rows(tile))
            read.append(tile)


def dense(creatives: int, campaigns: int) -> Rows:
    """An account where every creative is active on every day."""
    return lambda tile: tile.units * creatives * (len(tile.campaigns) or campaigns) // campaigns


def test_an_account_that_fits_is_one_call() -> None:
    """80 creatives over 90 days are 7,200 rows: one response holds them."""
    read, calls = play(Plan(days(90), splittable=True, cap=CAP), dense(80, 20), entities=80)
    assert (calls, [tile.window.days for tile in read]) == (1, [90])


def test_a_truncated_response_gives_the_density_and_costs_one_call() -> None:
    """200 creatives over 180 days: the cut response shows 200 creatives, and three even windows follow."""
    read, calls = play(Plan(days(180), splittable=True, cap=CAP), dense(200, 50), entities=200)
    assert (calls, [tile.window.days for tile in read]) == (4, [60, 60, 60])


def test_coarse_days_are_made_finer_by_campaigns() -> None:
    """At 5,000 rows a day two days fit a call; eight parts of 625 rows a day fit 23."""
    read, calls = play(Plan(days(365), splittable=True, cap=CAP), dense(5000, 500), entities=4700, campaigns=500)
    assert calls <= 1.3 * math.ceil(5000 * 365 / 15_000) + 1
    assert {len(tile.campaigns) for tile in read} == {0, 62, 63}


def test_what_an_earlier_read_learned_saves_the_cut_call() -> None:
    """With a known density the first window already fits."""
    _, calls = play(Plan(days(180), splittable=True, density=200, cap=CAP), dense(200, 50), entities=200)
    assert calls == 3


def test_a_single_day_over_the_cap_is_divided_by_campaigns() -> None:
    """40,000 rows on one day come in parts, each some campaigns' own."""
    read, _ = play(Plan(days(1), splittable=True, cap=CAP), dense(40_000, 100), entities=9000, campaigns=100)
    assert sorted(campaign for tile in read for campaign in tile.campaigns) == list(range(100))


@pytest.mark.parametrize(("splittable", "campaigns"), [(False, ()), (True, (7,))])
def test_what_cannot_be_divided_is_not_planned_again(splittable: bool, campaigns: tuple[int, ...]) -> None:
    """A day of demographics, or of one campaign, has no smaller part."""
    plan = Plan(days(1), splittable=splittable, cap=CAP)
    tile = plan.next()
    assert tile is not None
    alone = Tile(tile.lane, tile.first, tile.end, tile.window, campaigns)
    assert not plan.cut(alone, sample=Sample(rows=15_000, entities=15_000, units=1))


def test_a_day_over_the_cap_with_one_campaign_fails() -> None:
    """Campaigns that had to be divided and are fewer than two leave nothing to try."""
    plan = Plan(days(1), splittable=True, cap=CAP)
    tile = plan.next()
    assert tile is not None
    assert plan.cut(tile, sample=Sample(rows=15_000, entities=15_000, units=1))
    assert plan.wants_campaigns
    assert not plan.divide([7])


def test_one_campaign_is_no_reason_to_fail_where_days_do() -> None:
    """Dividing was only to save calls: without campaigns to deal, the days are requested as they are."""
    read, calls = play_alone(Plan(days(12), splittable=True, cap=CAP), dense(5000, 1))
    assert sum(tile.units for tile in read) == 12
    assert calls >= 6


def play_alone(plan: Plan, rows: Rows) -> tuple[list[Tile], int]:
    """Play an account with a single campaign."""
    return play(plan, rows, entities=5000, campaigns=1)


def test_a_first_estimate_is_measured_before_more_requests() -> None:
    """While the density is only guessed, one call is under way; then as many as there are windows."""
    plan = Plan(days(180), splittable=True, cap=CAP)
    first = plan.next()
    assert first is not None
    assert plan.next() is None
    plan.cut(first, sample=Sample(rows=15_000, entities=200, units=180))
    probe = plan.next()
    assert probe is not None
    assert plan.next() is None
    plan.read(probe, rows=12_000)
    assert [tile.units for tile in (plan.next(), plan.next()) if tile] == [60, 60]


@given(
    history=st.lists(st.integers(0, 60), min_size=1, max_size=60),
    cap=st.integers(65, 400),
    density=st.none() | st.floats(0.1, 100),
)
def test_any_history_is_covered_once_in_few_calls(history: list[int], cap: int, density: float | None) -> None:
    """Whatever the days hold, each is in exactly one complete window, and the calls stay in proportion."""
    plan = Plan(days(len(history)), splittable=False, density=density, cap=cap)
    read, calls = play_capped(plan, history, cap=cap)
    covered = sorted(n for tile in read for n in range(tile.first, tile.end))
    assert covered == list(range(len(history)))
    assert calls <= 4 * math.ceil(sum(history) / cap) + 2 * math.ceil(math.log2(len(history) + 1)) + 2


def play_capped(plan: Plan, history: list[int], *, cap: int) -> tuple[list[Tile], int]:
    """Play an account of so many rows a day; a cut response comes in no order."""
    read: list[Tile] = []
    calls = 0
    while (tile := plan.next()) is not None:
        calls += 1
        rows = sum(history[tile.first : tile.end])
        if rows >= cap:
            busiest = max(history[tile.first : tile.end])
            assert plan.cut(tile, sample=Sample(rows=cap, entities=busiest, units=tile.units))
        else:
            plan.read(tile, rows=rows)
            read.append(tile)
    return read, calls


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([((day,), f"e{n}") for day in range(3) for n in range(4)], Sample(12, 4, 3, by_date=True)),
        ([((day,), f"e{n}") for n in range(4) for day in range(3)], Sample(12, 4, 3, by_entity=True)),
        ([((2,), "a"), ((1,), "b"), ((2,), "b"), ((3,), "a")], Sample(4, 2, 3)),
    ],
)
def test_the_order_of_a_truncated_response_is_read_from_its_rows(
    keys: list[tuple[tuple[int], str]], expected: Sample
) -> None:
    """LinkedIn defines no order, but the order changes the estimate from a truncated response."""
    assert Sample.of(keys) == expected


@pytest.mark.parametrize(
    ("sample", "doubtful", "guess"),
    [
        (Sample(15_000, 200, 76, by_date=True), False, 200.0),
        (Sample(15_000, 83, 180, by_entity=True), False, 2 * 15_000 / 180),
        (Sample(15_000, 83, 180, by_entity=True), True, 8 * 15_000 / 180),
        (Sample(15_000, 400, 180), False, 400.0),
        (Sample(15_000, 90, 180), False, 2 * 15_000 / 180),
    ],
)
def test_a_guess_follows_the_order(sample: Sample, doubtful: bool, guess: float) -> None:
    """Complete days give the exact number, mixed rows the maximum, single entities only the minimum."""
    assert guess_density(sample, units=180, doubtful=doubtful) == guess


@pytest.mark.parametrize(
    ("units", "density", "parts"), [(365, 500, 1), (365, 5000, 8), (3, 5000, 1), (30, 20_000, 7), (30, 500_000, 35)]
)
def test_parts_are_worth_their_calls(units: int, density: float, parts: int) -> None:
    """Parts are made where they save at least three calls, or where a single day needs them."""
    assert best_parts(units, density=density, target=14_550) == parts


def test_months_keep_the_requested_edges() -> None:
    """MONTHLY rows cover the part of the month inside the range, so the cuts are at month ends only."""
    window = DateWindow(date(2026, 1, 15), date(2026, 3, 10))
    assert [str(unit) for unit in units_of(window, granularity="MONTHLY")] == [
        "2026-01-15..2026-01-31",
        "2026-02-01..2026-02-28",
        "2026-03-01..2026-03-09",
    ]


def test_a_total_is_not_cut_at_all() -> None:
    """The rows of ALL are sums over the whole range: parts of it would be other numbers."""
    window = DateWindow(date(2026, 1, 15), date(2026, 3, 10))
    assert units_of(window, granularity="ALL") == [window]


def test_short_ranges_fold_as_many_units_as_fit() -> None:
    """Reach is given for 92 days at most: 200 days are three ranges, months are kept whole."""
    assert [window.days for window in greedy_windows(days(200), days=92)] == [92, 92, 16]
    months = units_of(DateWindow(date(2026, 1, 1), date(2026, 8, 1)), granularity="MONTHLY")
    assert [str(window) for window in greedy_windows(months, days=92)] == [
        "2026-01-01..2026-03-31",
        "2026-04-01..2026-06-30",
        "2026-07-01..2026-07-31",
    ]


@given(st.integers(1, 400), st.integers(1, 300))
def test_the_estimate_is_what_an_even_account_costs(count: int, creatives: int) -> None:
    """Before anything is read, `lac plan` reckons with as many responses as the planner will request, but for one."""
    rows = count * creatives
    _, calls = play(Plan(days(count), splittable=False, cap=CAP), dense(creatives, 1), entities=creatives)
    assert expected_responses(rows) <= calls <= expected_responses(rows) + 1


def test_the_simulator_cuts_where_the_client_expects_it() -> None:
    """The double has LinkedIn's number from its own reading of the documents."""
    assert Switches().analytics_cap == MAX_ELEMENTS


def test_the_documents_name_the_planners_aim() -> None:
    """The planned fill of a response is documented as the planner has it."""
    page = (Path(lac_pipeline.__file__).parents[1] / "docs" / "linkedin.md").read_text("utf-8")
    assert f"{100 * FILL:.0f} % of the cap" in " ".join(page.split())
