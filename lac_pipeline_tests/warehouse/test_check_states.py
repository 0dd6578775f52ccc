"""Results of checks are kept for each account, and a failed one until its days are evaluated again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event

from lac_pipeline.linkedin.records import RejectedRecord
from lac_pipeline.warehouse.check_results import (
    Check,
    CheckState,
    Difference,
    Facts,
    Listing,
    NotCompared,
    PrimaryKey,
    Reconciliation,
    RejectedShare,
    RowFindings,
    Shrinkage,
    UnreadPivot,
    UnreadPivots,
    errors_in,
)
from lac_pipeline.warehouse.load.check_states import CheckStates
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    WINDOW,
    campaign_rows,
    load_campaigns,
    load_metrics,
    metric_rows,
)

OTHER = ACCOUNT + 1
DAILY = "campaign_daily_metrics"
DIFFERENT = Reconciliation(
    compared=9, differing=1, differences=(Difference(date(2026, 11, 3), "clicks", Decimal(6), Decimal(3)),)
)
FAILED = CheckState(Check.RECONCILIATION, DAILY, ACCOUNT, False, DIFFERENT, WINDOW, "run")
PASSED = replace(FAILED, passed=True, facts=Reconciliation(9))


@pytest.fixture
def states(engine: Engine) -> CheckStates:
    """No results yet."""
    return CheckStates(engine)


def days(first: int, last: int) -> DateWindow:
    """These days of November."""
    return DateWindow.inclusive(date(2026, 11, first), date(2026, 11, last))


def failed_windows(states: CheckStates, account_id: int = ACCOUNT) -> list[DateWindow | None]:
    """The days of what holds and did not pass."""
    return [state.window for state in states.not_passed([account_id])]


def rejected(count: int) -> list[RejectedRecord]:
    """Campaigns that failed validation."""
    return [
        RejectedRecord(str(900 + number), "status", "7", "not a text", {"id": 900 + number}) for number in range(count)
    ]


@pytest.mark.parametrize(
    ("check", "facts"),
    [
        (Check.REJECTED_SHARE, RejectedShare(12, 40)),
        (Check.SHRINK_GUARD, Shrinkage(40, 30)),
        (Check.PIVOTS_LOADED, UnreadPivots((UnreadPivot("MEMBER_COMPANY", "400 FIELD_INVALID"),))),
        (Check.PIVOTS_LOADED, UnreadPivots(())),
        (Check.RECONCILIATION, DIFFERENT),
        (Check.RECONCILIATION, NotCompared("LinkedIn did not respond")),
        (Check.NO_FUTURE_FACTS, RowFindings(2, ({"campaign_id": 1, "date": "2026-12-01", "lowest": None},))),
        (Check.UNIQUE_KEYS, PrimaryKey(("campaign_id", "date"))),
        (Check.ACCOUNT_LISTED, Listing(3)),
    ],
)
def test_facts_come_back_as_they_were(states: CheckStates, check: Check, facts: Facts) -> None:
    """The numbers behind a result are data when they are read, not text."""
    state = CheckState(check, DAILY, ACCOUNT, False, facts, None, "run")
    states.record([state])
    [found] = states.of([ACCOUNT])
    assert found.evaluated_at is not None
    assert replace(found, evaluated_at=None, id=None) == state


def test_a_good_result_of_another_account_hides_nothing(states: CheckStates) -> None:
    """Each account has its own result."""
    states.record([FAILED, replace(PASSED, account_id=OTHER)])
    assert [state.account_id for state in states.not_passed()] == [ACCOUNT]


def test_a_good_result_of_other_days_hides_nothing(states: CheckStates) -> None:
    """The newest result is there too, and what failed before stays until its days are evaluated again."""
    states.record([FAILED])
    states.record([replace(PASSED, window=days(20, 22))])
    assert failed_windows(states) == [WINDOW]
    assert [state.passed for state in states.of([ACCOUNT])] == [False, True]


@pytest.mark.parametrize(
    ("evaluated", "left"),
    [
        (days(1, 10), []),
        (days(1, 30), []),
        (days(1, 3), [days(4, 10)]),
        (days(9, 12), [days(1, 8)]),
        (days(4, 5), [days(1, 3), days(6, 10)]),
    ],
)
def test_a_failure_is_resolved_for_the_days_evaluated_again(
    states: CheckStates, evaluated: DateWindow, left: list[DateWindow]
) -> None:
    """A good result of some of the days leaves the others as they were."""
    states.record([FAILED])
    states.record([replace(PASSED, window=evaluated)])
    assert failed_windows(states) == left


def test_the_newest_failure_stands_for_its_days(states: CheckStates) -> None:
    """Failing twice over the same days is one result, with the numbers of the last time."""
    states.record([FAILED])
    states.record([replace(FAILED, facts=replace(DIFFERENT, differing=7), run_id="later")])
    assert [state.run_id for state in states.of([ACCOUNT])] == ["later"]


def test_what_could_not_be_evaluated_resolves_nothing(states: CheckStates) -> None:
    """A comparison that was not possible is shown beside the earlier failure, once however often it happens."""
    states.record([FAILED])
    for _ in range(3):
        states.record([replace(FAILED, passed=None, facts=NotCompared("no response"))])
    assert [state.passed for state in states.not_passed()] == [False, None]


def test_good_results_do_not_pile_up(states: CheckStates) -> None:
    """Of the results that passed only the newest is kept, whatever days it is about."""
    for day in range(1, 20):
        states.record([replace(PASSED, window=days(day, day))])
    assert len(states.of()) == 1


def test_results_stored_together_count_in_their_order(states: CheckStates) -> None:
    """Of two results of a check that come together the later one holds, beside failures of other days."""
    states.record([FAILED, replace(PASSED, window=days(1, 3)), replace(FAILED, account_id=OTHER)])
    assert failed_windows(states) == [days(4, 10)]
    assert failed_windows(states, OTHER) == [WINDOW]
    assert [state.passed for state in states.of([ACCOUNT])] == [True, False]


def test_many_results_take_as_many_statements_as_one(engine: Engine, states: CheckStates) -> None:
    """The checks of an asset, of all accounts of a run, are stored at once."""
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    taken = []
    for accounts in (1, 1, 30, 30):  # the second time each result takes an earlier one's place
        statements.clear()
        states.record(replace(PASSED, account_id=ACCOUNT + number) for number in range(accounts))
        taken.append(len(statements))
    assert taken == [3, 4, 4, 4]
    assert len(states.of()) == 30


def test_what_is_about_no_account_is_read_with_every_account(states: CheckStates) -> None:
    """A lost primary key concerns each account."""
    states.record([CheckState(Check.UNIQUE_KEYS, DAILY, None, False, PrimaryKey(("id",)), None, "run")])
    assert len(states.not_passed([ACCOUNT])) == 1


LISTED = CheckState(Check.ACCOUNT_LISTED, "accounts", ACCOUNT, False, Listing(1), None, "run")
LISTINGS = [replace(LISTED, account_id=account_id) for account_id in (None, ACCOUNT, OTHER)]


@pytest.mark.parametrize(("others", "left"), [(False, [ACCOUNT]), (True, [None, OTHER])])
def test_results_that_are_out_of_date_are_forgotten(states: CheckStates, others: bool, left: list[int | None]) -> None:
    """A check's results about some accounts are dropped, or about all others; those of other checks stay."""
    states.record([FAILED, *LISTINGS])
    assert states.forget(Check.ACCOUNT_LISTED, account_ids=[OTHER], others=others) == 3 - len(left)
    assert [state.account_id for state in states.of(check=Check.ACCOUNT_LISTED)] == left
    assert len(states.of(check=Check.RECONCILIATION)) == 1


