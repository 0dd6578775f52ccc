"""The words of failed checks: numbers that agree with their nouns, and accounts by name."""

from __future__ import annotations

import pytest

from lac_pipeline.printable import counted
from lac_pipeline.reporting.check_wording import described, words_of
from lac_pipeline.warehouse.check_results import (
    Check,
    CheckState,
    EntitiesRead,
    MissingParts,
    Reconciliation,
    RejectedShare,
    RowFindings,
)
from lac_pipeline.warehouse.query.account_labels import AccountNames

ACCOUNT = 510000001


def state_of(check: Check, facts: object) -> CheckState:
    """A result that did not pass."""
    return CheckState(check, "campaign_daily_metrics", ACCOUNT, False, facts, None, "run")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check", "facts", "problem"),
    [
        (Check.FACTS_HAVE_ENTITIES, RowFindings(1), "1 campaign or creative has metrics but no row of its own"),
        (Check.FACTS_HAVE_ENTITIES, RowFindings(2), "2 campaigns or creatives have metrics but no row of their own"),
        (Check.NO_FUTURE_FACTS, RowFindings(1), "1 row is about a day to come"),
        (Check.NO_NEGATIVE_NUMBERS, RowFindings(1), "1 row has a metric below zero"),
        (Check.ADDS_UP, RowFindings(1), "on 1 day of an entity"),
        (Check.PARTS_ADD_UP, RowFindings(1), "on 1 campaign day"),
        (Check.REACH_LEVELS, RowFindings(1), "in 1 row the reach"),
        (Check.REJECTED_SHARE, RejectedShare(1, 2), "1 of 2 records was rejected"),
        (Check.ENTITIES_READ, EntitiesRead(1, 1), "1 of 1 campaign is up to date"),
        (Check.RECONCILIATION, Reconciliation(18, 1, ()), "1 of 18 totals differs from LinkedIn's"),
        (Check.PARTS_READ, MissingParts(("clicks",)), "clicks was chosen after"),
    ],
)
def test_a_number_agrees_with_its_noun(check: Check, facts: object, problem: str) -> None:
    """A check that found one thing is described in the singular, noun and verb."""
    assert words_of(state_of(check, facts)).problem.startswith(problem)


@pytest.mark.parametrize(("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_345, "12,345 rows")])
def test_a_noun_is_counted(number: int, text: str) -> None:
    """Only after 1 a noun stands in the singular."""
    assert counted(number, "row") == text


def test_a_failed_check_names_the_account() -> None:
    """A name that is known stands beside the id; an id without a name stands alone."""
    state = state_of(Check.NO_FUTURE_FACTS, RowFindings(3))
    assert described(state, AccountNames({ACCOUNT: "Acme"})).startswith(f"account Acme ({ACCOUNT}), campaign_daily")
    assert described(state).startswith(f"account {ACCOUNT}, campaign_daily")
