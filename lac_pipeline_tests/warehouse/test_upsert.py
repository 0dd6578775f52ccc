"""What a load does to the rows of a table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, update

from lac_pipeline.errors import StorageError
from lac_pipeline.warehouse.schema.tables import Campaign, CampaignDailyMetric
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.warehouse.loads import (
    ACCOUNT,
    METRIC_COLUMNS,
    WINDOW,
    begin_metrics,
    campaign_rows,
    counts,
    load,
    load_campaigns,
    load_metrics,
    metric_rows,
    stored,
)


def test_upsert_no_duplicate(warehouse: Warehouse, engine: Engine) -> None:
    """Loading the same rows twice leaves each of them once."""
    rows = metric_rows(range(5), WINDOW)
    assert counts(load_metrics(warehouse, rows)) == (50, 0, 0, 0)
    before = stored(engine, CampaignDailyMetric)
    assert counts(load_metrics(warehouse, rows)) == (0, 0, 50, 0)
    assert stored(engine, CampaignDailyMetric) == before


def test_upsert_preserves_created_at(warehouse: Warehouse, engine: Engine) -> None:
    """`created_at` stays when a row's values change, and `updated_at` moves."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    before = stored(engine, CampaignDailyMetric, "created_at", "updated_at")
    load_metrics(warehouse, metric_rows([1], WINDOW, impressions=101))
    after = stored(engine, CampaignDailyMetric, "created_at", "updated_at")
    assert [created for created, _ in after] == [created for created, _ in before]
    assert all(new > old for (_, new), (_, old) in zip(after, before, strict=True))


def test_unchanged_rows_are_not_touched(warehouse: Warehouse, engine: Engine) -> None:
    """`updated_at` stays where no value changed, also beside a row that did."""
    load_metrics(warehouse, metric_rows([1, 2], WINDOW))
    load_metrics(warehouse, metric_rows([1], WINDOW) + metric_rows([2], WINDOW, impressions=7))
    times = stored(engine, CampaignDailyMetric, "campaign_id", "created_at", "updated_at")
    assert {campaign for campaign, created, updated in times if updated > created} == {2}


def test_equal_amounts_of_another_scale_are_unchanged(warehouse: Warehouse) -> None:
    """LinkedIn's 1.5 and 1.50 are the same money."""
    columns = ("campaign_id", "date", "account_id", "cost_in_local_currency")
    day = WINDOW.start
    load_metrics(warehouse, [(1, day, ACCOUNT, Decimal("1.5"))], columns=columns)
    again = load_metrics(warehouse, [(1, day, ACCOUNT, Decimal("1.500"))], columns=columns)
    assert counts(again) == (0, 0, 1, 0)


def test_counts_show_new_changed_equal_and_gone(warehouse: Warehouse) -> None:
    """Every row of a window is counted once, as what happened to it."""
    load_metrics(warehouse, metric_rows([1, 2, 3], WINDOW))
    rows = metric_rows([1], WINDOW) + metric_rows([2], WINDOW, impressions=1) + metric_rows([4, 5], WINDOW)
    assert counts(load_metrics(warehouse, rows)) == (20, 10, 10, 10)


