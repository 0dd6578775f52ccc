"""Token buckets: how long until the next request may go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lac_pipeline.linkedin.throttle import TokenBucket
from lac_pipeline_tests.linkedin.doubles import Clock


def test_a_second_of_requests_goes_at_once_and_the_rest_in_step() -> None:
    """A bucket of four a second lets four go, then one every quarter of a second."""
    bucket = TokenBucket(4, clock=Clock())
    assert [bucket.book().total_seconds() for _ in range(7)] == [0, 0, 0, 0, 0.25, 0.5, 0.75]


def test_an_idle_bucket_fills_up_to_one_second_and_no_further() -> None:
    """An hour without requests earns a burst of one second, not of an hour."""
    clock = Clock()
    bucket = TokenBucket(2, clock=clock)
    bucket.book()
    clock.now += timedelta(hours=1)
    assert [bucket.book().total_seconds() for _ in range(4)] == [0, 0, 0.5, 1.0]


def test_a_rate_below_one_a_second_spaces_every_request() -> None:
    """Half a request a second is one every two seconds."""
    bucket = TokenBucket(0.5, clock=Clock())
    assert [bucket.book().total_seconds() for _ in range(3)] == [0, 2, 4]


@given(rate=st.floats(0.5, 50), pauses=st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_second_ever_sees_more_than_its_burst_and_its_rate(rate: float, pauses: list[float]) -> None:
    """Whatever the callers do, any window of one second admits at most a burst and a second's worth."""
    clock = Clock()
    bucket = TokenBucket(rate, clock=clock)
    sent = []
    for pause in pauses:
        clock.now += timedelta(seconds=pause)
        clock.now += bucket.book()
        sent.append(clock.now)
    most = max(sum(start <= other < start + timedelta(seconds=1) for other in sent) for start in sent)
    assert most <= 2 * max(1.0, rate) + 1


@pytest.mark.parametrize("rate", [1, 3, 1000])
def test_the_first_request_never_waits(rate: float) -> None:
    """A fresh bucket is full."""
    assert not TokenBucket(rate, clock=Clock()).book()
