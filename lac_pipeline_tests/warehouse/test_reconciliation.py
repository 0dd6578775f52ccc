"""LinkedIn's totals of an account against the sums of the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, delete, update

from lac_pipeline.linkedin.metrics import BY_NAME
from lac_pipeline.reporting.check_wording import words_of
from lac_pipeline.warehouse.check_results import Check, Facts, NotCompared, Reconciliation
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.load.comparing_again import LOADED_SINCE, NEVER
from lac_pipeline.warehouse.load.reconciliation import NOT_YET, UNKNOWN, AccountTotals, Comparison
from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, ReconciliationRow, table_of
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    METRIC_COLUMNS,
    WINDOW,
    load_metrics,
    metric_rows,
    rejection,
    stored,
)

METRICS = tuple(BY_NAME[name] for name in ("impressions", "clicks", "costInLocalCurrency", "approximateMemberReach"))
SOLE = {"impressions": Decimal(200), "clicks": Decimal(6), "cost_in_local_currency": Decimal("2.50")}
LONG_AFTER = datetime(2026, 12, 1, tzinfo=UTC)
CAMPAIGNS = ["campaign_daily_metrics"]


@pytest.fixture
def totals(warehouse: Warehouse) -> AccountTotals:
    """The true totals of two campaigns that are loaded, each with the same numbers on every day."""
    load_metrics(warehouse, metric_rows([1, 2], WINDOW))
    return true_totals()


def true_totals() -> AccountTotals:
    """What LinkedIn counts for the two campaigns."""
    whole = {name: value * WINDOW.days for name, value in SOLE.items()}
    return AccountTotals(ACCOUNT, WINDOW, METRICS, dict.fromkeys(WINDOW, SOLE), whole, requested_at=LONG_AFTER)


def failures(warehouse: Warehouse, totals: AccountTotals) -> list[Comparison]:
    """What does not agree."""
    return list(warehouse.reconcile(totals, assets=CAMPAIGNS, run_id="run").failures)


def test_equal_totals_pass(warehouse: Warehouse, engine: Engine, totals: AccountTotals) -> None:
    """The window's totals are logged, one row a metric that may be summed; days that agree are not."""
    assert failures(warehouse, totals) == []
    logged = stored(engine, ReconciliationRow, "metric", "date", "our_total", "difference", "passed")
    assert logged == [
        ("impressions", None, Decimal(2000), Decimal(0), True),
        ("clicks", None, Decimal(60), Decimal(0), True),
        ("cost_in_local_currency", None, Decimal("25.00"), Decimal(0), True),
    ]


def test_a_lost_row_is_named_by_day_and_metric(warehouse: Warehouse, totals: AccountTotals) -> None:
    """One campaign missing on one day: the day, each metric, both numbers; and the window's totals too."""
    load_metrics(warehouse, [row for row in metric_rows([1, 2], WINDOW) if row[:2] != (2, WINDOW.start)])
    found = failures(warehouse, totals)
    assert [(comparison.day, comparison.metric, comparison.linkedin, comparison.ours) for comparison in found[:3]] == [
        (WINDOW.start, "clicks", Decimal(6), Decimal(3)),
        (WINDOW.start, "cost_in_local_currency", Decimal("2.50"), Decimal("1.25")),
        (WINDOW.start, "impressions", Decimal(200), Decimal(100)),
    ]
    assert [comparison.day for comparison in found[3:]] == [None] * 3


def test_a_lost_day_cannot_hide(warehouse: Warehouse, totals: AccountTotals) -> None:
    """A day without any row of ours is compared like the others; so is one that only the total knows of."""
    load_metrics(warehouse, [row for row in metric_rows([1, 2], WINDOW) if row[1] != WINDOW.last])
    assert {failure.day for failure in failures(warehouse, totals)} == {WINDOW.last, None}
    blind = replace(totals, days={day: SOLE for day in WINDOW if day != WINDOW.last})
    assert {failure.day for failure in failures(warehouse, blind)} == {None}


def test_a_grain_that_is_empty_fails(warehouse: Warehouse, totals: AccountTotals) -> None:
    """Campaigns that agree do not excuse creatives that are missing."""
    found = warehouse.reconcile(totals, assets=[*CAMPAIGNS, "creative_daily_metrics"], run_id="run").failures
    assert {comparison.asset for comparison in found} == {"creative_daily_metrics"}


@pytest.mark.parametrize(("requested", "passes"), [(timedelta(days=2), True), (timedelta(days=3), False)])
def test_young_days_may_move(warehouse: Warehouse, totals: AccountTotals, requested: timedelta, passes: bool) -> None:
    """Until two days after it a day may differ by 1 %, and by one; from then on by nothing."""
    requested_at = datetime.combine(WINDOW.last, datetime.min.time(), UTC) + requested
    moved = dict(totals.days) | {WINDOW.last: SOLE | {"impressions": Decimal(202)}}
    totals = replace(totals, days=moved, requested_at=requested_at)
    assert (failures(warehouse, totals) == []) is passes


