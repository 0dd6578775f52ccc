"""How the partition keys of a run fold into what is fetched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.defs.partitions import fold
from lac_pipeline.errors import PartitionError
from lac_pipeline.windows import DateWindow

ACCOUNTS = st.integers(1, 9).map(lambda n: str(510000000 + n))
DAYS = st.integers(0, 40).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


@given(st.sets(st.tuples(ACCOUNTS, DAYS), min_size=1, max_size=80))
def test_folding_keeps_exactly_the_keys(cells: set[tuple[str, date]]) -> None:
    """Any set of account and day cells, a rectangle or not, is covered by its windows once and nothing else is."""
    keys = {f"{account}|{day}" for account, day in cells}
    folded = fold(keys)
    assert sorted(key for part in folded for key in part.keys) == sorted(keys)
    covered = {(str(part.account_id), day) for part in folded if part.window for day in part.window}
    assert covered == cells


def test_an_account_without_days_folds_to_itself() -> None:
    """Entities are partitioned by account alone."""
    assert [(part.account_id, part.window, part.keys) for part in fold(["510000002", "510000001"])] == [
        (510000001, None, ("510000001",)),
        (510000002, None, ("510000002",)),
    ]


def test_months_fold_to_whole_months() -> None:
    """The key of a month stands for all of its days, and adjacent months for one window."""
    (folded,) = fold(["510000001|2026-10-01", "510000001|2026-09-01"], monthly=True)
    assert folded.window == DateWindow(date(2026, 9, 1), date(2026, 11, 1))
    assert folded.keys == ("510000001|2026-09-01", "510000001|2026-10-01")


def test_an_account_that_is_not_a_number_is_refused() -> None:
    """Anybody can type a partition in the UI; what cannot be an account id is refused with the way out."""
    with pytest.raises(PartitionError, match="'northwind' is not the id of an ad account"):
        fold(["northwind|2026-01-01"])
