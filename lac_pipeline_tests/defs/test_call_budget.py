"""What the default set costs in calls to adAnalytics: counted, not timed."""

from __future__ import annotations

import pytest

from benchmarks.stream_calls import FIRST_SYNC, REFRESH, Measured, Shape, analytics_calls, default_settings, measure
from lac_pipeline.linkedin.metrics import MAX_ELEMENTS


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Every stream of the default set, read for an account of 40 campaigns, 160 creatives and 90 days."""
    return measure(Shape(), default_settings(Shape()))


def test_each_stream_takes_the_fewest_calls_possible(measured: Measured) -> None:
    """No page, window or metric is requested twice; rows that no response holds take what the planner promises."""
    for stream in measured.streams:
        for calls in (stream.first, stream.refresh):
            most = calls.floor if calls.rows <= MAX_ELEMENTS else 1.3 * calls.floor + 1
            assert calls.floor <= calls.made <= most, stream.name
    assert all(stream.first.rows > 0 and stream.refresh.rows > 0 for stream in measured.streams)


def test_the_default_set_stays_within_its_budget(measured: Measured) -> None:
    """At most 15 calls to adAnalytics for an account's first sync, and 8 for a refresh with the check of its totals.

    What LinkedIn gives for short ranges of days only is not among the 15.
    """
    assert analytics_calls(measured.usual)[0] <= FIRST_SYNC
    assert measured.refresh <= REFRESH
    assert (measured.check.first.made, measured.check.refresh.made) == (2, 1)