def test_money_may_differ_by_a_cent_a_day(warehouse: Warehouse, totals: AccountTotals) -> None:
    """LinkedIn's totals are rounded once, ours row by row."""
    near = dict(totals.days) | {date(2026, 11, 1): SOLE | {"cost_in_local_currency": Decimal("2.51")}}
    assert failures(warehouse, replace(totals, days=near)) == []
    far = dict(totals.days) | {date(2026, 11, 1): SOLE | {"cost_in_local_currency": Decimal("2.52")}}
    assert len(failures(warehouse, replace(totals, days=far))) == 1


@pytest.mark.parametrize("column", ["impressions", "cost_in_local_currency"])
def test_a_metric_that_a_row_does_not_know_is_not_compared(
    warehouse: Warehouse, totals: AccountTotals, column: str
) -> None:
    """On the day of a null, and over the window, the sum is unknown; the other days and metrics are compared."""
    place = METRIC_COLUMNS.index(column)
    rows = metric_rows([1, 2], WINDOW)
    load_metrics(warehouse, [(*rows[0][:place], None, *rows[0][place + 1 :]), *rows[1:]])
    assert failures(warehouse, totals) == []
    compared = warehouse.reconcile(totals, assets=CAMPAIGNS, run_id="run").comparisons
    assert {comparison.metric for comparison in compared} == set(SOLE) - {column}


def test_a_total_that_is_not_given_is_not_compared(warehouse: Warehouse, totals: AccountTotals) -> None:
    """A null in LinkedIn's totals is unknown, not zero."""
    unknown = dict(totals.days) | {WINDOW.start: SOLE | {"clicks": None}}
    assert failures(warehouse, replace(totals, days=unknown, whole=dict(totals.whole) | {"clicks": None})) == []


def test_records_in_quarantine_are_named_as_a_cause(warehouse: Warehouse, engine: Engine) -> None:
    """Of a day whose record was refused there is no row to compare: the advice names the command that says why."""
    rows = [row for row in metric_rows([1, 2], WINDOW) if row[:2] != (2, WINDOW.start)]
    elsewhere = [rejection(f"3|{WINDOW.last}")]
    load_metrics(warehouse, rows, rejected=[rejection(f"2|{WINDOW.start}"), *elsewhere])
    warehouse.reconcile(true_totals(), assets=CAMPAIGNS, run_id="run")
    [state] = [
        failed_state
        for failed_state in CheckStates(engine).not_passed([ACCOUNT])
        if failed_state.check is Check.RECONCILIATION
    ]
    assert isinstance(state.facts, Reconciliation)
    assert state.facts.refused == 1
    fix = words_of(state).fix
    assert fix.startswith(f"1 record of these days is in quarantine, `lac rejects --account {ACCOUNT} --asset camp")
    assert fix.endswith(f"--since {WINDOW.start} --until {WINDOW.start} --force`")


def test_nothing_compared_is_not_agreement(warehouse: Warehouse, engine: Engine, totals: AccountTotals) -> None:
    """Where no metric is known on both sides the check could not be evaluated, and does not pass."""
    nothing = replace(totals, metrics=())
    warehouse.reconcile(nothing, assets=CAMPAIGNS, run_id="run")
    [state] = CheckStates(engine).not_passed([ACCOUNT])
    assert (state.passed, state.facts) == (None, NotCompared(UNKNOWN))


def reconciliations(engine: Engine) -> list[tuple[bool | None, Facts, DateWindow | None]]:
    """What holds of the comparisons."""
    states = CheckStates(engine).of([ACCOUNT], check=Check.RECONCILIATION)
    return [(state.passed, state.facts, state.window) for state in states]


def test_a_load_says_that_its_days_are_not_compared_yet(
    warehouse: Warehouse, engine: Engine, totals: AccountTotals
) -> None:
    """A run that ends between a load and its check leaves neither agreement nor silence; the comparison replaces it."""
    assert reconciliations(engine) == [(None, NotCompared(NOT_YET), WINDOW)]
    assert failures(warehouse, totals) == []
    assert reconciliations(engine) == [(True, Reconciliation(compared=3), WINDOW)]
    later = DateWindow(WINDOW.start + timedelta(days=5), WINDOW.end)
    load_metrics(warehouse, metric_rows([1, 2], later), later)
    assert (None, NotCompared(NOT_YET), later) in reconciliations(engine)


