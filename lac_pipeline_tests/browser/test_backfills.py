"""Backfills of many ad accounts over a running Dagster: how many runs, what fails, and how it is done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from lac_pipeline.clock import utc_now
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline.simulator.world.world import World
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.browser.backfills import (
    Backfill,
    ended,
    keys_of,
    launch,
    reexecute_failed,
    states,
    stored,
    truth,
)
from lac_pipeline_tests.browser.conftest import Eyes, Stack, running_stack

pytestmark = pytest.mark.slow

CAMPAIGNS, CREATIVES = "campaign_daily_metrics", "creative_daily_metrics"
CALLS_OF_A_RUN = 3
"""One for the rows, two for the account's own totals, with which the rows are compared."""

_METADATA = """query Metadata($asset: AssetKeyInput!, $partitions: [String!]) { assetOrError(assetKey: $asset) {
  ... on Asset { assetMaterializations(partitions: $partitions, limit: 1) { metadataEntries { label
    ... on IntMetadataEntry { intValue } } } } } }"""


def days_ago(first: int, last: int) -> DateWindow:
    """The days from so many days ago to so many."""
    today = utc_now().date()
    return DateWindow.inclusive(today - timedelta(days=first), today - timedelta(days=last))


WEEKS, DAYS = days_ago(14, 1), days_ago(20, 18)
"""More days than accounts, of which Dagster makes a run for each account; and fewer, a run for each day."""


@pytest.fixture(scope="module")
def stack(server: EmbeddedServer) -> Iterator[Stack]:
    """Ten accounts of which nothing is loaded, and no sensor that would load them."""
    world = World.synthetic(accounts=10, campaigns=3, creatives=4, days=60)
    with running_stack(world, server, name="backfills", loaded=False, sensors=False) as running:
        yield running


@dataclass(frozen=True)
class HalfDone:
    """Two backfills while LinkedIn hid some of the accounts: one of weeks, one of a few days."""

    hidden: list[str]
    weeks: Backfill
    days: Backfill


@pytest.fixture(scope="module")
def half_done(stack: Stack) -> HalfDone:
    """The backfills are over, and the accounts are shared again."""
    hidden = [stack.accounts[3], stack.accounts[8]]
    for account in hidden:
        stack.world.edit.forbid(int(account))
    weeks = launch(stack.dagster, CREATIVES, keys_of(stack.accounts, WEEKS))
    days = launch(stack.dagster, CAMPAIGNS, keys_of(stack.accounts, DAYS))
    done = HalfDone(hidden, ended(stack.dagster, weeks), ended(stack.dagster, days))
    for account in hidden:
        stack.world.edit.allow(int(account))
    return done


def loads(stack: Stack, backfill: Backfill) -> Counter[str]:
    """How often the runs of a backfill loaded each account and day."""
    attempts = [
        attempt.attempt
        for run in backfill.runs
        for attempt in stack.warehouse.read.attempts_of(run)
        if is_done(attempt)
    ]
    return Counter(
        key for attempt in attempts if attempt.window for key in keys_of([str(attempt.account_id)], attempt.window)
    )


def is_done(record: Any) -> bool:  # noqa: ANN401 - what `attempts_of` lists
    """Whether an attempt stored its rows."""
    return bool(record.status == "success")


def numbers_of(stack: Stack, asset: str, key: str) -> dict[str, int]:
    """The counts in the latest materialization of a partition."""
    response = stack.dagster.execute(_METADATA, asset={"path": [asset]}, partitions=[key])
    (event,) = response["assetOrError"]["assetMaterializations"]
    return {entry["label"]: entry["intValue"] for entry in event["metadataEntries"] if "intValue" in entry}


def test_ten_accounts_are_ten_runs(stack: Stack) -> None:
    """A backfill of ten accounts over two weeks is one run of each account, and a handful of calls each."""
    requested = keys_of(stack.accounts, WEEKS)
    calls = stack.world.calls.copy()
    backfill = ended(stack.dagster, launch(stack.dagster, CAMPAIGNS, requested))
    spent = stack.world.calls - calls
    attempts = [stack.warehouse.read.attempts_of(run) for run in backfill.runs]
    assert (backfill.status, list(backfill.runs.values())) == ("COMPLETED_SUCCESS", ["SUCCESS"] * 10)
    assert [len(of_run) for of_run in attempts] == [1] * 10
    assert sorted(str(attempt.attempt.account_id) for (attempt,) in attempts) == stack.accounts
    assert {attempt.attempt.window for (attempt,) in attempts} == {WEEKS}
    assert spent.total() <= CALLS_OF_A_RUN * 10
    assert set(requested) <= states(stack.dagster, CAMPAIGNS)[0]
    for account in stack.accounts:
        assert stored(stack, CAMPAIGNS, account, WEEKS) == truth(stack, CAMPAIGNS, account, WEEKS) != []


