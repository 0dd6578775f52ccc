"""Any sequence of loads ends with the rows of the last load of each day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from lac_pipeline.warehouse.schema.tables import CampaignDailyMetric, SyncLog
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline.windows import DateWindow
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.warehouse.loads import ACCOUNT, METRIC_COLUMNS, begin_metrics, load, stored

FIRST = date(2026, 11, 1)
Batch = dict[tuple[int, date], int]


@st.composite
def responses(draw: st.DrawFn) -> tuple[DateWindow, Batch]:
    """A window within eight days, and the impressions of some campaigns on some of its days."""
    start = draw(st.integers(0, 7))
    window = DateWindow(FIRST + timedelta(start), FIRST + timedelta(draw(st.integers(start + 1, 8))))
    keys = st.tuples(st.integers(1, 3), st.sampled_from(list(window)))
    return window, draw(st.dictionaries(keys, st.integers(0, 2), max_size=12))


@examples(25, HealthCheck.function_scoped_fixture)
@given(fetches=st.lists(responses(), min_size=1, max_size=5), order=st.randoms(use_true_random=False))
def test_the_table_equals_the_latest_fetch_of_each_day(
    engine: Engine, fetches: list[tuple[DateWindow, Batch]], order: Random
) -> None:
    """However windows overlap and in whatever order fetches end, each day holds the response of its latest fetch."""
    warehouse = Warehouse(engine)
    with engine.begin() as connection:
        connection.execute(delete(SyncLog))
        connection.execute(delete(CampaignDailyMetric))
    begun = [(begin_metrics(warehouse, window), response) for window, response in fetches]
    truth: Batch = {}
    for window, response in fetches:
        truth = {key: value for key, value in truth.items() if key[1] not in window} | response
    order.shuffle(begun)
    for attempt, response in begun:
        rows = [(campaign, day, ACCOUNT, value, 0, Decimal(0)) for (campaign, day), value in response.items()]
        load(warehouse, attempt, rows)
    found = stored(engine, CampaignDailyMetric, *METRIC_COLUMNS[:4])
    assert {(campaign, day): value for campaign, day, _, value in found} == truth