def test_pruning_stays_within_the_window_and_account(warehouse: Warehouse, engine: Engine) -> None:
    """Days outside the window and other accounts keep their rows when nothing is returned."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    other = [(9, day, 7, 1, 1, Decimal(1)) for day in WINDOW]
    load(warehouse, begin_metrics(warehouse, account_id=7), other)
    tail = DateWindow(date(2026, 11, 6), WINDOW.end)
    assert load_metrics(warehouse, [], tail).pruned == 5
    left = stored(engine, CampaignDailyMetric, "campaign_id", "date")
    assert left == [(1, day) for day in WINDOW if day not in tail] + [(9, day) for day in WINDOW]


def test_only_the_requested_columns_are_compared_and_written(warehouse: Warehouse, engine: Engine) -> None:
    """A load of other metrics leaves those that it does not bring as they are."""
    load_metrics(warehouse, metric_rows([1], [WINDOW.start], impressions=100))
    leads = ("campaign_id", "date", "account_id", "one_click_leads")
    assert counts(load_metrics(warehouse, [(1, WINDOW.start, ACCOUNT, 4)], columns=leads)) == (0, 1, 0, 0)
    assert counts(load_metrics(warehouse, [(1, WINDOW.start, ACCOUNT, 4)], columns=leads)) == (0, 0, 1, 0)
    assert stored(engine, CampaignDailyMetric, "impressions", "one_click_leads") == [(100, 4)]


def test_a_row_that_moved_to_another_account_is_updated(warehouse: Warehouse, engine: Engine) -> None:
    """A key that another account had is taken over instead of colliding."""
    load_metrics(warehouse, metric_rows([1], [WINDOW.start]))
    moved = [(1, WINDOW.start, 7, 100, 3, Decimal("1.25"))]
    assert counts(load(warehouse, begin_metrics(warehouse, account_id=7), moved)) == (0, 1, 0, 0)
    assert stored(engine, CampaignDailyMetric, "campaign_id", "account_id") == [(1, 7)]


def test_a_first_load_takes_over_some_keys_and_inserts_the_others(warehouse: Warehouse, engine: Engine) -> None:
    """Of an account without rows, those whose keys another one had are updated, and the others inserted."""
    load_metrics(warehouse, metric_rows([1, 2], [WINDOW.start]))
    before = stored(engine, CampaignDailyMetric, "campaign_id", "created_at")
    rows = [(campaign, WINDOW.start, 7, 100, 3, Decimal("1.25")) for campaign in (2, 3)]
    assert counts(load(warehouse, begin_metrics(warehouse, account_id=7), rows)) == (1, 1, 0, 0)
    assert stored(engine, CampaignDailyMetric, "campaign_id", "account_id") == [(1, ACCOUNT), (2, 7), (3, 7)]
    assert stored(engine, CampaignDailyMetric, "campaign_id", "created_at")[:2] == before


@pytest.mark.parametrize("before", [[], [7]], ids=["first load", "later load"])
def test_two_rows_of_one_key_are_refused(warehouse: Warehouse, engine: Engine, before: list[int]) -> None:
    """Two different responses for one campaign and day are never settled by chance."""
    load_metrics(warehouse, metric_rows(before, [WINDOW.start]))
    rows = metric_rows([1], [WINDOW.start]) + metric_rows([1], [WINDOW.start], impressions=5)
    with pytest.raises(StorageError, match="duplicated"):
        load_metrics(warehouse, rows)
    assert [key for (key,) in stored(engine, CampaignDailyMetric, "campaign_id")] == before


@pytest.mark.parametrize(
    "row",
    [(1, date(2026, 10, 31), ACCOUNT, 1, 1, Decimal(1)), (1, WINDOW.start, 7, 1, 1, Decimal(1))],
    ids=["day outside the window", "another account"],
)
def test_rows_that_were_not_requested_are_refused(warehouse: Warehouse, row: tuple[object, ...]) -> None:
    """A row outside the attempt's window or account stops the load, for no later load would ever prune it."""
    with pytest.raises(StorageError, match="1 row for campaign_daily_metrics is of another account or outside"):
        load_metrics(warehouse, [row])


def test_totals_are_those_of_the_loaded_rows(warehouse: Warehouse) -> None:
    """Spend stays exact, impressions are a whole number, and entities have neither."""
    result = load_metrics(warehouse, metric_rows(range(3), WINDOW))
    assert (result.spend, result.impressions) == (Decimal("37.50"), 3000)
    assert load_campaigns(warehouse, campaign_rows([1])).spend is None