def test_a_load_does_not_end_an_earlier_failure(warehouse: Warehouse, engine: Engine, totals: AccountTotals) -> None:
    """Days that differed stay so until they are compared again, also where they were loaded meanwhile."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    assert failures(warehouse, totals)
    load_metrics(warehouse, metric_rows([1, 2], WINDOW))
    assert [passed for passed, _, _ in reconciliations(engine)] == [False, None]
    assert failures(warehouse, totals) == []
    assert [passed for passed, _, _ in reconciliations(engine)] == [True]


def test_the_day_that_still_runs_is_not_expected_to_be_compared(engine: Engine) -> None:
    """Its numbers move between two calls: a load of it alone waits for no comparison, one that ends in it up to it."""
    noon = datetime.combine(WINDOW.last, datetime.min.time(), UTC) + timedelta(hours=12)
    warehouse = Warehouse(engine, clock=lambda: noon)
    today = DateWindow.inclusive(WINDOW.last, WINDOW.last)
    load_metrics(warehouse, metric_rows([1], today), today)
    assert reconciliations(engine) == []
    load_metrics(warehouse, metric_rows([1], WINDOW))
    assert reconciliations(engine) == [(None, NotCompared(NOT_YET), DateWindow(WINDOW.start, WINDOW.last))]


class TestComparedAgain:
    """Without LinkedIn, the tables are compared with the totals that an earlier run read."""

    @pytest.fixture
    def compared(self, warehouse: Warehouse, totals: AccountTotals) -> Warehouse:
        """A warehouse whose table agreed with LinkedIn."""
        assert failures(warehouse, totals) == []
        return warehouse

    def again(self, warehouse: Warehouse) -> list[tuple[bool | None, Facts]]:
        """What comes of it."""
        found = warehouse.compare_again(CAMPAIGNS[0], ACCOUNT, run_id="again")
        return [(state.passed, state.facts) for state in found]

    def test_what_agreed_agrees(self, compared: Warehouse) -> None:
        """Three totals of the window are compared, none of them differs."""
        assert self.again(compared) == [(True, Reconciliation(compared=3))]

    def test_rows_that_were_lost_since_are_found(self, compared: Warehouse, engine: Engine) -> None:
        """A day deleted by hand makes the window's totals differ, which is kept as the account's result."""
        table = table_of(CampaignDailyMetric)
        with engine.begin() as connection:
            connection.execute(delete(table).where(table.c.date == WINDOW.start))
        [(passed, facts)] = self.again(compared)
        assert isinstance(facts, Reconciliation)
        assert (passed, facts.compared, facts.differing) == (False, 3, 3)
        assert {difference.metric: difference.linkedin - difference.ours for difference in facts.differences} == SOLE
        assert [state.passed for state in CheckStates(engine).of([ACCOUNT], check=Check.RECONCILIATION)] == [False]

    def test_days_that_differed_are_compared_again(
        self, warehouse: Warehouse, engine: Engine, totals: AccountTotals
    ) -> None:
        """A failure about earlier days is resolved when their rows are right again, and only then."""
        day = DateWindow.inclusive(WINDOW.start, WINDOW.start)
        table = table_of(CampaignDailyMetric)
        with engine.begin() as connection:
            connection.execute(update(table).where(table.c.date == day.start).values(clicks=0))
        assert len(failures(warehouse, totals)) == 2
        later = replace(totals, window=DateWindow(WINDOW.start + timedelta(days=5), WINDOW.end))
        later = replace(later, whole={name: value * later.window.days for name, value in SOLE.items()})
        assert list(warehouse.reconcile(later, assets=CAMPAIGNS, run_id="later").failures) == []
        states = CheckStates(engine)
        self.again(warehouse)
        assert [state.window for state in states.not_passed([ACCOUNT])] == [day]
        with engine.begin() as connection:
            connection.execute(update(table).where(table.c.date == day.start).values(clicks=3))
        warehouse.compare_again(CAMPAIGNS[0], ACCOUNT, run_id="once more")
        assert states.not_passed([ACCOUNT]) == []

    def test_totals_older_than_the_rows_are_not_compared(self, warehouse: Warehouse, totals: AccountTotals) -> None:
        """When the days were loaded after LinkedIn's totals were read, the two cannot be compared."""
        before = replace(totals, requested_at=datetime(2026, 11, 12, tzinfo=UTC))
        warehouse.reconcile(before, assets=CAMPAIGNS, run_id="run")
        load_metrics(warehouse, metric_rows([1, 2], WINDOW))
        assert self.again(warehouse) == [(None, NotCompared(LOADED_SINCE))]

    def test_a_clock_that_ran_ahead_hides_no_later_load(self, warehouse: Warehouse, totals: AccountTotals) -> None:
        """Totals read under a clock that was ahead by years are older than the rows that were loaded after them."""
        warehouse.reconcile(
            replace(totals, requested_at=datetime(2099, 1, 1, tzinfo=UTC)), assets=CAMPAIGNS, run_id="run"
        )
        load_metrics(warehouse, metric_rows([1, 2, 3], WINDOW))
        assert self.again(warehouse) == [(None, NotCompared(LOADED_SINCE))]

    def test_without_stored_totals_nothing_is_compared(self, warehouse: Warehouse) -> None:
        """A load that was never compared is reported; an account that was never loaded has no result."""
        assert self.again(warehouse) == []
        load_metrics(warehouse, metric_rows([1, 2], WINDOW))
        assert self.again(warehouse) == [(None, NotCompared(NEVER))]