class TestGuardsOfALoad:
    """What a load kept back is known from the moment it is committed."""

    @pytest.fixture
    def shrunk(self, warehouse: Warehouse) -> Warehouse:
        """A warehouse whose last load lacked most rows of ten days."""
        load_metrics(warehouse, metric_rows(range(1, 5), WINDOW))
        load_metrics(warehouse, metric_rows([1], WINDOW))
        return warehouse

    def test_rows_that_were_kept_are_a_failure(self, shrunk: Warehouse, states: CheckStates) -> None:
        """The result names both numbers and the days."""
        [failed] = errors_in(states.not_passed())
        assert (failed.check, failed.asset, failed.account_id) == (Check.SHRINK_GUARD, DAILY, ACCOUNT)
        assert (failed.facts, failed.window) == (Shrinkage(stored=40, missing=30), WINDOW)

    def test_a_load_of_other_days_does_not_resolve_it(self, shrunk: Warehouse, states: CheckStates) -> None:
        """The next nights read other days, and the failure stays."""
        later = days(20, 22)
        load_metrics(shrunk, metric_rows([1], later), later)
        assert [state.window for state in errors_in(states.not_passed())] == [WINDOW]

    def test_accepting_the_loss_resolves_it(self, shrunk: Warehouse, states: CheckStates) -> None:
        """`--accept-shrink` deletes the rows, and nothing is wrong any more."""
        load_metrics(shrunk, metric_rows([1], WINDOW), accept_shrink=True)
        assert errors_in(states.not_passed()) == []

    def test_many_rejected_records_are_a_failure_until_they_validate(
        self, warehouse: Warehouse, states: CheckStates
    ) -> None:
        """Twelve of fifty fail; the next load, in which all are valid, resolves it."""
        load_campaigns(warehouse, campaign_rows(range(1, 39)), rejected=rejected(12))
        [failed] = states.not_passed()
        assert (failed.check, failed.facts) == (Check.REJECTED_SHARE, RejectedShare(rejected=12, fetched=50))
        load_campaigns(warehouse, campaign_rows(range(1, 39)))
        assert states.not_passed() == []

    def test_few_rejected_records_are_no_failure(self, warehouse: Warehouse, states: CheckStates) -> None:
        """Nine records in quarantine are reported by the quarantine, whatever share of the fetch they are."""
        load_campaigns(warehouse, campaign_rows(range(1, 11)), rejected=rejected(9))
        assert states.not_passed() == []