def test_a_metric_that_is_not_given_is_null(warehouse: Warehouse, engine: Engine) -> None:
    """A null replaces the stored value of the metric, and makes the load's total unknown instead of smaller."""
    load_metrics(warehouse, metric_rows([1, 2], [WINDOW.start]))
    null: list[tuple[object, ...]] = [(1, WINDOW.start, ACCOUNT, None, 3, None)]
    result = load_metrics(warehouse, null + metric_rows([2], [WINDOW.start]))
    assert (counts(result), result.spend, result.impressions) == ((0, 1, 1, 0), None, None)
    found = stored(engine, CampaignDailyMetric, "impressions", "clicks", "cost_in_local_currency")
    assert found == [(None, 3, None), (100, 3, Decimal("1.25"))]


def test_entities_are_confirmed_one_by_one(warehouse: Warehouse, engine: Engine) -> None:
    """`fetched_at` of an unchanged campaign moves to the start of the last fetch; `updated_at` does not."""
    load_campaigns(warehouse, campaign_rows([1]))
    [(created, updated, fetched)] = stored(engine, Campaign, "created_at", "updated_at", "fetched_at")
    result = load_campaigns(warehouse, campaign_rows([1]))
    assert counts(result) == (0, 0, 1, 0)
    times = stored(engine, Campaign, "created_at", "updated_at", "fetched_at")
    assert times == [(created, updated, result.started_at)]
    assert result.started_at > fetched


def test_an_entity_that_is_gone_is_marked_and_one_that_is_back_is_not(warehouse: Warehouse, engine: Engine) -> None:
    """`removed_at` is the time since when LinkedIn no longer returns a campaign; its return counts as an update."""
    load_campaigns(warehouse, campaign_rows([1, 2]))
    gone = load_campaigns(warehouse, campaign_rows([1]))
    assert counts(gone) == (0, 0, 1, 1)
    assert stored(engine, Campaign, "id", "removed_at") == [(1, None), (2, gone.started_at)]
    assert counts(load_campaigns(warehouse, campaign_rows([1]))) == (0, 0, 1, 0)
    assert counts(load_campaigns(warehouse, campaign_rows([1, 2]))) == (0, 1, 1, 0)
    assert stored(engine, Campaign, "id", "removed_at") == [(1, None), (2, None)]


def test_an_entity_returned_twice_is_stored_as_it_came_last(warehouse: Warehouse, engine: Engine) -> None:
    """A campaign that moves between two pages while they are read is no error."""
    rows = campaign_rows([1, 2]) + campaign_rows([1], status="PAUSED")
    assert counts(load_campaigns(warehouse, rows)) == (2, 0, 0, 0)
    assert stored(engine, Campaign, "id", "status") == [(1, "PAUSED"), (2, "ACTIVE")]


def test_nested_objects_are_compared_by_value(warehouse: Warehouse) -> None:
    """The order of an object's keys is no change; another value deep inside is one."""
    columns = ("id", "account_id", "targeting_criteria")
    first, second = {"a": {"x": 1, "y": [1, Decimal("2.5")]}}, {"a": {"y": [1, Decimal("2.50")], "x": 1}}
    load_campaigns(warehouse, [(1, ACCOUNT, first)], columns=columns)
    assert counts(load_campaigns(warehouse, [(1, ACCOUNT, second)], columns=columns)) == (0, 0, 1, 0)
    other = {"a": {"x": 1, "y": [1, Decimal("2.6")]}}
    assert counts(load_campaigns(warehouse, [(1, ACCOUNT, other)], columns=columns)) == (0, 1, 0, 0)


def test_rows_changed_by_hand_are_put_right(warehouse: Warehouse, engine: Engine) -> None:
    """A load compares with what the table holds, not with what the last load brought."""
    load_metrics(warehouse, metric_rows([1], WINDOW))
    with engine.begin() as connection:
        connection.execute(update(CampaignDailyMetric).values(impressions=0))
    assert counts(load_metrics(warehouse, metric_rows([1], WINDOW))) == (0, 10, 0, 0)
    assert {row[3] for row in stored(engine, CampaignDailyMetric, *METRIC_COLUMNS)} == {100}