def test_what_could_not_be_read_is_red_and_the_rest_green(stack: Stack, half_done: HalfDone) -> None:
    """With a run for each account, those of the hidden accounts fail, and the others are not touched by it."""
    hidden, shown = half_done.hidden, [account for account in stack.accounts if account not in half_done.hidden]
    green, red = states(stack.dagster, CREATIVES)
    assert (half_done.weeks.status, len(half_done.weeks.runs)) == ("COMPLETED_FAILED", 10)
    assert Counter(half_done.weeks.runs.values()) == {"SUCCESS": 8, "FAILURE": 2}
    assert green == set(keys_of(shown, WEEKS))
    assert red == set(keys_of(hidden, WEEKS))


def test_a_run_of_many_accounts_fails_for_the_hidden_ones_alone(stack: Stack, half_done: HalfDone) -> None:
    """Fewer days than accounts are a run for each day: it fails, but the accounts that were read are green."""
    hidden, shown = half_done.hidden, [account for account in stack.accounts if account not in half_done.hidden]
    green, red = states(stack.dagster, CAMPAIGNS)
    assert list(half_done.days.runs.values()) == ["FAILURE"] * 3
    assert set(keys_of(shown, DAYS)) <= green
    assert red == set(keys_of(hidden, DAYS))


def test_the_page_shows_red_and_green(eyes: Eyes, half_done: HalfDone) -> None:
    """The asset's page tells which partitions failed, and the backfill's page offers to do those again."""
    eyes.open(f"/assets/{CREATIVES}?view=partitions")
    for text in ("Failed (28)", "Materialized (112)", *half_done.hidden):
        eyes.sees(text)
    eyes.picture("partitions-half-done")
    page = eyes.open(f"/runs/b/{half_done.weeks.id}")
    eyes.sees("100% completed")
    page.locator("button:has(svg), button:has([aria-label])").last.click()
    eyes.sees("Re-execute from failure")
    eyes.picture("backfill-half-done")


def test_reexecution_from_failure_does_only_what_is_missing(stack: Stack, half_done: HalfDone) -> None:
    """Once LinkedIn shows the accounts again, "Re-execute from failure" makes all green and loads nothing twice."""
    again = [reexecute_failed(stack.dagster, each.id) for each in (half_done.weeks, half_done.days)]
    weeks, days = (ended(stack.dagster, result) for result in again)
    for asset, window, first, second in (
        (CREATIVES, WEEKS, half_done.weeks, weeks),
        (CAMPAIGNS, DAYS, half_done.days, days),
    ):
        requested, missing = keys_of(stack.accounts, window), keys_of(half_done.hidden, window)
        green, red = states(stack.dagster, asset)
        assert (second.status, len(second.runs), second.partitions) == ("COMPLETED_SUCCESS", 2, len(missing))
        assert (set(requested) <= green, red) == (True, set())
        assert loads(stack, second) == Counter(missing)
        assert loads(stack, first) + loads(stack, second) == Counter(requested)
        for account in stack.accounts:
            assert stored(stack, asset, account, window) == truth(stack, asset, account, window) != []


def test_a_day_without_activity_is_green_with_no_rows(stack: Stack) -> None:
    """A partition on which nothing happened is materialized, and says that it has 0 rows."""
    quiet = days_ago(25, 25)
    stack.world.edit.vanish("adAccounts", int(stack.accounts[0]), quiet)
    (key,) = keys_of(stack.accounts[:1], quiet)
    backfill = ended(stack.dagster, launch(stack.dagster, CAMPAIGNS, [key]))
    assert backfill.status == "COMPLETED_SUCCESS"
    assert key in states(stack.dagster, CAMPAIGNS)[0]
    assert numbers_of(stack, CAMPAIGNS, key)["dagster/partition_row_count"] == 0
    assert numbers_of(stack, CAMPAIGNS, key)["fetched"] == 0
